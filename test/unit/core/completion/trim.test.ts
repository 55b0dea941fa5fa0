import assert from "node:assert/strict";
import fc from "fast-check";
import { BLOCK_LINES } from "../../../../src/core/completion/block";
import { trimSuggestion, type Generation } from "../../../../src/core/completion/trim";
import { accepted, snapshotAt } from "../../../support/snapshotNotation";
import { generationOf, tokensOf } from "../../../support/engineResults";

interface Given {
  readonly at: string;
  readonly generated: Generation;
  readonly threshold?: number;
  readonly maxLines?: number;
}

/** The document with what is shown accepted, or the reason why nothing is shown. */
function shown({ at, generated, threshold = 0.5, maxLines = 1 }: Given): string {
  const snapshot = snapshotAt(at);
  const trimmed = trimSuggestion(generated, snapshot, { threshold, maxLines });
  return "reason" in trimmed ? trimmed.reason : accepted(snapshot, trimmed.text);
}

const sure = (...texts: string[]): Generation => generationOf(tokensOf(...texts));

describe("core/completion/trim", () => {
  describe("threshold", () => {
    it("ends where the running product falls below it", () => {
      assert.equal(shown({ at: "a|", generated: generationOf(tokensOf(" = b", 0.9, " + c", 0.7, " - d", 0.6)) }), "a = b + c|");
    });
    it("below it at the first token: nothing", () => {
      assert.equal(shown({ at: "a|", generated: generationOf(tokensOf(" = b", 0.4)) }), "unsure");
    });
    it("nothing but an unsure end was generated: unsure", () => {
      assert.equal(shown({ at: "a|", generated: generationOf([], "unsure") }), "unsure");
    });
    it("0 turns the gate off", () => {
      assert.equal(shown({ at: "a|", generated: generationOf(tokensOf(" = b", 0.01)), threshold: 0 }), "a = b|");
    });
    it("a cut never stands inside a word", () => {
      assert.equal(shown({ at: "a|", generated: generationOf(tokensOf(" = to", "String", 0.4)) }), "a =|");
    });
    it("nor where the word goes on after the last token that was asked for", () => {
      assert.equal(shown({ at: "a|", generated: generationOf(tokensOf(" = to"), "unsure") }), "a =|");
    });
    it("a word that the model itself ended stays whole", () => {
      assert.equal(shown({ at: "a|", generated: generationOf(tokensOf(" = to", ";", 0.4)) }), "a = to|");
    });
    it("a token whose probability is no number is never sure", () => {
      assert.equal(shown({ at: "a|", generated: generationOf(tokensOf(" = b", Number.NaN)) }), "unsure");
    });
  });

  describe("natural end", () => {
    it("one line where no block starts", () => {
      assert.equal(shown({ at: "a|", generated: sure(" = 1;", "\nb = 2;") }), "a = 1;|");
    });
    it("a block ends with its closing bracket", () => {
      assert.equal(shown({ at: "if (x) {|", generated: sure("\n  a();\n}", "\nmore();\n"), maxLines: BLOCK_LINES }), "if (x) {\n  a();\n}|");
    });
    it("a closing bracket that already stands below is left out", () => {
      assert.equal(shown({ at: "if (x) {|\n}", generated: sure("\n  a();\n}", "\n"), maxLines: BLOCK_LINES }), "if (x) {\n  a();|\n}");
    });
  });

  describe("repeating what follows", () => {
    it("a line that stands below is not offered again", () => {
      assert.equal(shown({ at: "first();\n|\nsecond();", generated: sure("second();") }), "repeatsSuffix");
    });
    it("a block ends before the first line that stands below", () => {
      const generated = sure("\n  a();", "\n  second();", "\n");
      assert.equal(shown({ at: "if (x) {|\n  second();\n}", generated, maxLines: BLOCK_LINES }), "if (x) {\n  a();|\n  second();\n}");
    });
    it("what stands right of the cursor is not doubled", () => {
      assert.equal(shown({ at: "call(|);", generated: sure("a, b", ");") }), "call(a, b|);");
    });
    it("one equal letter is chance", () => {
      assert.equal(shown({ at: "a = |\nb", generated: sure("b") }), "a = b|\nb");
    });
  });

  describe("brackets", () => {
    it("a closing bracket of the suggestion's own stays", () => {
      assert.equal(shown({ at: "call(|)", generated: sure("f(a)") }), "call(f(a)|)");
    });
    it("one that closes what waits right of the cursor ends it", () => {
      assert.equal(shown({ at: "call(|)", generated: sure("a", ").then()") }), "call(a|)");
    });
    it("nested ones of several kinds", () => {
      assert.equal(shown({ at: "f([|])", generated: sure("{ a: [1] }", "]);") }), "f([{ a: [1] }|])");
    });
    it("characters outside the basic plane do not shift the cut", () => {
      assert.equal(shown({ at: "call(|)", generated: sure("\"😀\"", ", b) + c") }), "call(\"😀\", b|)");
    });
  });

  describe("white space only is never shown", () => {
    for (const text of [" ", "\n", "\t\t", " \n \n", "\u00A0", "\r\n"]) {
      it(JSON.stringify(text), () => {
        for (const maxLines of [1, BLOCK_LINES]) assert.equal(shown({ at: "f(|", generated: sure(text), threshold: 0, maxLines }), "blank");
      });
    }
  });

  describe("hidden characters are refused (security table V7)", () => {
    const hidden = [
      ...range(0x200B, 0x200F), ...range(0x202A, 0x202E), ...range(0x2060, 0x2069), 0xFEFF, 0x061C, ...range(0xE0000, 0xE007F),
    ];
    for (const code of hidden) {
      it(`U+${code.toString(16).toUpperCase()}`, () => {
        assert.equal(shown({ at: "a|", generated: sure(" = 1", `${String.fromCodePoint(code)};`) }), "hiddenCharacters");
      });
    }
    it("also where two tokens hold one half each", () => {
      assert.equal(shown({ at: "a|", generated: sure(" = 1\uDB40", "\uDC41;") }), "hiddenCharacters");
    });
    it("visible characters of any script pass", () => {
      assert.equal(shown({ at: "a|", generated: sure(" = \"größe 数 😀\";") }), "a = \"größe 数 😀\";|");
    });
  });

  it("the confidence is that of the first line shown, with its end", () => {
    const oneLine = trimSuggestion(generationOf(tokensOf(" = 1", 0.9, ";", 0.8)), snapshotAt("a|"), { threshold: 0, maxLines: 1 });
    assert.ok("confidence" in oneLine && Math.abs(oneLine.confidence - 0.9 * 0.8 * 0.9) < 1e-9);
    const block = trimSuggestion(generationOf(tokensOf("\n", 0.9, "  a();", 0.8, "\n  b();", 0.5), "tokenLimit"), snapshotAt("f(|"), { threshold: 0, maxLines: 12 });
    assert.ok("confidence" in block && Math.abs(block.confidence - 0.9 * 0.8) < 1e-9, JSON.stringify(block));
  });
});

describe("core/completion/trim: properties", () => {
  const piece = fc.constantFrom("a", "foo", " ", "  ", "\n", "\r\n", "(", ")", "{", "}", "[", "]", ";", "\"", "return", "😀", "\t", "x = 1;", "\u202E");
  const document = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  const tokens = fc.array(fc.record({ text: piece, probability: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 12 });
  const stop = fc.constantFrom<Generation["stop"]>("endOfText", "lineLimit", "tokenLimit", "unsure", "timeBudget", "suffixReached", "blockEnd");
  const given = fc.record({ before: document, after: document, tokens, stop, threshold: fc.constantFrom(0, 0.3, 0.5), maxLines: fc.constantFrom(1, BLOCK_LINES) });

  it("what is shown begins what was generated, so that before + shown + after is what the document would hold", () => {
    fc.assert(fc.property(given, ({ before, after, tokens, stop, threshold, maxLines }) => {
      const snapshot = { path: "a.ts", languageId: "typescript", offset: before.length, line: 0, before, after };
      const { text } = trimSuggestion(generationOf(tokens, stop), snapshot, { threshold, maxLines });
      const generated = tokens.map((token) => token.text).join("");
      assert.ok(generated.startsWith(text));
      assert.equal(accepted(snapshot, text), `${before}${generated.slice(0, text.length)}|${after}`);
    }), { numRuns: 2_000 });
  });

  it("what is shown is neither white space nor hidden, is within the lines and above the threshold", () => {
    fc.assert(fc.property(given, ({ before, after, tokens, stop, threshold, maxLines }) => {
      const snapshot = { path: "a.ts", languageId: "typescript", offset: before.length, line: 0, before, after };
      const suggestion = trimSuggestion(generationOf(tokens, stop), snapshot, { threshold, maxLines });
      if ("reason" in suggestion) return;
      assert.notEqual(suggestion.text.trim(), "");
      assert.ok(!suggestion.text.includes("\u202E"));
      assert.ok(suggestion.text.split("\n").length <= maxLines);
      assert.ok(suggestion.confidence >= 0 && suggestion.confidence <= 1);
      assert.ok(productOver(tokens, suggestion.text.length) >= threshold);
    }), { numRuns: 2_000 });
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Running product of the tokens that a shown text of this length reaches into. */
function productOver(tokens: Generation["tokens"], length: number): number {
  let position = 0;
  let product = 1;
  for (const token of tokens) {
    if (position >= length) break;
    product *= token.probability;
    position += token.text.length;
  }
  return product;
}
