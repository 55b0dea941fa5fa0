import assert from "node:assert/strict";
import fc from "fast-check";
import { hasHiddenCharacters, withoutHiddenCharacters } from "../../../../src/core/context/hiddenCharacters";

const HIDDEN = ["\u200B", "\u200D", "\u202E", "\u2066", "\u2069", "\u061C", "\uFEFF", "\u00AD", "\u2060", "\u3164", "\u{E0001}", "\u{E0041}", "\u{E007F}", "\u{E0100}"];

describe("hidden characters", () => {
  for (const mark of HIDDEN) it(`takes out U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase()}`, () => assert.deepEqual(withoutHiddenCharacters(`a${mark}b${mark}`), { text: "ab", removed: 2 }));
  it("leaves what is seen: accents, emoji, Hebrew, tabs, line ends, lone surrogates", () => {
    for (const text of ["é ü 日本 שלום 😀\t\r\n", "\uD800", "❤️"]) assert.deepEqual(withoutHiddenCharacters(text), { text, removed: 0 });
  });
  it("nothing hidden is left, and only hidden ones go (10,000 strings)", () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...HIDDEN), fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 20 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (hostile) => {
        const { text: clean, removed } = withoutHiddenCharacters(hostile);
        assert.ok(!hasHiddenCharacters(clean) && !/[\u{E0000}-\u{E007F}\u202A-\u202E\u2066-\u2069\u200B-\u200D]/u.test(clean));
        assert.equal([...hostile].length - [...clean].length, removed);
      }),
      { numRuns: 10_000 },
    );
  });
});
