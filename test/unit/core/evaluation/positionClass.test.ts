import assert from "node:assert/strict";
import { positionClass, type PositionClass } from "../../../../src/core/evaluation/positionClass";

const cases: readonly (readonly [PositionClass, string, string])[] = [
  ["lineStart", "typescript", "f();\n    "],
  ["lineStart", "python", ""],
  ["afterDot", "typescript", "  this.count"],
  ["afterDot", "typescript", "x = a1."],
  ["afterDot", "typescript", "call(a?."],
  ["afterDot", "cpp", "node->ne"],
  ["afterDot", "rust", "let a = Vec::"],
  ["argument", "python", "print(a, b"],
  ["argument", "typescript", "const a = f(b[0], "],
  ["argument", "go", "return errors.New(fmt"],
  ["afterEquals", "typescript", "const a = b"],
  ["afterEquals", "go", "x := "],
  ["afterEquals", "typescript", "x += f(a) "],
  ["string", "typescript", 'log("it is'],
  ["string", "python", "x = 'a\\'b"],
  ["string", "python", 'def f():\n    """Says what\n    it do'],
  ["comment", "typescript", "f(); // what it"],
  ["comment", "python", "x = 1  # it's"],
  ["comment", "java", "/**\n * Says what"],
  ["comment", "c", "int a; /* how man"],
  ["comment", "rust", "/// Gives the"],
  ["other", "typescript", "return valu"],
  ["other", "typescript", "if (a === b) "],
  ["other", "rust", "fn first<'a>"],
  ["other", "typescript", "const all = { ...rest }; f([...res"],
  ["other", "typescript", "/* done */\nexport function"],
  ["other", "typescript", 'const glob = "src/**/*.ts";\nexport function'],
  ["other", "go", "case 1.5"],
  ["other", "python", '"""Whole."""\nimport'],
];

describe("core/evaluation/positionClass", () => {
  for (const [wanted, language, before] of cases) {
    it(`${wanted}: ${JSON.stringify(before)} in ${language}`, () => { assert.equal(positionClass({ before, language }), wanted); });
  }
});
