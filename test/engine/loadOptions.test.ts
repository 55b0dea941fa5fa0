import assert from "node:assert/strict";
import type { LoadedModelInfo } from "../../src/protocol/engine";
import type { ModelRequest } from "../../src/services/engine/wishes";
import { adapterFile } from "../support/adapterFiles";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { RealEngine } from "../support/realEngine";

describe("engine: options of a load", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();
  const model = (): string => models.model({ family: "qwen" });

  async function held(request: Partial<ModelRequest> = {}, role: "completion" | "chat" = "completion"): Promise<LoadedModelInfo> {
    await engine.use(role, { path: model(), contextSize: 512, ...request });
    const info = engine.loaded(role);
    assert.ok(info, JSON.stringify(engine.failures.at(-1)));
    return info;
  }
  async function refused(request: Partial<ModelRequest>): Promise<string> {
    const count = engine.failures.length;
    await engine.use("completion", { path: model(), contextSize: 512, ...request });
    const failure = engine.failures[count];
    assert.ok(failure, "it was loaded");
    return `${failure.code}: ${failure.detail}`;
  }
  /** What the model thinks of a text, to the last digit that is the same from run to run. */
  const thought = async (): Promise<string> => {
    const { drafts } = await engine.complete({}, { fresh: true, drafts: ["return value"] });
    return (drafts[0]?.lineProbability ?? Number.NaN).toExponential(5);
  };

  it("automatic values: the processor, 64 tokens at once, mapped, half precision, nothing to say", async () => {
    const { placement, notes, contextSize } = await held({ contextSize: "auto" });
    assert.deepEqual(placement, { backend: "cpu", gpuLayers: 0, layers: 3, threads: 1, batchSize: 64, cacheType: "f16", memoryMapped: true, adapters: 0, shared: false });
    assert.deepEqual([notes, contextSize], [[], 2_048]);
  });

  it("completion and chat of one file hold its weights once; the second to go frees them", async () => {
    await held();
    const alone = await thought();
    const { placement } = await held({ contextSize: 1_024 }, "chat");
    assert.equal(placement.shared, true);
    const answer = await engine.chat(["Hello?"], undefined, 4);
    assert.equal(answer.outcome, "done");
    // Two contexts, one cache each: chat has left nothing in completion's.
    assert.equal(await thought(), alone);
    await engine.use("completion", undefined);
    assert.equal((await engine.chat(["Hello again?"], undefined, 4)).outcome, "done");
    await engine.use("chat", undefined);
  });

  it("the same file with another context keeps its weights, and shares them with nobody", async () => {
    await held();
    assert.equal((await held({ contextSize: 768 })).placement.shared, false);
    assert.equal((await held({ contextSize: 512, memoryMapping: "off" })).placement.memoryMapped, false);
    assert.equal((await engine.complete()).stop !== "cancelled", true);
  });

  it("keys and values in 8 and 4 bits, flash attention on and off: loads, and answers a little differently", async () => {
    const plain = await held().then(thought);
    for (const request of [{ cacheType: "q8_0" }, { cacheType: "q4_0", flashAttention: "on" }, { flashAttention: "off" }] as const) {
      const { placement } = await held(request);
      assert.equal(placement.cacheType, "cacheType" in request ? request.cacheType : "f16");
      const now = await thought();
      if ("cacheType" in request) assert.notEqual(now, plain);
    }
  });

  it("threads and the size of a batch are each role's own", async () => {
    const { processId } = engine;
    const { placement } = await held({ threads: 2, batchSize: 16 });
    assert.deepEqual([placement.threads, placement.batchSize, engine.processId], [2, 16, processId]);
    const { promptTokens, evaluatedTokens } = await engine.complete({ prefix: "const value = index;\n".repeat(20) }, { fresh: true });
    assert.equal(evaluatedTokens, promptTokens);
  });

  it("adapters change what the model thinks, by their scale, each role by its own", async () => {
    const path = models.file("adapter.gguf", adapterFile());
    const results: string[] = [];
    for (const adapters of [[], [{ path, scale: 0 }], [{ path, scale: 1 }], [{ path, scale: 2 }], [{ path, scale: 1 }, { path: models.file("second.gguf", adapterFile({ weight: "blk.1.attn_output.weight" })), scale: 1 }]]) {
      assert.equal((await held({ adapters })).placement.adapters, adapters.length);
      results.push(await thought());
    }
    assert.equal(results[1], results[0], "an adapter of scale 0 changes nothing");
    assert.equal(new Set(results).size, 4, results.join());
    await held({ adapters: [{ path, scale: 1 }] });
    const { placement } = await held({}, "chat");
    assert.deepEqual([placement.shared, placement.adapters], [true, 0]);
    assert.equal(await thought(), results[2]);
    // Other bytes under the same path, while the other role keeps the weights: the library would go on with the old ones.
    models.file("adapter.gguf", adapterFile({ weight: "blk.1.attn_output.weight" }));
    await held({ adapters: [{ path, scale: 1 }] });
    assert.notEqual(await thought(), results[2]);
    await engine.use("chat", undefined);
  });

  const BAD_ADAPTERS: readonly (readonly [what: string, file: () => string, words: RegExp])[] = [
    ["a missing file", () => `${models.path}/none.gguf`, /no such file/],
    ["a model", () => models.model(), /not an adapter/],
    ["no GGUF", () => models.file("bad.gguf", Buffer.from("hello")), /GGUF mark/],
    ["cut off", () => models.file("bad.gguf", adapterFile().subarray(0, 1_000)), /incomplete/],
    ["another architecture", () => models.file("bad.gguf", adapterFile({ metadata: { "general.architecture": "qwen2" } })), /architecture "qwen2"/],
    ["another kind", () => models.file("bad.gguf", adapterFile({ metadata: { "adapter.type": "prefix" } })), /other than LoRA/],
    ["another width", () => models.file("bad.gguf", adapterFile({ width: 128 })), /another shape/],
    ["a weight that is not there", () => models.file("bad.gguf", adapterFile({ weight: "blk.9.attn_q.weight" })), /no weight "blk.9/],
    ["half a pair", () => models.file("bad.gguf", adapterFile({ tensors: ([first]) => (first ? [first] : []) })), /two factors/],
  ];
  for (const [what, file, words] of BAD_ADAPTERS) {
    it(`an adapter that is ${what} is refused before the library sees it`, async () => {
      await held();
      const { processId } = engine;
      const said = await refused({ adapters: [{ path: file(), scale: 1 }] });
      assert.match(said, /^adapterRefused: the adapter /);
      assert.match(said, words);
      assert.equal(engine.processId, processId);
    });
  }

  it("another wish ends a load that is under way", async () => {
    const loading = engine.next("loading");
    const first = engine.use("completion", { path: models.model({ layers: 6, width: 256 }), contextSize: 2_048 });
    await loading;
    const second = engine.use("completion", { path: model(), contextSize: 512 });
    await Promise.all([first, second]);
    assert.equal(engine.loaded("completion")?.path, model());
    assert.equal((await engine.complete()).stop !== "cancelled", true);
  });
});
