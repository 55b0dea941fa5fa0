import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { neverAborted } from "../../../../src/core/util/abort";
import { statusText } from "../../../../src/core/engine/statusText";
import { EngineGoneError } from "../../../../src/services/engine/engineProcess";
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

  /** Kills the engine at work, and waits until it is back. */
  const crashAndReturn = async (watched: WatchedSupervisor): Promise<void> => {
    const ready = watched.next("ready");
    await watched.crash();
    await ready;
  };
  const work = (watched: WatchedSupervisor, tokens: number): Promise<unknown> => watched.request("completion", "complete", { tokens }, neverAborted);

  it("one crash at work may come from anything; after the second the processor is tried, and where it works the back end is set aside", async () => {
    const watched = supervise("computes");
    await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
    await crashAndReturn(watched);
    assert.equal(watched.backend, "vulkan");
    await crashAndReturn(watched);
    await work(watched, 0);
    assert.deepEqual([setAside, watched.backend, watched.loaded("completion")?.placement.gpuLayers], [[], "cpu", 0]);
    assert.deepEqual(notes(watched), ["Vulkan crashed: whether it or the model is to blame is seen on the processor."]);
    // What the editor says with every change of a setting is no new wish.
    watched.configure({ runtime: process.execPath, threads: 1, backend: "vulkan" });
    await work(watched, 1);
    assert.deepEqual([setAside, watched.backend], [["vulkan crashed"], "cpu"]);
    assert.deepEqual(notes(watched), ["Vulkan crashed: models run on the processor until the driver changes or you look for GPUs again."]);
  });

  it("a model that crashes at work on the processor too takes nothing with it: the back end is used again", async () => {
    const watched = supervise("computes");
    await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
    await crashAndReturn(watched);
    await crashAndReturn(watched);
    await watched.crash();
    assert.deepEqual([watched.state.state, setAside, watched.backend], ["failed", [], "vulkan"]);
    await watched.restart();
    assert.deepEqual([watched.loaded("completion")?.placement.gpuLayers, notes(watched)], [9, []]);
  });

  it("an evaluation that hangs on it: the engine is ended at once, and the back end set aside once the processor has answered", async () => {
    const watched = supervise("gpuHangsAtWork");
    await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
    const ready = watched.next("ready");
    const noticed = watched.next("restarting");
    await assert.rejects(work(watched, 1), /an evaluation on the GPU did not come to an end/);
    assert.match((await noticed).cause, /an evaluation on the GPU did not come to an end/);
    await ready;
    assert.deepEqual(setAside, []);
    await work(watched, 1);
    assert.deepEqual([setAside, watched.backend], [["vulkan hung"], "cpu"]);
  });

  it("memory on it that ends in an evaluation: the processor goes on, nothing is set aside, and another wish or a restart brings it back", async () => {
    const watched = supervise("gpuFullAtWork");
    for (const bringBack of [() => watched.restart(), () => watched.use("completion", { path: file("b.gguf"), contextSize: 512 })]) {
      await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
      const ready = watched.next("ready");
      await assert.rejects(work(watched, 1), EngineGoneError);
      await ready;
      await work(watched, 1);
      assert.deepEqual([setAside, watched.backend, watched.loaded("completion")?.placement.gpuLayers], [[], "cpu", 0]);
      assert.match(notes(watched).join(), /^Vulkan has too little free memory: models run on the processor until/);
      await bringBack();
      assert.deepEqual([watched.backend, watched.loaded("completion")?.placement.gpuLayers, notes(watched)], ["vulkan", 9, []]);
    }
  });

  describe("a damaged file is no reason to set a back end aside", () => {
    /** Wishes for a file and waits until it was given up. */
    const givenUp = async (watched: WatchedSupervisor, name: string): Promise<string | undefined> => {
      const failed = new Promise<void>((resolve) => { watched.onModelFailure.on(() => { resolve(); }); });
      await watched.use("completion", { path: file(name), contextSize: 512 });
      await failed;
      return watched.failures.at(-1)?.code;
    };

    it("one that kills the engine on the processor too is set aside itself, and the next file is loaded on the GPU", async () => {
      const watched = supervise("badFiles");
      assert.equal(await givenUp(watched, "bad.gguf"), "crashedWhileLoading");
      await watched.use("completion", { path: file("good.gguf"), contextSize: 512 });
      assert.deepEqual([setAside, watched.backend, watched.loaded("completion")?.placement.gpuLayers, notes(watched)], [[], "vulkan", 9, []]);
      assert.equal(watched.waits.length, 2);
    });

    it("nor is one that is refused there: the other role's model is back on the GPU", async () => {
      const watched = supervise("badFiles");
      await watched.use("chat", { path: file("good.gguf"), contextSize: 512 });
      const back = new Promise<void>((resolve) => { watched.onState.on((state) => { if (state.state === "ready" && state.models.some(({ placement }) => placement.gpuLayers === 9)) resolve(); }); });
      assert.equal(await givenUp(watched, "half.gguf"), "libraryRefused");
      await back;
      assert.deepEqual([setAside, watched.backend, watched.loaded("chat")?.placement.gpuLayers], [[], "vulkan", 9]);
    });

    it("another wish in the middle of the trial ends it: that one is loaded on the GPU", async () => {
      const watched = supervise("badFiles", { wait: () => new Promise(() => undefined) });
      await watched.use("completion", { path: file("bad.gguf"), contextSize: 512 });
      assert.equal(watched.backend, "cpu");
      await watched.use("completion", { path: file("good.gguf"), contextSize: 512 });
      assert.deepEqual([setAside, watched.backend, watched.loaded("completion")?.placement.gpuLayers], [[], "vulkan", 9]);
    });

    it("one that works on the processor, and the back end is at fault: it keeps its own good name", async () => {
      const watched = supervise("gpuDiesLoading");
      const ready = watched.next("ready");
      await watched.use("completion", { path: file("a.gguf"), contextSize: 512 });
      await ready;
      await crashAndReturn(watched);
      assert.deepEqual([setAside, watched.failures], [["vulkan crashed"], []]);
    });
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
