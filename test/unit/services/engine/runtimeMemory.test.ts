import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createRuntimeMemory } from "../../../../src/services/engine/runtimeMemory";

describe("services/engine/runtimeMemory", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ghostlight-memory-"));
  const file = path.join(folder, "runtime.json");
  after(() => { rmSync(folder, { recursive: true }); });

  it("knows nothing at first, and then what it was told, in the next session too", () => {
    assert.equal(createRuntimeMemory(file).lastDied(), undefined);
    createRuntimeMemory(file).remember("editor");
    assert.equal(createRuntimeMemory(file).lastDied(), "editor");
  });

  for (const text of ["", "{", "null", "{\"lastDied\":\"other\"}", "{\"lastDied\":3}", "[]"]) {
    it(`a damaged file says nothing: ${JSON.stringify(text)}`, () => {
      writeFileSync(file, text);
      assert.equal(createRuntimeMemory(file).lastDied(), undefined);
    });
  }
});
