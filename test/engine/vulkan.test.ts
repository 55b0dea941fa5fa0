import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { StreamMessageWriter, type Message } from "vscode-jsonrpc/node";
import type { BackendFinding } from "../../src/core/engine/backends";
import { neverAborted } from "../../src/core/util/abort";
import { silentLog } from "../../src/core/util/log";
import { EngineMethod, PROTOCOL_VERSION, type HelloParams } from "../../src/protocol/engine";
import { EngineGoneError, EngineProcess } from "../../src/services/engine/engineProcess";
import type { EngineSupervisorOptions } from "../../src/services/engine/engineSupervisor";
import { probeBackend } from "../../src/services/engine/gpuProbe";
import { ownRuntime } from "../../src/services/engine/runtimes";
import { bertModel } from "../support/bertModel";
import { ended, leavesNoEngine, startedBy, until } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { Lavapipe, type Misbehaviour } from "../support/lavapipe";
import { RealEngine, textOf } from "../support/realEngine";
import { ENGINE_ENTRY } from "../support/supervisors";

const root = path.resolve(__dirname, "../..");
const STARTER = path.join(root, "models/starter/ghostlight-starter.gguf");
const PROMPTS = ["const total = items.", "function add(a: number, b: number) {\n  return ", "for (let index = 0; ", "import { readFile } from ", "if (value === undefined) "];
/** More tokens than the library leaves to the processor of layers that are not on the GPU. */
const LONG = { prefix: "const value = index;\n".repeat(12) };

const lavapipe = new Lavapipe();
// `.ci/run` installs it; on a machine of another kind the rest of the tests is as good without it.
if (lavapipe.missing !== undefined) console.log(`  Vulkan is not tested here: ${lavapipe.missing}.`);
else describe("engine: a real Vulkan driver", function () {
  this.timeout(120_000);
  const engines: RealEngine[] = [];
  const models = new ModelFolder();
  const bert = models.file("bert.gguf", bertModel());
  const setAside: string[] = [];
  beforeEach(() => { setAside.length = 0; lavapipe.use(); });
  afterEach(() => { for (const engine of engines.splice(0)) engine.dispose(); });
  after(() => { lavapipe.dispose(); models.dispose(); });
  leavesNoEngine();

  async function loaded(backend: "vulkan" | "cpu", gpuLayers: number | "auto" = "auto", limits: NonNullable<EngineSupervisorOptions["limits"]> = {}): Promise<RealEngine> {
    const engine = new RealEngine({ backend, limits, onBackendSetAside: (name, how) => setAside.push(`${name} ${how}`) });
    engines.push(engine);
    await engine.use("completion", { path: STARTER, contextSize: 512, gpuLayers });
    return engine;
  }

  const probe = (): Promise<BackendFinding> => probeBackend("vulkan", { runtime: ownRuntime(), entry: path.join(root, "dist/probe.mjs"), sampleModel: STARTER, log: silentLog, limitMs: 50_000 }, neverAborted);

  it("the probe finds it and computes on it", async () => {
    const finding = await probe();
    assert.ok(finding.outcome === "works" && finding.report.computed === true, JSON.stringify(finding));
    assert.match(finding.report.devices.join(), /llvmpipe/);
  });

  for (const after of [1, 3, 8]) {
    it(`memory that ends at allocation ${String(after)} of the probe: nothing is decided, it is looked for again`, async () => {
      assert.ok(lavapipe.useBad("noMemory", after), "a C compiler is missing: apt-get install gcc libc6-dev");
      assert.deepEqual(await probe(), { outcome: "unclear", cause: "full" });
    });
  }

  for (const [wish, backend, expected, prompts] of [["auto", "vulkan", 9, PROMPTS.length], [1_000, "vulkan", 9, 1], [4, "vulkan", 4, 2], [0, "cpu", 0, PROMPTS.length]] as const) {
    it(`${String(wish)} layers: ghost text as on the processor, and a key costs 1 or 2 tokens`, async () => {
      const [gpu, cpu] = [await loaded("vulkan", wish), await loaded("cpu")];
      assert.deepEqual([gpu.loaded("completion")?.placement.backend, gpu.loaded("completion")?.placement.gpuLayers], [backend, expected]);
      for (const prefix of PROMPTS.slice(0, prompts)) assert.equal(textOf(await gpu.complete({ prefix }, { fresh: true })), textOf(await cpu.complete({ prefix }, { fresh: true })), prefix);
      for (const typed of ["", "r", "re", "ret"]) {
        const { evaluatedTokens } = await gpu.complete({ typed });
        if (typed !== "") assert.ok(evaluatedTokens >= 1 && evaluatedTokens <= 2, `${typed}: ${String(evaluatedTokens)}`);
      }
    });
  }

  for (const layers of ["auto", 0] as const) {
    it(`texts are compared with ${String(layers)} layers as on the processor`, async () => {
      const similarities = async (backend: "vulkan" | "cpu"): Promise<readonly (number | null)[]> => {
        const engine = new RealEngine({ backend });
        engines.push(engine);
        await engine.use("embedding", { path: bert, contextSize: 256, gpuLayers: layers });
        assert.equal(engine.loaded("embedding")?.placement.backend, layers === 0 ? "cpu" : backend);
        return (await engine.compare("boil the soup", ["boil the water", "open a file", "read the file and close it ".repeat(30)])).similarities;
      };
      const [gpu, cpu] = [await similarities("vulkan"), await similarities("cpu")];
      for (const [at, similarity] of cpu.entries()) assert.ok(Math.abs((similarity ?? 9) - (gpu[at] ?? -9)) < 0.01, `${String(gpu)} ${String(cpu)}`);
    });
  }

  it("killed twice at work: set aside, and ghost text goes on on the processor", async () => {
    const engine = await loaded("vulkan");
    for (let times = 0; times < 2; times++) {
      const back = engine.next("ready");
      const asked = assert.rejects(engine.complete(LONG, { fresh: true }), EngineGoneError);
      await engine.crash();
      await Promise.all([asked, back]);
    }
    await goesOn(engine);
  });

  it("an evaluation that hangs: noticed at its limit, set aside, and ghost text goes on on the processor", async () => {
    assert.ok(lavapipe.useBad("submitHangs", 3), "a C compiler is missing: apt-get install gcc libc6-dev");
    const engine = await loaded("vulkan", "auto", { evaluationMs: 3_000 });
    const back = engine.next("ready");
    await assert.rejects(engine.complete(LONG, { fresh: true }), (error) => error instanceof EngineGoneError && error.exit.hung === true);
    await back;
    await goesOn(engine, "hung");
  });

  it("the processor may take as long as it likes", async () => {
    const engine = await loaded("vulkan", 0, { evaluationMs: 1 });
    await engine.complete(LONG, { fresh: true });
    assert.deepEqual(engine.waits, []);
  });

  const BAD: readonly (readonly [how: Misbehaviour, after: number, layers: number | "auto", dies: number])[] = [
    ["submitAborts", 3, "auto", 2], ["deviceLost", 3, "auto", 2], ["deviceLost", 1, "auto", 0], ["deviceAborts", 1, "auto", 0],
  ];
  for (const [how, after, layers, dies] of BAD) {
    it(`${how} from call ${String(after)} on, with ${String(layers)} layers: set aside, and ghost text goes on on the processor`, async () => {
      assert.ok(lavapipe.useBad(how, after), "a C compiler is missing: apt-get install gcc libc6-dev");
      const engine = await loaded("vulkan", layers);
      for (let times = 0; times < dies; times++) {
        const back = engine.next("ready");
        await assert.rejects(engine.complete(LONG, { fresh: true }), EngineGoneError);
        await back;
      }
      if (!engine.loaded("completion")) await engine.next("ready");
      await goesOn(engine);
    });
  }

  for (const how of ["submitAborts", "deviceLost", "noMemory", "deviceAborts"] as const) {
    it(`${how} without layers on it: nothing is computed on it, long prompts neither`, async () => {
      assert.ok(lavapipe.useBad(how), "a C compiler is missing: apt-get install gcc libc6-dev");
      const engine = await loaded("vulkan", 0);
      const { processId } = engine;
      const { promptTokens, evaluatedTokens } = await engine.complete(LONG, { fresh: true });
      assert.deepEqual([evaluatedTokens, engine.processId, setAside, engine.failures], [promptTokens, processId, [], []]);
    });
  }

  it("no memory on it: down the ladder to the processor, long prompts too", async () => {
    assert.ok(lavapipe.useBad("noMemory"), "a C compiler is missing: apt-get install gcc libc6-dev");
    const engine = await loaded("vulkan");
    assert.deepEqual(engine.loaded("completion")?.placement.backend, "cpu", JSON.stringify(engine.failures));
    assert.match(engine.loaded("completion")?.notes.join("\n") ?? "", /it runs on the processor/);
    assert.notEqual(textOf(await engine.complete(LONG, { fresh: true })), "");
    assert.deepEqual([setAside, engine.waits], [[], []]);
  });

  it("memory on it that ends in an evaluation: the processor goes on, and nothing is set aside", async () => {
    assert.ok(lavapipe.useBad("noMemory", 8), "a C compiler is missing: apt-get install gcc libc6-dev");
    const engine = await loaded("vulkan");
    assert.equal(engine.loaded("completion")?.placement.backend, "vulkan");
    const back = engine.next("ready");
    await assert.rejects(engine.complete(LONG, { fresh: true }), EngineGoneError);
    await back;
    assert.notEqual(textOf(await engine.complete(LONG, { fresh: true })), "");
    assert.deepEqual([setAside, engine.loaded("completion")?.placement.backend], [[], "cpu"]);
  });

  it("from the processor back to the GPU and again: one process, each time computed where it says", async () => {
    const engine = await loaded("vulkan", 0);
    const { processId } = engine;
    for (const [gpuLayers, expected] of [["auto", 9], [0, 0], [4, 4]] as const) {
      await engine.use("completion", { path: STARTER, contextSize: 512, gpuLayers });
      assert.deepEqual([engine.loaded("completion")?.placement.gpuLayers, engine.processId], [expected, processId]);
      assert.notEqual(textOf(await engine.complete({}, { fresh: true })), "");
    }
  });

  describe("a driver that hangs when the library tries its binary: nothing is left", () => {
    beforeEach(() => { assert.ok(lavapipe.useBad("instanceHangs"), "a C compiler is missing: apt-get install gcc libc6-dev"); });

    /** The library's process, once it heeds nobody any more. */
    const hangs = async (engine: number | undefined): Promise<number> => {
      const tried = await startedBy(engine ?? 0, "testBindingBinary");
      await until(() => lavapipe.hangs, 10_000, "the driver does not hang");
      return tried;
    };

    it("where the engine is ended", async () => {
      const engine = await EngineProcess.start({ runtime: ownRuntime(), entry: ENGINE_ENTRY, threads: 1, backend: "vulkan", log: silentLog });
      const tried = await hangs(engine.processId);
      engine.kill();
      await ended(tried);
    });

    it("where its host is gone", async () => {
      const child = spawn(process.execPath, [ENGINE_ENTRY], { stdio: ["pipe", "ignore", "ignore"], detached: true });
      const hello: HelloParams = { protocolVersion: PROTOCOL_VERSION, threads: 1, backend: "vulkan" };
      await new StreamMessageWriter(child.stdin).write({ jsonrpc: "2.0", id: 1, method: EngineMethod.hello, params: hello } as Message);
      const tried = await hangs(child.pid);
      child.stdin.end();
      await ended(tried);
    });
  });

  async function goesOn(engine: RealEngine, how = "crashed"): Promise<void> {
    assert.equal(engine.loaded("completion")?.placement.backend, "cpu");
    assert.notEqual(textOf(await engine.complete(LONG, { fresh: true })), "");
    assert.deepEqual(setAside, [`vulkan ${how}`]);
  }
});
