import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseCatalog, type CatalogModel } from "../../../../src/core/models/catalog";
import type { MachineFacts } from "../../../../src/core/models/machine";
import { fitModel, recommend, type Recommendation, type Verdict, type Wish } from "../../../../src/core/models/recommendation";

const parsed = parseCatalog(readFileSync("models/catalog.json", "utf8"));
const CATALOG = "models" in parsed ? parsed.models : [];
const GB = 1e9;

/** A machine by its memory in gigabytes: in all, free, and its speed in gigabytes a second. */
const machine = (total: number, free: number, speed: number | undefined, more: Partial<MachineFacts> = {}): MachineFacts => ({
  platform: "linux", architecture: "x64", totalMemory: total * GB, freeMemory: free * GB, physicalCores: 4, instructionSets: ["avx2", "avx512_vnni"], freeDisk: 500 * GB,
  ...(speed === undefined ? {} : { readingSpeed: speed * GB }), ...more,
});
const COMPLETION: Wish = { role: "completion", contextSize: 4_096 };
const CHAT: Wish = { role: "chat", contextSize: 8_192 };
const EMBEDDING: Wish = { role: "embedding", contextSize: 2_048 };
const only = (facts: MachineFacts, wish: Wish, models: readonly CatalogModel[] = CATALOG): Recommendation => {
  const [first] = recommend(models, facts, [wish]);
  assert.ok(first);
  return first;
};
const row = (id: string): CatalogModel => {
  const found = CATALOG.find((model) => model.id === id);
  assert.ok(found, id);
  return found;
};

/** Which models come out on which machines: memory in all, free, speed, then completion, chat, embedding. */
const MACHINES: readonly (readonly [what: string, facts: MachineFacts, completion: string | undefined, chat: string | undefined])[] = [
  ["an old laptop of 4 GB", machine(4, 2, 8), "qwen2.5-coder-0.5b-q8_0", "qwen2.5-coder-0.5b-instruct-q4_k_m"],
  ["a laptop of 8 GB", machine(8, 5, 20), "qwen2.5-coder-0.5b-q8_0", "qwen2.5-coder-1.5b-instruct-q4_k_m"],
  ["a laptop of 16 GB", machine(16, 12, 48), "qwen2.5-coder-1.5b-q8_0", "qwen2.5-coder-7b-instruct-q4_k_m"],
  ["a fast desktop of 64 GB", machine(64, 56, 80), "qwen3-coder-30b-a3b-instruct-q4_k_m", "qwen3-coder-30b-a3b-instruct-q4_k_m"],
];

describe("core/models/recommendation", () => {
  for (const [what, facts, completion, chat] of MACHINES) {
    it(`${what}: ${String(completion)}, ${String(chat)}`, () => {
      assert.deepEqual([only(facts, COMPLETION).recommended?.model.id, only(facts, CHAT).recommended?.model.id], [completion, chat]);
    });
  }

  it("every reason is a sentence, and the choice names its own", () => {
    for (const [, facts] of MACHINES) {
      for (const { fits, why } of recommend(CATALOG, facts, [COMPLETION, CHAT, EMBEDDING])) {
        for (const fit of fits) {
          assert.ok(fit.reasons.length > 0);
          for (const reason of fit.reasons) assert.match(reason, /^[A-Z].*\.$/);
        }
        assert.match(why, /runs well here|least burden/);
      }
    }
  });

  it("no licence that limits use is ever recommended, whatever the machine", () => {
    for (const total of [2, 4, 6, 8, 12, 16, 24, 32, 64, 128]) {
      for (const speed of [2, 5, 10, 20, 50, 100, 400]) {
        for (const each of recommend(CATALOG, machine(total, total * 0.7, speed), [COMPLETION, CHAT, EMBEDDING])) assert.notEqual(each.recommended?.model.restricted, true);
      }
    }
  });

  it("nor where it is the only one, which stays listed with its terms named", () => {
    const { fits, recommended, why } = only(machine(16, 12, 40), COMPLETION, [row("qwen2.5-coder-3b-q8_0")]);
    assert.equal(recommended, undefined);
    assert.match(fits[0]?.reasons.join(" ") ?? "", /licence \(qwen-research\) limits/);
    assert.match(why, /no model/);
  });

  it("what completion takes is no longer there for chat", () => {
    const facts = machine(16, 7, 80);
    const alone = only(facts, CHAT).recommended?.model.parameters ?? 0;
    const after = recommend(CATALOG, facts, [COMPLETION, CHAT])[1]?.recommended?.model.parameters ?? 0;
    assert.ok(after < alone, `${String(after)} of ${String(alone)}`);
  });

  it("a model that would take nearly all that is free is not what is recommended", () => {
    const { fits, recommended } = only(machine(24, 21.6, 80), CHAT);
    const large = fits.find(({ model }) => model.id === "qwen3-coder-30b-a3b-instruct-q4_k_m");
    assert.match(large?.reasons[0] ?? "", /little is left for other programs/);
    assert.deepEqual([large?.verdict, recommended?.model.id === large?.model.id], ["yellow", false]);
  });

  it("where nothing fits, it says so and names the smallest", () => {
    const { recommended, why } = only(machine(1.6, 0.5, 20), COMPLETION);
    assert.equal(recommended, undefined);
    assert.match(why, /No model .* 0\.5B/);
  });

  describe("a model of 7.6 billion at 4 bit", () => {
    const seven = row("qwen2.5-coder-7b-instruct-q4_k_m");
    const cases: readonly (readonly [what: string, facts: MachineFacts, verdict: Verdict, words: RegExp])[] = [
      ["with room and speed", machine(32, 20, 100), "green", /of the 20\.0 GB that are free/],
      ["with room after closing others", machine(16, 2, 100), "yellow", /close other programs/],
      ["with too little memory in all", machine(6, 5, 100), "red", /disk again and again/],
      ["with a slow memory", machine(32, 20, 30), "yellow", /wait will be felt/],
      ["with a very slow memory", machine(32, 20, 10), "red", /slower than one reads/],
      ["with a full disk", machine(32, 20, 100, { freeDisk: 5 * GB }), "red", /make room/],
      ["with AVX2 and no instructions for bytes", machine(32, 20, 100, { instructionSets: ["avx2"] }), "yellow", /about 6\.\d tokens a second: the wait will be felt/],
      ["without wide instructions", machine(32, 20, 400, { instructionSets: ["sse4_2"] }), "yellow", /AVX2/],
      ["not measured", machine(32, 20, undefined), "green", /not been measured/],
      ["with a graphics processor of its own memory", machine(8, 2, 100, { gpu: { kind: "cuda", name: "a card", memory: 12 * GB, shared: false } }), "green", /fits into the 12\.0 GB of a card/],
      ["with a graphics processor that shares the memory", machine(6, 5, 100, { gpu: { kind: "metal", name: "the chip", memory: 6 * GB, shared: true } }), "red", /disk again and again/],
      ["with a slow memory and a graphics processor", machine(32, 20, 10, { gpu: { kind: "vulkan", name: "a card", shared: false } }), "yellow", /may make it fast enough/],
    ];
    for (const [what, facts, verdict, words] of cases) {
      it(`${what}: ${verdict}`, () => {
        const fit = fitModel(seven, facts, CHAT);
        assert.equal(fit.verdict, verdict, fit.reasons.join(" "));
        assert.match(fit.reasons.join(" "), words);
      });
    }
  });

  it("a mixture says what it takes and what it is as fast as", () => {
    assert.match(fitModel(row("qwen3-coder-30b-a3b-instruct-q4_k_m"), machine(64, 56, 80), CHAT).reasons.join(" "), /30\.5 billion .* 3\.3 billion/);
  });

  it("a context beyond the model's own is cut to it, and that is said", () => {
    const fit = fitModel(row("smollm2-360m-instruct-q8_0"), machine(16, 12, 40), { ...CHAT, contextSize: 32_768 });
    assert.match(fit.reasons.join(" "), /trained for 8,192 tokens/);
    assert.equal(fit.memory.cache, fitModel(row("smollm2-360m-instruct-q8_0"), machine(16, 12, 40), CHAT).memory.cache);
  });

  it("a large embedding model is not for a processor alone", () => {
    assert.equal(only(machine(16, 12, 40), EMBEDDING).recommended?.model.id, "jina-embeddings-v2-base-code-q8_0");
  });
});
