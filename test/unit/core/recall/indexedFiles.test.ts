import assert from "node:assert/strict";
import type { ListedFile } from "../../../../src/core/recall/fileOrder";
import { IndexedFiles } from "../../../../src/core/recall/indexedFiles";
import { decodeIndex, type StoredIndex } from "../../../../src/core/recall/storedIndex";
import { followersIn } from "../../../support/recallCorpus";

const ROOMY = { maximumFiles: 1_000, maximumMemoryBytes: 1e9 };
const file = (path: string, modified = 1, bytes = 20): ListedFile => ({ path, bytes, modified });

function filled(...paths: string[]): IndexedFiles {
  const files = new IndexedFiles(ROOMY);
  for (const path of paths) files.putFile(file(path), `const apple = ${path[0] ?? ""};\n`);
  return files;
}
function stored(files: IndexedFiles): StoredIndex {
  const steps = decodeIndex(Buffer.concat([...files.stored("1")].filter((piece) => piece !== undefined)), "1");
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done !== true) continue;
    assert.ok(step.value);
    return step.value;
  }
}

describe("core/recall: indexed files", () => {
  it("after a first walk are searched in the order in which they were put, with the editor's texts before them", () => {
    const filler = "filler(word, other);\n".repeat(10_000);
    const files = new IndexedFiles(ROOMY);
    for (const path of ["near.ts", "far.ts"]) files.putFile(file(path), `const apple = 1;\n${filler}`);
    files.putText("typed.ts", "const apple = 2;\n");
    files.putFile(file("farther.ts"), "const apple = 1;\n");
    files.settleWalk();
    assert.deepEqual(followersIn(files.corpus, "const apple"), ["typed.ts: =", "near.ts: =", "far.ts: =", "farther.ts: ="]);
    files.settleWalk();
    assert.equal(followersIn(files.corpus, "const apple")[1], "near.ts: =");
  });

  it("are taken over when listed and unchanged; an editor's text stays", () => {
    const kept = stored(filled("a.ts", "b.ts", "c.ts", "d.ts", "e.ts"));
    const files = new IndexedFiles(ROOMY);
    files.putText("d.ts", "const pear = 4;\n");
    assert.equal(files.adopt(kept, [file("a.ts"), file("b.ts", 2), file("c.ts", 1, 21), file("d.ts")]), 1);
    assert.deepEqual(followersIn(files.corpus, "const apple"), ["a.ts: ="]);
    assert.deepEqual(followersIn(files.corpus, "const pear"), ["d.ts: ="]);
    assert.deepEqual([files.isCurrent(file("a.ts")), files.isCurrent(file("b.ts", 2)), files.isCurrent(file("d.ts", 7))], [true, false, true]);
    assert.equal(files.unsaved, 4);
  });

  it("that all came back need not be stored again, until something changes", () => {
    const files = new IndexedFiles(ROOMY);
    files.adopt(stored(filled("a.ts")), [file("a.ts")]);
    assert.equal(files.unsaved, 0);
    files.drop("unknown.ts");
    assert.equal(files.unsaved, 0);
    files.drop("a.ts");
    assert.equal(files.unsaved, 1);
    stored(files);
    assert.equal(files.unsaved, 0);
  });

  it("never store what stands in the editor only", () => {
    const files = filled("a.ts", "b.ts");
    files.putText("b.ts", "const unsavedword = 1;\n");
    files.putText("new.ts", "const unsavedword = 1;\n");
    const back = stored(files);
    assert.deepEqual(back.files.map(({ path }) => path), ["a.ts"]);
    assert.equal(back.vocabulary.find("unsavedword"), -1);
  });

  it("have a cap for their number and one for memory, which known files are not held to", () => {
    const files = new IndexedFiles({ maximumFiles: 2, maximumMemoryBytes: 1e9 });
    files.putFile(file("a.ts"), "a");
    assert.equal(files.isFull(file("b.ts")), false);
    files.putFile(file("b.ts"), "b");
    assert.deepEqual([files.isFull(file("c.ts")), files.isFull(file("a.ts"))], [true, false]);
    const small = new IndexedFiles({ maximumFiles: 10, maximumMemoryBytes: new IndexedFiles(ROOMY).corpus.byteLength + 501_000 });
    assert.deepEqual([small.isFull(file("a.ts", 1, 400)), small.isFull(file("a.ts", 1, 600))], [false, true]);
  });

  it("make room for a text of the editor: the file put last goes first, and goes on until the memory is free", () => {
    const text = (name: string): string => `const ${name} = 1;\n${"filler(word, other);\n".repeat(10_000)}`;
    const limits = { maximumFiles: 10, maximumMemoryBytes: 1e9 };
    const files = new IndexedFiles(limits);
    for (const name of ["near", "middle", "far"]) files.putFile(file(`${name}.ts`), text(name));
    files.corpus.settle();
    limits.maximumMemoryBytes = files.corpus.byteLength + 1_000;
    const gone = files.putText("typed.ts", text("typed"));
    assert.ok(gone >= 1 && gone < 3, String(gone));
    assert.ok(files.corpus.byteLength <= limits.maximumMemoryBytes);
    assert.deepEqual(["near", "far", "typed"].map((name) => followersIn(files.corpus, `const ${name}`).length), [1, 0, 1]);
  });

  it("count their bytes", () => {
    const files = filled("a.ts", "b.ts");
    files.putText("b.ts", "12345");
    assert.equal(files.sourceBytes, 25);
    files.clear();
    assert.deepEqual([files.sourceBytes, files.count, files.unsaved], [0, 0, 4]);
  });
});
