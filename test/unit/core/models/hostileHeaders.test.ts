import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesPerToken, estimateMemory } from "../../../../src/core/models/estimate";
import { GgufError, readGgufHeader } from "../../../../src/core/models/gguf";
import { describeModelFile } from "../../../../src/core/models/modelFile";
import { readModelFacts } from "../../../../src/core/models/modelFacts";
import { BytesSource, ggufWith } from "../../../support/ggufFiles";
import { hostileHeader, SEED_COUNT, type HostileSource } from "../../../support/hostileHeaders";

const FULL = process.env["GHOSTLIGHT_FULL"] === "1";
const RUNS = FULL ? 10_000 : 500;
/** The reader reads ahead by this much. */
const WINDOW = 1 << 20;
const LONGEST_MESSAGE = 400;

/** What the readers made of one header: a typed reason, or figures that can be counted with. */
function outcomeOf(source: HostileSource): string {
  try {
    const described = describeModelFile(readGgufHeader(source));
    if (!("facts" in described)) return "unusable";
    const figures = [...Object.values<number>({ ...estimateMemory(described.facts.shape, { contextSize: 4_096 }) }), bytesPerToken(described.facts.shape, 4_096)];
    assert.ok(figures.every((figure) => Number.isFinite(figure) && figure >= 0), figures.join());
    return "sound";
  } catch (error) {
    if (!(error instanceof GgufError)) throw error;
    assert.ok(error.message.length > 0 && error.message.length <= LONGEST_MESSAGE, `a reason of ${String(error.message.length)} characters`);
    return error.code;
  }
}

describe("core/models: hostile headers", () => {
  it(`${String(RUNS)} headers, damaged from ${String(SEED_COUNT)} sound files: a typed reason each, no more read than there is`, function () {
    this.timeout(600_000);
    assert.ok(SEED_COUNT >= 12);
    const counts = new Map<string, number>();
    const times: number[] = [];
    let mostHeap = 0;
    fc.assert(fc.property(hostileHeader, (source) => {
      const heap = process.memoryUsage();
      const startedAt = performance.now();
      const outcome = outcomeOf(source);
      times.push(performance.now() - startedAt);
      const after = process.memoryUsage();
      mostHeap = Math.max(mostHeap, after.heapUsed + after.arrayBuffers - heap.heapUsed - heap.arrayBuffers);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      // Each step of the reader takes bytes, and no byte is read more often than twice: work is bounded by the file's length.
      assert.ok(source.bytesRead <= 2 * source.size + WINDOW, `${String(source.bytesRead)} of ${String(source.size)} bytes were read`);
      assert.ok(source.largestRead <= Math.max(source.size, WINDOW));
    }), { numRuns: RUNS, seed: 12 });
    const refused = RUNS - (counts.get("sound") ?? 0);
    assert.ok(refused > RUNS / 3, `only ${String(refused)} were refused`);
    assert.ok((counts.get("notGguf") ?? 0) < RUNS / 3, "most damages hit the mark itself");
    assert.ok(["truncated", "damaged", "notGguf", "sound"].every((code) => counts.has(code)), [...counts.keys()].join());
    assert.ok(mostHeap < 64 << 20, `one took ${String(mostHeap)} bytes`);
    if (FULL) console.log(`      ${[...counts].map(([code, count]) => `${code} ${String(count)}`).join(", ")}; slowest ${Math.max(...times).toFixed(1)} ms; most memory ${(mostHeap / 1e6).toFixed(1)} MB`);
  });

  /** Values of another kind and of any length, where a number or a name is expected. */
  const KEYS = ["general.architecture", "llama.block_count", "llama.context_length", "llama.embedding_length", "llama.attention.head_count", "llama.attention.head_count_kv", "tokenizer.ggml.eos_token_id", "general.alignment"] as const;
  const GIANT = { text: "9".repeat(2 << 20), list: { type: "uint32", values: new Uint32Array(500_000) }, texts: Array.from({ length: 50_000 }, () => "twenty characters...") } as const;
  for (const key of KEYS) {
    for (const [kind, value] of Object.entries(GIANT)) {
      it(`${key} as a giant ${kind}: refused or passed over, in few words`, () => {
        const header = readable(ggufWith({ [key]: value }));
        if (header === undefined) return;
        try {
          readModelFacts(header);
        } catch (error) {
          assert.ok(error instanceof GgufError, String(error));
          assert.ok(error.message.length <= LONGEST_MESSAGE, `a reason of ${String(error.message.length)} characters`);
        }
      });
    }
  }

  it("an architecture that is no name is refused", () => {
    for (const name of ["a\nb", "a b", "x".repeat(65), "../a"]) {
      assert.throws(() => readModelFacts(readGgufHeader(new BytesSource(ggufWith({ "general.architecture": name })))), (error) => error instanceof GgufError && error.message.length < 200);
    }
  });
});

/** The header, where the first reader takes it; its own reasons must be short too. */
function readable(bytes: Uint8Array): ReturnType<typeof readGgufHeader> | undefined {
  try {
    return readGgufHeader(new BytesSource(bytes));
  } catch (error) {
    assert.ok(error instanceof GgufError && error.message.length <= LONGEST_MESSAGE, String(error).slice(0, 200));
    return undefined;
  }
}
