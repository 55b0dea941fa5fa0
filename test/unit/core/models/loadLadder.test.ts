import assert from "node:assert/strict";
import fc from "fast-check";
import { nextRung, type Attempted, type LadderMove, type Rung } from "../../../../src/core/models/loadLadder";
import { LEAST_CONTEXT } from "../../../../src/core/models/memoryFit";
import type { ModelRole } from "../../../../src/protocol/engine";

const GPU: Rung = { backend: "cuda", gpuLayers: "auto", contextSize: 2_048 };
const CPU: Rung = { backend: "cpu", gpuLayers: 0, contextSize: 2_048 };
const memory = (gpuLayers: number, contextSize = 2_048): Attempted => ({ gpuLayers, contextSize });
const tried = (move: LadderMove): Extract<LadderMove, { move: "try" }> => {
  assert.equal(move.move, "try");
  return move as Extract<LadderMove, { move: "try" }>;
};

describe("core/models/loadLadder", () => {
  it("GPU → fewer layers → the processor → smaller context → none", () => {
    const said: string[] = [];
    let rung: Rung = GPU;
    let layers = 29;
    for (let step = 0; step < 10; step++) {
      const move = nextRung("completion", rung, memory(rung.backend === "cpu" ? 0 : layers, Number(rung.contextSize)));
      if (move.move === "giveUp") break;
      said.push(`${move.rung.backend} ${String(move.rung.gpuLayers)} ${String(move.rung.contextSize)}`);
      rung = move.rung;
      layers = Number(rung.gpuLayers);
    }
    assert.deepEqual(said, ["cuda 14 2048", "cuda 7 2048", "cpu 0 2048", "cpu 0 1024", "cpu 0 512"]);
  });

  it("each step is a sentence that names what changes", () => {
    assert.equal(tried(nextRung("chat", GPU, memory(29))).sentence, "CUDA has too little free memory for 29 layers: 14 are tried, the others run on the processor.");
    assert.equal(tried(nextRung("chat", GPU, memory(6))).sentence, "CUDA has too little free memory for this model: it runs on the processor.");
    assert.equal(tried(nextRung("chat", CPU, memory(0))).sentence, "Memory is short: the chat model has a context of 1024 tokens instead of 2048.");
  });

  it("where automatic came to no layer at all, main memory was short: the context is smaller next", () => {
    assert.deepEqual(tried(nextRung("completion", GPU, memory(0))).rung, { backend: "cpu", gpuLayers: 0, contextSize: 1_024 });
  });

  it("property: every move goes down, and any run of failures ends within twenty", () => {
    const rungs = fc.record({ backend: fc.constantFrom("cuda", "metal", "vulkan", "cpu"), gpuLayers: fc.oneof(fc.constant("auto" as const), fc.nat(200)), contextSize: fc.oneof(fc.constant("auto" as const), fc.integer({ min: 256, max: 131_072 })) });
    fc.assert(fc.property(rungs, fc.constantFrom<ModelRole>("completion", "chat"), fc.array(fc.tuple(fc.boolean(), fc.nat(200)), { minLength: 25, maxLength: 25 }), (first, role, failures) => {
      let rung = first as Rung;
      for (const [step, [known, layers]] of failures.entries()) {
        const attempted = { gpuLayers: rung.gpuLayers === "auto" ? layers : rung.gpuLayers, contextSize: rung.contextSize === "auto" ? 2_048 : rung.contextSize };
        const move = nextRung(role, rung, known ? attempted : undefined);
        if (move.move === "giveUp") return;
        const height = (one: Rung): number => (one.backend === "cpu" ? 0 : 1_000) + (one.gpuLayers === "auto" ? 500 : one.gpuLayers) + (one.contextSize === "auto" ? 1e7 : one.contextSize * 10);
        assert.ok(height(move.rung) < height(rung), `${JSON.stringify(rung)} → ${JSON.stringify(move.rung)}`);
        assert.ok(move.rung.contextSize === "auto" || move.rung.contextSize >= Math.min(LEAST_CONTEXT[role], Number(first.contextSize) || LEAST_CONTEXT[role]));
        assert.ok(step < 20, "it does not end");
        rung = move.rung;
      }
    }), { seed: 5 });
  });
});
