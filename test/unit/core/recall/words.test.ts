import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Vocabulary } from "../../../../src/core/recall/vocabulary";
import { isLineBreak, lineBreakParts, scanWords, UnitList, unitText } from "../../../../src/core/recall/words";

function scan(text: string, vocabulary = new Vocabulary()) {
  const list = new UnitList(4);
  const end = scanWords(text, vocabulary, list);
  return { units: [...list.view()], end, vocabulary };
}

/** The units in a readable form: words as they are, line breaks as `⏎+2`. */
function spelled(text: string): string[] {
  const { units, vocabulary } = scan(text);
  return units.slice(1).map((unit) => {
    if (!isLineBreak(unit)) return unitText(unit, vocabulary);
    const { columns, blankLine } = lineBreakParts(unit);
    return `⏎${blankLine ? "⏎" : ""}${columns >= 0 ? "+" : ""}${String(columns)}`;
  });
}

describe("recall words", () => {
  it("are names, numbers, runs of operators and single brackets, with their blank", () => {
    assert.deepEqual(spelled("const a_1 = foo(b, 12);"), ["const", " a_1", " =", " foo", "(", "b", ",", " 12", ")", ";"]);
    assert.deepEqual(spelled("a?.b && c=>{}"), ["a", "?.", "b", " &&", " c", "=>", "{", "}"]);
  });

  it("tell how the indentation changes, not how deep it is", () => {
    assert.deepEqual(spelled("if (a)\n  b\n\n  c\nd"), ["if", " (", "a", ")", "⏎+2", "b", "⏎⏎+0", "c", "⏎-2", "d"]);
    assert.deepEqual(spelled("\tif a\n\t\tb"), ["if", " a", "⏎+4", "b"]);
  });

  it("are the same for both kinds of line ends, and blanks at a line's end are nothing", () => {
    assert.deepEqual(spelled("a  \r\n  b\r\n\r\nc"), spelled("a\n  b\n\nc"));
    assert.deepEqual(spelled("a\rb"), ["a", "⏎+0", "b"]);
  });

  it("keep alignment blanks as a word of their own", () => {
    assert.deepEqual(spelled("a   = 1"), ["a", "  ", " =", " 1"]);
    assert.deepEqual(spelled("a\t= 1"), ["a", "\t", "=", " 1"]);
  });

  it("say what is still open at the end", () => {
    assert.deepEqual(scan("a\n    b ").end, { indentation: 4, pendingBlanks: 1 });
    assert.deepEqual(scan("a\n  ").end, { indentation: 2, pendingBlanks: 0 });
  });

  it("give a line of code back to the letter", () => {
    const piece = fc.constantFrom("foo", "bar1", "(", ")", " ", " = ", "=>", ".", ",", "\"x\"", "  ", "ä", "::", "[", "]", "{", "}");
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const line = pieces.join("").trim();
      assert.equal(spelled(line).join(""), line);
    }));
  });

  it("never fail on odd text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const { units } = scan(text);
      assert.ok(units.every((unit) => Number.isInteger(unit) && unit >= 0));
    }));
  });

  it("cut data without blanks into pieces", () => {
    assert.deepEqual(spelled("x".repeat(150)).map((word) => word.length), [64, 64, 22]);
  });
});
