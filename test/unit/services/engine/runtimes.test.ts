import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ownRuntime, runtimesToTry, type Runtime } from "../../../../src/services/engine/runtimes";
import { whereThereAre } from "../../../support/systemParts";

describe("services/engine/runtimes", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ghostlight-path-"));
  const search = process.env["PATH"];
  afterEach(() => { process.env["PATH"] = search; });
  after(() => { rmSync(folder, { recursive: true }); });

  /** A folder for PATH with a "node" that says this version; `own` is the Node that runs these tests. */
  const onPath = (...versions: readonly string[]): void => {
    process.env["PATH"] = versions.map((version) => {
      if (version === "own") return path.dirname(process.execPath);
      const place = mkdtempSync(path.join(folder, "bin-"));
      if (version !== "none") writeFileSync(path.join(place, "node"), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
      return place;
    }).join(path.delimiter);
  };
  const all = async (...choice: Parameters<typeof runtimesToTry>): Promise<Runtime[]> => {
    const runtimes: Runtime[] = [];
    for await (const runtime of runtimesToTry(...choice)) runtimes.push(runtime);
    return runtimes;
  };
  const kinds = (runtimes: readonly Runtime[]): string[] => runtimes.map(({ kind }) => kind);

  it("the editor's own binary behaves as Node", () => {
    assert.deepEqual(ownRuntime(), { kind: "editor", command: process.execPath, environment: { ELECTRON_RUN_AS_NODE: "1" } });
  });

  it("auto: the editor's own first, then the Node of the machine", async () => {
    onPath("own");
    assert.deepEqual(kinds(await all("auto", undefined)), ["editor", "node"]);
  });

  it("no Node is looked for before its turn", async () => {
    onPath("own");
    const runtimes = runtimesToTry("auto", undefined);
    process.env["PATH"] = "";
    assert.equal((await runtimes.next()).value?.kind, "editor");
    assert.equal((await runtimes.next()).done, true);
  });

  it("the one that died while loading is not tried first again", async () => {
    onPath("own");
    assert.deepEqual(kinds(await all("auto", "editor")), ["node", "editor"]);
    assert.deepEqual(kinds(await all("auto", "node")), ["editor", "node"]);
  });

  whereThereAre("scripts that are programs", () => {
    it("a Node that is too old, broken or absent is passed over", async () => {
      onPath("none", "v18.20.0", "nonsense");
      assert.deepEqual(kinds(await all("auto", undefined)), ["editor"]);
      assert.deepEqual(await all("node", undefined), []);
      onPath("v18.20.0", "v22.1.0");
      assert.deepEqual(kinds(await all("node", undefined)), ["node"]);
    });
  });

  it("a node that is no program of this system, or is being written, is passed over too", async () => {
    // Starting it throws at once, and does not fail later as with the others.
    const place = mkdtempSync(path.join(folder, "bin-"));
    const written = ["node", "node.exe"].map((name) => openSync(path.join(place, name), "w", 0o755));
    process.env["PATH"] = place;
    try {
      assert.deepEqual(await all("node", undefined), []);
    } finally {
      written.forEach(closeSync);
    }
  });

  it("a choice is a choice: one kind, or one path", async () => {
    onPath("own");
    assert.deepEqual(kinds(await all("editor", "editor")), ["editor"]);
    assert.deepEqual(kinds(await all("node", "node")), ["node"]);
    assert.deepEqual(await all("/opt/node", undefined), [{ kind: "node", command: "/opt/node", environment: {} }]);
  });
});
