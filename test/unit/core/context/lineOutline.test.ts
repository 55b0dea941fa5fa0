import assert from "node:assert/strict";
import fc from "fast-check";
import { commentBefore, firstSentence } from "../../../../src/core/context/documentation";
import { lineOutline } from "../../../../src/core/context/lineOutline";

const names = (path: string, text: string) => lineOutline(path, text, "").definitions.map((item) => `${item.kind} ${item.name} ${item.startLine}-${item.endLine}`);

describe("outline line by line", () => {
  it("Ruby", () => assert.deepEqual(names("a.rb", "module Kitchen\n  class Pot\n    def boil(x)\n      1\n    end\n  end\nend\n"), ["module Kitchen 1-7", "class Pot 2-6", "function boil 3-5"]));
  it("PHP and Kotlin", () => {
    assert.deepEqual(names("a.php", "<?php\npublic function soup() {\n}\n"), ["function soup 2-3"]);
    assert.deepEqual(names("a.kt", "data class Pot(val size: Int)\nprivate fun boil() {\n  x()\n}\n"), ["class Pot 1-1", "function boil 2-4"]);
  });
  it("shell and SQL", () => {
    assert.deepEqual(names("a.sh", "boil() {\n  echo\n}\n"), ["function boil 1-3"]);
    assert.deepEqual(names("a.sql", "CREATE TABLE IF NOT EXISTS shop.orders (\n  id int\n);\n"), ["type shop.orders 1-3"]);
  });
  it("sections of Markdown hold their text, fences do not count", () => {
    assert.deepEqual(names("a.md", "# One\ntext\n## Two\n```\n# no heading\n```\n# Three\n"), ["section One 1-6", "section Two 3-6", "section Three 7-8"]);
  });
  it("one line of 5 MB, a million lines and any text are survived", () => {
    assert.equal(lineOutline("a.txt", "x".repeat(5_000_000), "").lineCount, 1);
    const many = lineOutline("a.txt", "\n".repeat(1_000_000), "");
    assert.equal(many.lineCount, 1_000_001);
    assert.match(many.note, /only the first 50000 lines/);
    fc.assert(fc.property(fc.string({ unit: "binary" }), fc.constantFrom("a.rb", "a.md", "a"), (text, path) => assert.equal(lineOutline(path, text, "").lineCount, text.split("\n").length)));
  });
});

describe("comments before a definition", () => {
  const before = (text: string) => commentBefore(text.split("\n"), text.split("\n").length - 1)?.text;
  const cases: [string, string | undefined][] = [
    ["/** One. */\nX", "One."],
    ["/**\n * One.\n *\n * Two {@link Pot|the pot}.\n */\nX", "One.\n\nTwo the pot."],
    ["// One\n// two\nX", "One\ntwo"],
    ["/// One\n#[derive(Debug)]\nX", "One"],
    ["# One\n@cached\nX", "One"],
    ["// One\n\nX", undefined],
    ["const a = 1; /* b */\nX", undefined],
    ["#include <a.h>\nX", undefined],
    ["X", undefined],
  ];
  for (const [text, expected] of cases) it(JSON.stringify(text), () => assert.equal(before(text), expected));
  it("first sentences", () => {
    assert.equal(firstSentence("One two.  Three."), "One two.");
    assert.equal(firstSentence("v1.2 is here\nand more"), "v1.2 is here and more");
    assert.equal(firstSentence("x".repeat(300), 10), `${"x".repeat(9)}…`);
    assert.equal(firstSentence(""), "");
  });
});
