import assert from "node:assert/strict";
import { importsOf } from "../../../../src/core/context/importText";
import type { LanguageName } from "../../../../src/protocol/indexWorker";

describe("imports as written", () => {
  const cases: [LanguageName, string, string][] = [
    ["typescript", 'import a, { b as c, type D } from "./x";', "./x: a c D"],
    ["typescript", 'import * as all from "x"', "x: all"],
    ["typescript", 'import "side-effect";', "side-effect:"],
    ["typescript", 'export { a } from "./y";', "./y: a"],
    ["typescript", 'import type {\n  A,\n  B,\n} from "../z";', "../z: A B"],
    ["javascript", '{ a, b: c } = require("x")', "x: a b"],
    ["javascript", "fs = require('fs')", "fs: fs"],
    ["python", "import a.b as c, d", "a.b: c / d: d"],
    ["python", "from . import (a,\n  b as c)", ".: a c"],
    ["go", 'str "strings"', "strings: str"],
    ["go", '"net/http"', "net/http:"],
    ["rust", "pub use a::b::{C, d as e};", "a::b: C e"],
    ["rust", "use a::B;", "a::B: B"],
    ["java", "import static a.b.C.d;", "a.b.C.d: d"],
    ["c", '#include "a/b.h"', "a/b.h:"],
    ["csharp", "using X = A.B;", "A.B:"],
    ["typescript", "import nonsense", ""],
  ];
  for (const [language, text, expected] of cases) {
    it(`${language}: ${text.replace(/\n/g, "⏎")}`, () => assert.equal(importsOf(text, language, 1).map(({ module, names }) => [`${module}:`, ...names].join(" ")).join(" / "), expected));
  }
});
