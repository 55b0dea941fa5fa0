import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { statusText } from "../../../../src/core/engine/statusText";
import type { GpuBackend } from "../../../../src/protocol/loadOptions";
import { leavesNoEngine } from "../../../support/childProcesses";
import { stubEntry, WatchedSupervisor } from "../../../support/supervisors";

/** How the supervisor goes down the ladder, with engines that only pretend to have a GPU. */
describe("services/engine/engineSupervisor: the ladder", () => {
  leavesNoEngine();
  let folder = "";
  let supervisor: WatchedSupervisor | undefined;
  let setAside: string[] = [];
  before(() => { folder = mkdtempSync(path.join(tmpdir(), "ghostlight-ladder-")); });
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  afterEach(() => { supervisor?.dispose(); setAside = []; });

  const file = (name: string): string => {
    const model = path.join(folder, name);
    writeFileSync(model, "weights");
    return model;
  };
  const supervise = (stub: string, more: Partial<ConstructorParameters<typeof WatchedSupervisor>[0]> = {}): WatchedSupervisor => {
    supervisor = new WatchedSupervisor({ entry: stubEntry(stub), backend: "vulkan", onBackendSetAside: (backend: GpuBackend, how) => setAside.push(`${backend} ${how}`), ...more });
    return supervisor;
  };
  const notes = (watched: WatchedSupervisor): readonly string[] => watched.loaded("completion")?.notes ?? [];

  it("too little graphics memory: fewer layers until it fits, each step in the status item, all in the notes", async () => {
    const watched = supervise("gpuShort");
    await watched.use("completion", { path: file("a.gguf"), contextSize: 2_048 });
    assert.equal(watched.loaded("completion")?.placement.gpuLayers, 7);
    assert.deepEqual(notes(watched).map((note) => note.slice(0, 58)), ["Vulkan has too little free memory for 29 layers: 14 are tr", "Vulkan has too little free memory for 14 layers: 7 are tri"]);
    const details = watched.states.map((engine) => statusText({ engine, completionOff: false, recallAlone: false, thinking: false, problems: [] }).detail);
    assert.ok(details.some((detail) => detail.includes("14 are tried")) && details.some((detail) => detail.includes("7 are tried")), details.join("|"));
    assert.match(details.at(-1) ?? "", /7 of 9 layers on Vulkan\nVulkan has too little/);
  });

  it("down to the processor and a smaller context; the wish stays and no failure is told", async () => {
    const watched = supervise("gpuShort");
    await watched.use("completion", { path: file("a.gguf"), contextSize: 16_384 });
    const loaded = watched.loaded("completion");
    assert.deepEqual([loaded?.placement.gpuLayers, loaded?.contextSize, watched.failures], [0, 4_096, []]);
    assert.match(notes(watched).join("\n"), /it runs on the processor\.\nMemory is short: .* 8192 tokens instead of 16384\.\nMemory is short: .* 4096 tokens instead of 8192\.$/);
  });

  it("said again, the same wish does not walk the ladder again", async () => {
    const watched = supervise("gpuShort");
    const wish = { path: file("a.gguf"), contextSize: 16_384 };
    await watched.use("completion", wish);
    const count = watched.states.length;
    await watched.use("completion", { ...wish });
    assert.ok(watched.states.slice(count).every(({ state }) => state === "ready"));
  });

  it("a back end that crashes while a model loads is set aside, not the file: the engine comes back on the processor", async () => {
    const watched = supervise("gpuDiesLoading");
    const ready = watched.next("ready");
    await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
    await ready;
    assert.deepEqual([setAside, watched.failures, watched.backend, watched.waits], [["vulkan crashed"], [], "cpu", [500]]);
    assert.deepEqual(notes(watched), ["Vulkan crashed: models run on the processor until the driver changes or you look for GPUs again."]);
    // What the editor says with every change of a setting leaves it so; a new finding gives it its chance.
    watched.configure({ runtime: process.execPath, threads: 1 });
    assert.equal(watched.backend, "cpu");
    watched.configure({ runtime: process.execPath, threads: 1, backend: "cuda" });
    assert.equal(watched.backend, "cuda");
  });

  it("one that hangs while a model loads is ended and set aside", async () => {
    const watched = supervise("gpuHangsLoading", { limits: { loadMs: 300 } });
    const ready = watched.next("ready");
    await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
    await ready;
    assert.deepEqual([setAside, watched.failures], [["vulkan hung"], []]);
  });

  it("one crash at work may come from anything; after the second the back end is set aside", async () => {
    const watched = supervise("works");
    await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
    for (const expected of [[], ["vulkan crashed"]]) {
      const ready = watched.next("ready");
      await watched.crash();
      await ready;
      assert.deepEqual(setAside, expected);
    }
    assert.equal(watched.loaded("completion")?.placement.gpuLayers, 0);
  });

  it("on the processor nothing is set aside, and a file that crashes is", async () => {
    const watched = supervise("diesLoading", { backend: "cpu" });
    const failed = new Promise<void>((resolve) => { watched.onModelFailure.on(() => { resolve(); }); });
    await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
    await failed;
    assert.deepEqual([setAside, watched.failures.map(({ code }) => code)], [[], ["crashedWhileLoading"]]);
  });

  it("another wish ends a load that is under way at once", async () => {
    const watched = supervise("cancelsLoading");
    const loading = watched.next("loading");
    const first = watched.use("completion", { path: file("long.gguf"), contextSize: 512 });
    await loading;
    await watched.use("completion", { path: file("good.gguf"), contextSize: 512 });
    await first;
    assert.deepEqual([watched.loaded("completion")?.path, watched.failures], [path.join(folder, "good.gguf"), []]);
    const again = watched.next("loading");
    const second = watched.use("completion", { path: file("long.gguf"), contextSize: 512 });
    await again;
    await watched.use("completion", undefined);
    await second;
    assert.equal(watched.loaded("completion"), undefined);
  });
});
