import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { libraryHint } from "../../../../src/core/engine/processEnd";
import { leavesNoEngine } from "../../../support/childProcesses";
import { stubEntry, WatchedSupervisor } from "../../../support/supervisors";

/** What happens to the wish for a model when it is said again, taken back or changed while another is under way. */
describe("services/engine/engineSupervisor: wishes", () => {
  leavesNoEngine();
  let folder = "";
  let supervisor: WatchedSupervisor | undefined;
  before(() => { folder = mkdtempSync(path.join(tmpdir(), "ghostlight-wishes-")); });
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  afterEach(() => { supervisor?.dispose(); });

  const supervise = (stub: string): WatchedSupervisor => (supervisor = new WatchedSupervisor({ entry: stubEntry(stub) }));
  const file = (name: string, text = "weights"): string => {
    const model = path.join(folder, name);
    writeFileSync(model, text);
    return model;
  };

  it("the same wish again loads nothing: a settings change elsewhere costs no cache", async () => {
    const watched = supervise("works");
    const model = { path: file("a.gguf"), contextSize: 512 };
    await watched.use("completion", model);
    await watched.use("completion", { ...model });
    assert.equal(watched.states.filter(({ state }) => state === "loading").length, 1);
  });

  it("another context size, or a file with other bytes, is loaded anew", async () => {
    const watched = supervise("works");
    const model = file("a.gguf");
    await watched.use("completion", { path: model, contextSize: 512 });
    await watched.use("completion", { path: model, contextSize: 1_024 });
    writeFileSync(model, "other weights");
    await watched.use("completion", { path: model, contextSize: 1_024 });
    assert.equal(watched.states.filter(({ state }) => state === "loading").length, 3);
  });

  it("a wish said while a bad file loads is fulfilled, and the bad file's failure does not touch it", async () => {
    const watched = supervise("refusesBad");
    const loading = watched.next("loading");
    const bad = watched.use("completion", { path: file("bad.gguf"), contextSize: 512 });
    await loading;
    const good = watched.use("completion", { path: file("good.gguf"), contextSize: 512 });
    await Promise.all([bad, good]);
    assert.equal(watched.loaded("completion")?.path, path.join(folder, "good.gguf"));
    assert.deepEqual(watched.failures, []);
  });

  it("a restart with nothing left to load does not stay at starting", async () => {
    const watched = supervise("refusesBad");
    await watched.use("completion", { path: file("bad.gguf"), contextSize: 512 });
    assert.deepEqual(watched.failures.map(({ code }) => code), ["notGguf"]);
    await watched.restart();
    assert.equal(watched.state.state, "stopped");
  });

  it("a file that changed since it was checked is not loaded by a restart", async () => {
    const watched = supervise("works");
    const model = file("a.gguf");
    await watched.use("completion", { path: model, contextSize: 512 });
    writeFileSync(model, "not the same bytes");
    await watched.restart();
    assert.deepEqual([watched.failures.map(({ code }) => code), watched.loaded("completion")], [["changed"], undefined]);
  });

  it("a library that does not start is the runtime's fault: it is remembered, and the file is not set aside", async () => {
    const watched = supervise("libraryFails");
    const use = watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
    const { cause, hint } = await watched.next("failed");
    await use;
    assert.deepEqual(watched.failures, []);
    assert.ok(watched.died.length > 0);
    assert.match(cause, /its library does not start on this machine/);
    assert.equal(hint, libraryHint(process.platform));
    assert.equal(watched.processId, undefined);
  });
});
