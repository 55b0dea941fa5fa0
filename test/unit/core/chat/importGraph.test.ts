import assert from "node:assert/strict";
import { createImportResolver, importersOfFile, importersOfModule } from "../../../../src/core/chat/importGraph";
import { indexedFiles } from "../../../support/indexedFiles";

/** Importer, its text, the file it imports; the file may be nothing. */
const CASES: readonly (readonly [string, string, string | undefined])[] = [
  ["src/a.ts", 'import { x } from "./lib/b";', "src/lib/b.ts"],
  ["src/a.ts", 'import { x } from "./lib/b.js";', "src/lib/b.ts"],
  ["src/deep/er/a.ts", 'import x from "../../lib/b.ts";', "src/lib/b.ts"],
  ["src/a.ts", 'import x from "./widgets";', "src/widgets/index.ts"],
  ["src/lib/a.ts", 'import x from "../widgets/index";', "src/widgets/index.ts"],
  ["src/a.ts", 'import x from "@/lib/b";', "src/lib/b.ts"],
  ["src/a.ts", 'import b from "b";', undefined],
  ["app/a.py", "from pkg.mod import thing", "pkg/mod.py"],
  ["app/a.py", "from pkg import mod", "pkg/mod.py"],
  ["pkg/a.py", "from .mod import thing", "pkg/mod.py"],
  ["pkg/sub/a.py", "from ..mod import thing", "pkg/mod.py"],
  ["app/a.py", "import pkg", "pkg/__init__.py"],
  ["cmd/a.go", 'package main\nimport "example.org/x/server"', "server/run.go"],
  ["crate/src/a.rs", "use crate::shapes::Square;", "crate/src/shapes.rs"],
  ["crate/src/a.rs", "use crate::inner::{deep};", "crate/src/inner/mod.rs"],
  ["java/A.java", "import org.shop.Order;", "java/src/org/shop/Order.java"],
  ["c/a.c", '#include "list.h"', "c/list.h"],
  ["c/a.c", "#include <stdio.h>", undefined],
];
const TARGETS = ["src/lib/b.ts", "src/widgets/index.ts", "pkg/mod.py", "pkg/__init__.py", "server/run.go", "crate/src/shapes.rs", "crate/src/inner/mod.rs", "java/src/org/shop/Order.java", "c/list.h", "c/list.c"];

describe("import graph", () => {
  for (const [importer, text, target] of CASES) {
    it(`${importer}: ${text.split("\n").at(-1)} → ${target ?? "nothing"}`, async () => {
      const index = await indexedFiles({ ...Object.fromEntries(TARGETS.map((file) => [file, ""])), [importer]: `${text}\n` });
      const site = index.outline(importer)?.imports[0];
      assert.ok(site);
      assert.equal(createImportResolver(index)(site, importer), target);
      if (target) assert.deepEqual(importersOfFile(target, index).map((use) => use.file), [importer]);
    });
  }
  it("modules by name, with what is below them", async () => {
    const index = await indexedFiles({ "a.ts": 'import a from "lodash";\nimport b from "lodash/get";\nimport c from "lodash-es";\nimport d from "node:fs";\n' });
    assert.deepEqual(importersOfModule("lodash", index).map((use) => use.site.module), ["lodash", "lodash/get"]);
    assert.deepEqual(importersOfModule("fs", index).map((use) => use.site.module), ["node:fs"]);
  });
});
