import assert from "node:assert/strict";
import { BLOCK_LINES, blockEnd, indentation, linesToGenerate, opensBlock } from "../../../../src/core/completion/block";
import { snapshotAt } from "../../../support/snapshotNotation";

describe("core/completion/block", () => {
  describe("opensBlock", () => {
    for (const line of ["if (a) {", "call(", "const all = [", "(a) =>", "def f(x):", "  async def f():", "else:", "for x in y: ", "class A:"]) {
      it(`opens: ${line}`, () => { assert.equal(opensBlock(line), true); });
    }
    for (const line of ["", "return a;", "}", "key:", "label: value", "case 1", "definition:", "a = b"]) {
      it(`does not open: ${JSON.stringify(line)}`, () => { assert.equal(opensBlock(line), false); });
    }
  });

  describe("linesToGenerate", () => {
    const cases: readonly (readonly [notation: string, lines: number])[] = [
      ["const a = |", 1],
      ["function f() {|", BLOCK_LINES],
      ["function f() {\n  |\n}", BLOCK_LINES],
      ["function f() {\n  |", BLOCK_LINES],
      // The block has its lines already: only the missing one is wanted.
      ["function f() {\n  |\n  return 1;\n}", 1],
      ["def f():\n    |", BLOCK_LINES],
      ["call(|);", 1],
      ["a();\n|\nb();", 1],
      ["function f() {\r\n  |\r\n}", BLOCK_LINES],
    ];
    for (const [notation, lines] of cases) {
      it(`${JSON.stringify(notation)}: ${String(lines)}`, () => { assert.equal(linesToGenerate(snapshotAt(notation)), lines); });
    }
  });

  describe("blockEnd", () => {
    const ended = (text: string, typed: string, suffix = ""): string | undefined => {
      const end = blockEnd(text, typed, suffix);
      return end === undefined ? undefined : text.slice(0, end);
    };

    it("goes on inside the block", () => { assert.equal(ended("\n  a();\n  b();\n", "if (x) {"), undefined); });
    it("keeps the closing bracket", () => { assert.equal(ended("\n  a();\n}\nmore();\n", "if (x) {"), "\n  a();\n}"); });
    it("waits for the rest of the closing line", () => { assert.equal(ended("\n  a();\n}", "if (x) {"), undefined); });
    it("leaves a closing bracket out that already stands below", () => { assert.equal(ended("\n  a();\n}\n", "if (x) {", "\n}\n"), "\n  a();"); });
    it("ends before a line of the outer level", () => { assert.equal(ended("\n    return 1\nprint()", "def f():"), "\n    return 1"); });
    it("blank lines do not end it", () => { assert.equal(ended("\n  a();\n\n  b();\n", "if (x) {"), undefined); });
    it("on an indented line a line further left ends it", () => { assert.equal(ended("a();\n  b();\n}\n", "  "), "a();\n  b();"); });
    it("never ends in the first line", () => { assert.equal(ended("}", "  "), undefined); });
  });

  it("a tab counts four columns", () => {
    assert.deepEqual(["", "  a", "\ta", " \t a"].map(indentation), [0, 2, 4, 6]);
  });
});
