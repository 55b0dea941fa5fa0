import assert from "node:assert/strict";
import fc from "fast-check";
import type { EditorFocus } from "../../../../src/core/chat/answer";
import { contextForQuestion } from "../../../../src/core/chat/questionContext";
import type { SymbolIndex } from "../../../../src/core/chat/symbolIndex";
import { indexedFiles } from "../../../support/indexedFiles";
import { KITCHEN } from "../../../support/kitchenFiles";

describe("context for a question", () => {
  let kitchen: SymbolIndex;
  before(async () => (kitchen = await indexedFiles(KITCHEN, { exclusionOf: (file) => (file === ".env" ? "secret by name" : undefined) })));
  const places = (text: string, budget = 4_000, focus?: EditorFocus) =>
    contextForQuestion({ text, ...(focus ? { focus } : {}) }, kitchen, budget).sources.map((source) => `${source.file}:${source.startLine}-${source.endLine}`);

  it("a named symbol comes first, whole and with its comment", () => assert.equal(places("what does toLitres do")[0], "src/unit.ts:4-5"));
  it("two named symbols in the order of the question", () => assert.deepEqual(places("how do cookDinner and toLitres work together").slice(0, 2), ["src/dinner.ts:4-8", "src/unit.ts:4-5"]));
  it("callers come along when asked for", () => assert.ok(places("who calls cookDinner").includes("src/dinner.ts:10-13")));
  it("the selection beats everything", () => assert.equal(places("explain toLitres here", 4_000, { file: "src/shelf.ts", line: 13, selection: { startLine: 13, endLine: 14 } })[0], "src/shelf.ts:13-14"));
  it("this function is the one around the cursor", () => assert.equal(places("what does this do?", 4_000, { file: "src/dinner.ts", line: 11 })[0], "src/dinner.ts:10-13"));
  it("a question without names takes the cursor's place after the search", () => assert.ok(places("how is water measured", 4_000, { file: "src/dinner.ts", line: 11 }).includes("src/dinner.ts:10-13")));
  it("a named file comes whole", () => assert.equal(places("review src/dinner.ts")[0], "src/dinner.ts:1-14"));
  it("an overview begins with the read-me", () => assert.equal(places("what is this project?")[0], "README.md:1-8"));
  it("an excluded file is left out with its reason", () => assert.deepEqual(contextForQuestion({ text: "explain .env" }, kitchen, 500).leftOut[0], { file: ".env", reason: "kept out: secret by name" }));
  it("a file that cannot be read any more is told", async () => {
    const gone = await indexedFiles(KITCHEN, { text: () => undefined });
    const { sources, leftOut } = contextForQuestion({ text: "toLitres" }, gone, 500);
    assert.deepEqual(sources, []);
    assert.ok(leftOut.some((item) => item.file === "src/unit.ts" && /no longer/.test(item.reason)));
  });

  it("what is too long is begun, and the rest is told", async () => {
    const body = Array.from({ length: 200 }, (_, index) => `  step${index}();`).join("\n");
    const long = await indexedFiles({ "a.ts": `/** Long. */\nexport function soup() {\n${body}\n}\n` });
    const { sources, leftOut } = contextForQuestion({ text: "explain `soup`" }, long, 300);
    assert.equal(sources[0]?.startLine, 1);
    assert.ok((sources[0]?.endLine ?? 0) > 10 && (sources[0]?.endLine ?? 0) < 100);
    assert.ok(leftOut.some(({ reason }) => reason === `lines ${(sources[0]?.endLine ?? 0) + 1}-203 did not fit`), JSON.stringify(leftOut));
  });

  it("never over the budget, never a line twice, and texts are the lines they say", () => {
    const questions = fc.constantFrom("what is toLitres", "who calls cookDinner", "what is this project", "explain src/shelf.ts and src/dinner.ts", "shelf soup unit litres", "what does this do", "");
    fc.assert(
      fc.property(questions, fc.integer({ min: 0, max: 600 }), fc.integer({ min: 1, max: 20 }), (text, budget, line) => {
        const { sources } = contextForQuestion({ text, focus: { file: "src/dinner.ts", line } }, kitchen, budget);
        assert.ok(sources.reduce((sum, source) => sum + source.tokens, 0) <= budget);
        const taken = new Set<string>();
        for (const source of sources) {
          assert.equal(source.text, (KITCHEN[source.file] ?? "").split("\n").slice(source.startLine - 1, source.endLine).join("\n"));
          for (let at = source.startLine; at <= source.endLine; at++) {
            assert.ok(!taken.has(`${source.file}:${at}`), `${source.file}:${at}`);
            taken.add(`${source.file}:${at}`);
          }
        }
      }),
    );
  });
});
