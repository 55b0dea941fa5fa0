import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Corpus } from "../../../../src/core/recall/corpus";
import { Segment } from "../../../../src/core/recall/segment";
import { unitText } from "../../../../src/core/recall/words";

const EVERYTHING = 1_000_000;

/** Words that stand somewhere after the two given ones, sorted. */
function wordsAfter(corpus: Corpus, beforeLast: string, last: string): string[] {
  const unit = (text: string): number => corpus.vocabulary.find(text.trimStart()) * 2 + (text.startsWith(" ") ? 1 : 0);
  const found: string[] = [];
  corpus.search(unit(last), unit(beforeLast), EVERYTHING, (segment, place) => {
    found.push(unitText(segment.units[place] ?? 0, corpus.vocabulary));
  });
  return found.sort();
}

describe("recall corpus", () => {
  it("finds what follows two words, in every file", () => {
    const corpus = new Corpus();
    corpus.put("a.ts", "call(one, two)");
    corpus.put("b.ts", "call(three)");
    corpus.settle();
    assert.deepEqual(wordsAfter(corpus, "call", "("), ["one", "three"]);
  });

  it("finds exactly what a reading of all texts finds", () => {
    const word = fc.constantFrom("a", "b", "c", "(", ")");
    fc.assert(fc.property(fc.array(fc.array(word, { maxLength: 40 }), { maxLength: 6 }), (files) => {
      const corpus = new Corpus();
      files.forEach((words, index) => { corpus.put(`f${String(index)}`, words.join(" ")); });
      corpus.settle();
      const expected = files.flatMap((words) => words.flatMap((each, index) => (index >= 2 && words[index - 1] === "b" && words[index - 2] === "a" && index > 2 ? [` ${each}`] : []))).sort();
      assert.deepEqual(wordsAfter(corpus, " a", " b"), expected);
    }));
  });

  it("forgets a removed file and the old text of a changed one, settled or not", () => {
    const corpus = new Corpus();
    corpus.put("a.ts", "call(old)");
    corpus.put("b.ts", "call(gone)");
    corpus.put("a.ts", "call(new)");
    corpus.settle();
    assert.deepEqual(wordsAfter(corpus, "call", "("), ["gone", "new"]);
    corpus.remove("b.ts");
    assert.deepEqual(wordsAfter(corpus, "call", "("), ["new"]);
    assert.deepEqual([...corpus.paths()], ["a.ts"]);
  });

  it("puts many small segments together and still knows every file", () => {
    const corpus = new Corpus();
    for (let index = 0; index < 200; index++) {
      corpus.put(`f${String(index)}.ts`, `call(name${String(index)})`);
      corpus.settle();
    }
    assert.ok(corpus.segments.length <= 26, `${String(corpus.segments.length)} segments`);
    assert.equal(wordsAfter(corpus, "call", "(").length, 200);
    corpus.remove("f7.ts");
    assert.equal(wordsAfter(corpus, "call", "(").includes("name7"), false);
  });

  it("cuts a file that is larger than a segment", () => {
    const corpus = new Corpus();
    corpus.put("large.ts", Array.from({ length: 60_000 }, (_, index) => `call(n${String(index)})`).join("\n"));
    corpus.settle();
    assert.ok(corpus.segments.length > 1);
    // A place at a cut has lost what stood before it: a few at most.
    assert.ok(wordsAfter(corpus, "call", "(").length > 59_990);
  });

  it("stops looking where it was told to", () => {
    const corpus = new Corpus();
    corpus.put("a.ts", "call(x) ".repeat(500));
    corpus.settle();
    let visited = 0;
    corpus.search(corpus.vocabulary.find("(") * 2, corpus.vocabulary.find("call") * 2 + 1, 10, () => { visited += 1; });
    assert.ok(visited <= 10 && visited > 0);
  });

  it("holds at most two bytes for a byte of code", () => {
    const corpus = new Corpus();
    const text = Array.from({ length: 3_000 }, (_, index) => `  const value${String(index % 300)} = await readValue(source${String(index % 40)}, { strict: true });\n`).join("");
    for (let index = 0; index < 20; index++) corpus.put(`f${String(index)}.ts`, text);
    corpus.settle();
    assert.ok(corpus.byteLength < 2 * 20 * text.length, String(corpus.byteLength / (20 * text.length)));
  });

  it("refuses a segment whose places would not fit 16 bits", () => {
    assert.throws(() => new Segment(new Uint32Array(65_536), []), RangeError);
  });
});
