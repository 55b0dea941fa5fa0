import assert from "node:assert/strict";
import { hadNoRoom, signalsOf, taskOf, type LocalAnswerFacts } from "../../../../src/core/routing/signals";

const facts: LocalAnswerFacts = { question: "where is storeSoup defined?", kind: "model", sources: 3, leftOut: [], nothingFound: false, certainty: undefined, verdicts: [], chosen: false };
const kinds = (more: Partial<LocalAnswerFacts>): string => signalsOf({ ...facts, ...more }).map(({ kind }) => kind).join(" ");

describe("core/routing/signals", () => {
  it("a plain question with a plain answer gives none", () => assert.equal(kinds({}), ""));

  it("each observation gives its own", () => {
    assert.equal(kinds({ chosen: true }), "chosen");
    assert.equal(kinds({ nothingFound: true, kind: "index" }), "nothingFound");
    assert.equal(kinds({ verdicts: ["parses", "broken", "unchecked"] }), "doesNotParse");
    assert.equal(kinds({ verdicts: ["parses", "unchecked"] }), "");
    assert.equal(kinds({ certainty: { lowQuantile: 0.4, lowestRun: 0.5, tokens: 60 } }), "unsure");
    assert.equal(kinds({ question: "refactor the store" }), "task");
  });

  it("counts blocks that were checked, and places that had no room of all that were chosen", () => {
    const noRoom = { file: "a.ts", reason: "lines 3-90 did not fit (about 600 tokens)" };
    const excluded = { file: ".env", reason: "kept out: secret by name" };
    assert.deepEqual(signalsOf({ ...facts, verdicts: ["parses", "broken", "unchecked"], leftOut: [noRoom, excluded, noRoom] }), [
      { kind: "doesNotParse", blocks: 1, of: 2 },
      { kind: "didNotFit", leftOut: 2, of: 5 },
    ]);
  });

  it("knows the words in which the prompt says that something had no room", () => {
    for (const reason of ["lines 1-9 did not fit", "lines 1-9 did not fit (about 40 tokens)", "2 earlier questions and answers of this conversation did not fit"]) assert.ok(hadNoRoom({ file: "", reason }), reason);
    for (const reason of ["kept out: ignore file", "can no longer be read", "4 files were not indexed"]) assert.ok(!hadNoRoom({ file: "", reason }), reason);
  });

  it("an explanation looked up in the index is no failure; a change asked of it is", () => {
    assert.equal(kinds({ kind: "index", question: "what is Shelf" }), "");
    assert.equal(kinds({ kind: "model", question: "what is Shelf" }), "task");
    assert.deepEqual(signalsOf({ ...facts, kind: "index", question: "write a test for Shelf" }), [{ kind: "task", task: "write", byIndex: true }]);
  });

  const tasks: [string, string | undefined][] = [
    ["explain storeSoup", "explain"],
    ["How does the shelf find soup?", "explain"],
    ["please write a test for storeSoup", "write"],
    ["Can you add a parameter to find?", "write"],
    ["fix the bug in find", "write"],
    ["Simplify storeSoup", "refactor"],
    ["how could I make this loop faster", "refactor"],
    ["where is the writer defined", undefined],
    ["who calls addItem", undefined],
    ["list the functions in src/add.ts", undefined],
    ["which files import write.ts", undefined],
  ];
  for (const [question, task] of tasks) it(`${question}: ${String(task)}`, () => assert.equal(taskOf(question), task));
});
