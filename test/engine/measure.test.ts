import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { neverAborted } from "../../src/core/util/abort";
import { machineKey, measureLoaded, Measurements } from "../../src/services/engine/measure";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { RealEngine } from "../support/realEngine";
import { stubEntry } from "../support/supervisors";

describe("engine: measuring a loaded model", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  before(() => engine.load(models.model({ family: "qwen", layers: 3, width: 128 })));
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();

  it("tells reading and writing speed and what to run it with, with progress", async () => {
    const shares: number[] = [];
    const measured = await measureLoaded(engine, "completion", { physicalCores: 3, onProgress: (share) => shares.push(share), limitMs: 8_000 }, neverAborted);
    assert.ok(measured.outcome === "measured", JSON.stringify(measured));
    const { threads, batchSize, prefill, decode } = measured.tuning;
    assert.ok([1, 2].includes(threads) && batchSize >= 16 && prefill > decode && decode > 0, JSON.stringify(measured));
    assert.ok(shares.length > 10 && shares.every((share) => share > 0 && share <= 1));
  });

  it("loses nothing of the person's work: what was evaluated before is still there", async () => {
    const plan = { prefix: "const value = index;\n".repeat(30), typed: "re" };
    await engine.complete(plan);
    await measureLoaded(engine, "completion", { physicalCores: 1, limitMs: 3_000 }, neverAborted);
    const { evaluatedTokens } = await engine.complete({ ...plan, typed: "ret" });
    assert.ok(evaluatedTokens <= 4, String(evaluatedTokens));
  });

  it("a completion goes in between", async () => {
    let measured = false;
    let begun = (): void => undefined;
    const working = new Promise<void>((resolve) => { begun = resolve; });
    const measuring = measureLoaded(engine, "completion", { physicalCores: 3, limitMs: 3_000, onProgress: () => { begun(); } }, neverAborted).then((result) => { measured = true; return result; });
    await working;
    await engine.complete();
    assert.equal(measured, false);
    assert.equal((await measuring).outcome, "measured");
  });

  it("cancelled, it stops within a chunk; the model stays", async () => {
    const stop = new AbortController();
    const measured = await measureLoaded(engine, "completion", { physicalCores: 3, onProgress: () => { stop.abort(); } }, stop.signal);
    assert.equal(measured.outcome, "stopped");
    assert.notEqual((await engine.complete()).stop, "cancelled");
  });

  it("another model for the role ends it first", async () => {
    let begun = (): void => undefined;
    const working = new Promise<void>((resolve) => { begun = resolve; });
    const measuring = measureLoaded(engine, "completion", { physicalCores: 3, onProgress: () => { begun(); } }, neverAborted);
    await working;
    await engine.load(models.model({ family: "qwen" }));
    assert.equal((await measuring).outcome, "stopped");
    assert.notEqual((await engine.complete()).stop, "cancelled");
  });

  it("without a model, and with an engine that never answers, it fails in words and in time", async () => {
    assert.deepEqual(await measureLoaded(engine, "chat", { physicalCores: 1 }, neverAborted), { outcome: "failed", cause: "no chat model is loaded" });
    const silent = new RealEngine({ entry: stubEntry("neverCompletes") });
    await silent.load(models.model());
    const measured = await measureLoaded(silent, "completion", { physicalCores: 1, limitMs: 300 }, neverAborted);
    assert.equal(measured.outcome, "failed");
    silent.dispose();
  });
});

describe("services/engine/measure: what is remembered", () => {
  let folder = "";
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), "ghostlight-measured-")); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
  const tuning = { threads: 3, batchSize: 64, timeBudgetMs: 900, prefill: 400, decode: 27 };
  const store = (): Measurements => new Measurements(path.join(folder, "measured.json"));

  it("is good for one model on one machine, library and back end", () => {
    store().write("a", machineKey("3.21.1", "cpu"), tuning);
    assert.deepEqual(store().read("a", machineKey("3.21.1", "cpu")), tuning);
    for (const [sha256, version, backend] of [["b", "3.21.1", "cpu"], ["a", "3.22.0", "cpu"], ["a", "3.21.1", "vulkan"]] as const) assert.equal(store().read(sha256, machineKey(version, backend)), undefined);
  });

  it("keeps the newest; a damaged file knows nothing", () => {
    for (let model = 0; model < 70; model++) store().write(String(model), "m", tuning);
    assert.deepEqual([store().read("69", "m"), store().read("0", "m")], [tuning, undefined]);
    writeFileSync(path.join(folder, "measured.json"), '{"69":{"machine":"m"}}');
    assert.equal(store().read("69", "m"), undefined);
  });
});
