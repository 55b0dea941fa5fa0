import assert from "node:assert/strict";
import * as fc from "fast-check";
import { FIRST_WORD, Vocabulary, WordKind } from "../../../../src/core/recall/vocabulary";

const intern = (vocabulary: Vocabulary, word: string): number => vocabulary.intern(word, 0, word.length, WordKind.identifier);

describe("recall vocabulary", () => {
  it("gives each word one number and the word back for it", () => {
    fc.assert(fc.property(fc.array(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 200 }), (words) => {
      const vocabulary = new Vocabulary();
      const numbers = words.map((word) => intern(vocabulary, word));
      assert.equal(vocabulary.wordCount, new Set(words).size);
      assert.deepEqual(numbers.map((number) => vocabulary.textOf(number)), words);
      assert.deepEqual(words.map((word) => vocabulary.find(word)), numbers);
    }));
  });

  it("keeps its numbers while it grows", () => {
    const vocabulary = new Vocabulary();
    const words = Array.from({ length: 20_000 }, (_, index) => `name${String(index)}`);
    const numbers = words.map((word) => intern(vocabulary, word));
    assert.deepEqual(words.map((word) => vocabulary.find(word)), numbers);
    assert.equal(numbers[0], FIRST_WORD);
  });

  it("finds no word that was not interned, and refuses numbers that are none", () => {
    const vocabulary = new Vocabulary();
    intern(vocabulary, "known");
    assert.equal(vocabulary.find("unknown"), -1);
    assert.throws(() => vocabulary.textOf(FIRST_WORD + 1), RangeError);
    assert.throws(() => vocabulary.textOf(3), RangeError);
  });

  it("knows beginnings and kinds", () => {
    const vocabulary = new Vocabulary();
    const word = intern(vocabulary, "getUser");
    assert.equal(vocabulary.startsWith(word, "getU"), true);
    assert.equal(vocabulary.startsWith(word, "getUserName"), false);
    assert.equal(vocabulary.kindOf(word), WordKind.identifier);
    assert.equal(vocabulary.kindOf(0), WordKind.boundary);
    assert.equal(vocabulary.kindOf(7), WordKind.lineBreak);
  });

  it("comes back from its arrays as it was", () => {
    const vocabulary = new Vocabulary();
    const words = ["a", "größe", "=>", "x".repeat(64)];
    const numbers = words.map((word) => intern(vocabulary, word));
    const { characters, starts, kinds } = vocabulary.snapshot();
    const restored = Vocabulary.from(characters, starts, kinds);
    assert.deepEqual(words.map((word) => restored.find(word)), numbers);
    assert.equal(intern(restored, "new"), (numbers.at(-1) ?? 0) + 1);
  });
});
