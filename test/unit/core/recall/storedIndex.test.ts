import assert from "node:assert/strict";
import fc from "fast-check";
import { Corpus } from "../../../../src/core/recall/corpus";
import type { ListedFile } from "../../../../src/core/recall/fileOrder";
import { decodeIndex, encodeIndex, type StoredIndex } from "../../../../src/core/recall/storedIndex";
import { followersIn } from "../../../support/recallCorpus";

const FILES: Readonly<Record<string, string>> = {
  "src/a.ts": "const apple = basket.take(apple, 1.5);\n\n\tif (été) { return `ripe ${apple}`; }\n",
  "src/b.ts": "const pear = basket.take(pear);\n",
  "empty.ts": "",
  "words.md": "an apple a day\n",
};
const listed = (paths: Iterable<string>): ListedFile[] => [...paths].map((path, index) => ({ path, bytes: index + 10, modified: index + 0.25 }));

function corpusOf(files: Readonly<Record<string, string>>): Corpus {
  const corpus = new Corpus();
  for (const [path, text] of Object.entries(files)) corpus.put(path, text);
  corpus.settle();
  return corpus;
}
function encoded(corpus: Corpus, files = listed(corpus.paths()), stamp = "1"): Uint8Array {
  return Buffer.concat([...encodeIndex(corpus, files, stamp)].filter((piece) => piece !== undefined));
}
function decoded(bytes: Uint8Array, stamp = "1"): StoredIndex | undefined {
  const steps = decodeIndex(bytes, stamp);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
function adopted(stored: StoredIndex | undefined): Corpus {
  assert.ok(stored);
  const corpus = new Corpus(stored.vocabulary);
  for (const segment of stored.segments) corpus.adopt(segment);
  return corpus;
}

describe("core/recall: the stored index", () => {
  it("comes back with its words, places and files", () => {
    const corpus = corpusOf(FILES);
    const stored = decoded(encoded(corpus));
    assert.deepEqual(stored?.files, listed(corpus.paths()));
    const back = adopted(stored);
    assert.deepEqual([...back.paths()].sort(), [...corpus.paths()].sort());
    for (const text of ["const apple", "const pear", "basket.", "if (", "an apple"]) assert.deepEqual(followersIn(back, text), followersIn(corpus, text), text);
    assert.deepEqual(followersIn(back, "const apple"), ["src/a.ts: ="]);
  });

  it("takes up new files after it came back", () => {
    const back = adopted(decoded(encoded(corpusOf(FILES))));
    back.put("c.ts", "const plum = 1;\n");
    back.put("src/b.ts", "const cherry = 2;\n");
    back.settle();
    assert.deepEqual(followersIn(back, "const plum"), ["c.ts: ="]);
    assert.deepEqual(followersIn(back, "const pear"), []);
  });

  it("leaves out files that are not to be kept or were dropped, with the words that only they had", () => {
    const corpus = corpusOf({ ...FILES, "secret.ts": "const hushword = 1;\n", "old.ts": "const goneword = 1;\n" });
    corpus.remove("old.ts");
    const bytes = encoded(corpus, listed(["src/a.ts", "src/b.ts"]));
    const stored = decoded(bytes);
    assert.deepEqual([...adopted(stored).paths()].sort(), ["src/a.ts", "src/b.ts"]);
    assert.deepEqual(["hushword", "goneword", "apple"].map((word) => (stored?.vocabulary.find(word) ?? -1) >= 0), [false, false, true]);
    for (const word of ["hushword", "goneword", "secret.ts"]) assert.ok(!Buffer.from(bytes).includes(Buffer.from(word, "utf16le")) && !Buffer.from(bytes).includes(word), word);
  });

  it("keeps a file that is longer than a segment", () => {
    const text = Array.from({ length: 30_000 }, (_, index) => `call${String(index)}(value);`).join("\n");
    const corpus = corpusOf({ "long.ts": text, "src/b.ts": FILES["src/b.ts"] ?? "" });
    assert.ok(corpus.segments.length > 2);
    const back = adopted(decoded(encoded(corpus)));
    assert.deepEqual(followersIn(back, "call29999("), ["long.ts: value"]);
    back.remove("long.ts");
    assert.deepEqual(followersIn(back, "call29999("), []);
    assert.deepEqual(followersIn(back, "const pear"), ["src/b.ts: ="]);
  });

  it("is the corpus at the first step, whatever changes while it is written", () => {
    const corpus = corpusOf(FILES);
    const steps = encodeIndex(corpus, listed(corpus.paths()), "1");
    const pieces = [steps.next().value];
    corpus.put("src/a.ts", "const lemon = 1;\n");
    corpus.remove("src/b.ts");
    corpus.settle();
    for (const piece of steps) pieces.push(piece);
    const back = adopted(decoded(Buffer.concat(pieces.filter((piece) => piece instanceof Uint8Array))));
    assert.deepEqual(followersIn(back, "const apple"), ["src/a.ts: ="]);
    assert.deepEqual(followersIn(back, "const pear"), ["src/b.ts: ="]);
    assert.deepEqual(followersIn(back, "const lemon"), []);
  });

  it("is read wherever it lies in memory", () => {
    const bytes = encoded(corpusOf(FILES));
    for (const offset of [0, 1, 2, 3, 4]) {
      const moved = Buffer.alloc(bytes.length + offset);
      moved.set(bytes, offset);
      assert.ok(decoded(moved.subarray(offset)), String(offset));
    }
  });

  it("of another version of Ghostlight is not read", () => assert.equal(decoded(encoded(corpusOf(FILES)), "2"), undefined));

  it("empty is an index too", () => assert.deepEqual(decoded(encoded(new Corpus()))?.files, []));

  describe("damaged, is refused", () => {
    const bytes = encoded(corpusOf(FILES));
    it("at every length but its own", () => {
      for (let length = 0; length < bytes.length; length++) assert.equal(decoded(bytes.slice(0, length)), undefined, String(length));
      assert.equal(decoded(Buffer.concat([bytes, Buffer.alloc(4)])), undefined);
    });
    it("at every single bit", () => {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const altered = Uint8Array.from(bytes);
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(decoded(altered), undefined, `bit ${String(bit)}`);
      }
    });
    it("wherever bytes were overwritten", () => {
      fc.assert(fc.property(fc.nat({ max: bytes.length - 1 }), fc.uint8Array({ minLength: 1, maxLength: 64 }), (at, noise) => {
        const altered = Uint8Array.from(bytes);
        altered.set(noise.subarray(0, altered.length - at), at);
        if (Buffer.compare(altered, bytes) !== 0) assert.equal(decoded(altered), undefined);
      }), { numRuns: 500 });
    });
    it("as anything else", () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        assert.equal(decoded(noise), undefined);
        assert.equal(decoded(Buffer.concat([bytes.subarray(0, 20), noise])), undefined);
      }));
    });
  });
});
