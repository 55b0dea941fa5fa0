import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ownRuntime, runtimesToTry, type Runtime } from "../../../../src/services/engine/runtimes";

describe("services/engine/runtimes", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ghostlight-path-"));
  const search = process.env["PATH"];
  afterEach(() => { process.env["PATH"] = search; });
  after(() => { rmSync(folder, { recursive: true }); });

  /** A folder for PATH with a "node" that says this version; `own` is the Node that runs these tests. */
  const onPath = (...versions: readonly string[]): void => {
    process.env["PATH"] = versions.map((version) => {
      const place = mkdtempSync(path.join(folder, "bin-"));
      if (version === "own") symlinkSync(process.execPath, path.join(place, "node"));
      else if (version !== "none") writeFileSync(path.join(place, "node"), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
      return place;
    }).join(path.delimiter);
  };
  const kinds = (runtimes: readonly Runtime[]): string[] => runtimes.map(({ kind }) => kind);

  it("the editor's own binary behaves as Node", () => {
    assert.deepEqual(ownRuntime(), { kind: "editor", command: process.execPath, environment: { ELECTRON_RUN_AS_NODE: "1" } });
  });

  it("auto: the editor's own first, then the Node of the machine", async () => {
    onPath("own");
    assert.deepEqual(kinds(await runtimesToTry("auto", undefined)), ["editor", "node"]);
  });

  it("the one that died while loading is not tried first again", async () => {
    onPath("own");
    assert.deepEqual(kinds(await runtimesToTry("auto", "editor")), ["node", "editor"]);
    assert.deepEqual(kinds(await runtimesToTry("auto", "node")), ["editor", "node"]);
  });

  it("a Node that is too old, broken or absent is passed over", async () => {
    onPath("none", "v18.20.0", "nonsense");
    assert.deepEqual(kinds(await runtimesToTry("auto", undefined)), ["editor"]);
    assert.deepEqual(await runtimesToTry("node", undefined), []);
    onPath("v18.20.0", "v22.1.0");
    assert.deepEqual(kinds(await runtimesToTry("node", undefined)), ["node"]);
  });

  it("a choice is a choice: one kind, or one path", async () => {
    onPath("own");
    assert.deepEqual(kinds(await runtimesToTry("editor", "editor")), ["editor"]);
    assert.deepEqual(kinds(await runtimesToTry("node", "node")), ["node"]);
    assert.deepEqual(await runtimesToTry("/opt/node", undefined), [{ kind: "node", command: "/opt/node", environment: {} }]);
  });
});
