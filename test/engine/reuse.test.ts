import assert from "node:assert/strict";
import { modelFamilies, type ModelFamily } from "../../models/starter/train/modelFamilies";
import { PROMPT_CHUNK } from "../../src/engine/tokenSequence";
import type { CompleteResult, PromptChunk } from "../../src/protocol/engine";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { PLAN, RealEngine, textOf } from "../support/realEngine";

const FAMILIES = (Object.keys(modelFamilies) as ModelFamily[]).filter((family) => family !== "unknown");
const LINE = "  return values[index];";

/** Twenty characters typed one after the other; the first key is a cold prompt. */
const KEYS = Array.from({ length: 21 }, (_, typed) => LINE.slice(0, typed));

describe("engine: reuse of the cache", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();

  const typed = async (texts: readonly string[]): Promise<CompleteResult[]> => {
    const results: CompleteResult[] = [];
    for (const text of texts) results.push(await engine.complete({ typed: text }));
    return results;
  };

  for (const family of FAMILIES) {
    it(`${family}: typing twenty characters on a line evaluates at most three tokens a key`, async () => {
      await engine.load(models.model({ family }));
      assert.equal(engine.loaded("completion")?.family, family);
      const [first, ...others] = await typed(KEYS);
      assert.equal(first?.evaluatedTokens, first?.promptTokens, "the first key is cold");
      for (const { evaluatedTokens } of others) assert.ok(evaluatedTokens <= 3, `${String(evaluatedTokens)} tokens`);
    });
  }

  describe("one model", () => {
    before(() => engine.load(models.model({ family: "qwen", vocabulary: 440 })));

    it("the same request again evaluates nothing", async () => {
      await engine.complete();
      assert.equal((await engine.complete()).evaluatedTokens, 0);
    });

    it("deleting what was typed evaluates at most one token a key", async () => {
      await typed(KEYS);
      for (const { evaluatedTokens } of await typed(KEYS.toReversed().slice(1))) assert.ok(evaluatedTokens <= 1);
    });

    it("fresh: the whole prompt, and the same answer as from a warm cache", async () => {
      await typed(KEYS);
      const warm = await engine.complete({ typed: LINE }, { limits: { maxTokens: 12 } });
      const fresh = await engine.complete({ typed: LINE }, { limits: { maxTokens: 12 }, fresh: true });
      assert.equal(fresh.evaluatedTokens, fresh.promptTokens);
      assert.equal(textOf(fresh), textOf(warm));
    });

    it("a full context: what is left out is told, and typing still costs little", async () => {
      const long = { prefix: `${"const value = index;\n".repeat(400)}`, suffix: `\n${"return length;\n".repeat(200)}` };
      const costs: number[] = [];
      for (const text of KEYS) {
        const result = await engine.complete({ ...long, typed: text });
        assert.ok(result.leftOut.length === 2 && result.promptTokens <= 2_048 && result.promptTokens > 1_700);
        costs.push(result.evaluatedTokens);
      }
      assert.ok(costs.slice(1).every((cost) => cost <= 3), costs.join(" "));
    });

    it("the head is a part of the prompt and is evaluated once", async () => {
      const head: PromptChunk[] = [{ path: "src/b.ts", text: "export const index = 1;\n".repeat(10) }];
      const without = await engine.complete({}, { fresh: true });
      const first = await engine.complete({ head });
      assert.ok(first.promptTokens > without.promptTokens + 50);
      assert.ok((await engine.complete({ head, typed: "r" })).evaluatedTokens <= 2);
    });
  });

  describe("resuming", () => {
    for (const family of ["qwen", "ghostlight"] as const) {
      it(`${family}: typing along what was generated evaluates nothing, leaving it what differs`, async () => {
        const texts = await loadTalkative(family);
        for (let count = 1; count < texts.length; count++) {
          const along = texts.slice(0, count).join("");
          assert.equal((await engine.complete({ typed: along }, { limits: { maxTokens: 1 } })).evaluatedTokens, 0, along);
        }
        assert.ok((await engine.complete({ typed: `${texts[0] ?? ""}~` })).evaluatedTokens <= 1);
      });
    }

    /**
     * Loads a model whose random weights go on for a while in plain characters, and returns what it generated. Its
     * vocabulary has no tokens of several characters, so that a text is always split as it was generated.
     */
    async function loadTalkative(family: "qwen" | "ghostlight"): Promise<string[]> {
      const vocabulary = 256 + modelFamilies[family].special.length;
      for (let seed = 1; seed <= 300; seed++) {
        await engine.load(models.model({ family, seed, vocabulary, contextLength: 512 }));
        const result = await engine.complete({}, { limits: { maxTokens: 4 } });
        const texts = result.tokens.map((token) => token.text);
        if (texts.length === 4 && texts.every((text) => /^[ -}]$/.test(text))) return texts;
      }
      return assert.fail("no seed talks");
    }
  });

  describe("cancelling", () => {
    // About 1,500 tokens, some ten milliseconds for each chunk of 64.
    const LONG = { prefix: `${"const value = index;\n".repeat(170)}` };
    before(() => engine.load(models.model({ family: "qwen", layers: 6, width: 512 })));

    it("a long prompt stops soon after the signal, and what was evaluated is not lost", async () => {
      const controller = new AbortController();
      const cancelled = engine.complete(LONG, { fresh: true, signal: controller.signal });
      // Answered while the prompt is evaluated: so the request is under way. `interrupt.test.ts` counts exactly.
      await engine.residentBytes();
      controller.abort();
      const { stop, evaluatedTokens, promptTokens } = await cancelled;
      assert.ok(promptTokens > 1_400, String(promptTokens));
      assert.ok(stop === "cancelled" && evaluatedTokens > 0 && evaluatedTokens % PROMPT_CHUNK === 0 && evaluatedTokens < promptTokens / 2, `${String(evaluatedTokens)} of ${String(promptTokens)}`);
      const next = await engine.complete(LONG);
      assert.equal(next.evaluatedTokens, next.promptTokens - evaluatedTokens);
    });

    it("the newest wins: an older one ends as cancelled, without anybody's signal", async () => {
      const older = engine.complete(LONG, { fresh: true });
      const newer = engine.complete({ typed: "a" }, { fresh: true });
      const [first, second] = await Promise.all([older, newer]);
      assert.equal(first.stop, "cancelled");
      assert.notEqual(second.stop, "cancelled");
      assert.ok(second.generatedTokens > 0 || second.stop === "endOfText");
    });

    it("of many at once only the newest is answered", async () => {
      const all = await Promise.all(KEYS.map((text) => engine.complete({ ...LONG, typed: text })));
      assert.deepEqual(all.map(({ stop }) => stop === "cancelled"), KEYS.map((_, index) => index < KEYS.length - 1));
    });
  });

  it("loading another model in the role forgets the old cache", async () => {
    await engine.load(models.model({ family: "qwen" }));
    await engine.complete(PLAN);
    await engine.load(models.model({ family: "deepseek" }));
    const result = await engine.complete(PLAN);
    assert.equal(result.evaluatedTokens, result.promptTokens);
  });

  it("memory: a plausible figure, within what the starter may take", async () => {
    const megabytes = await engine.residentBytes() / (1 << 20);
    assert.ok(megabytes > 20 && megabytes < 250, `${megabytes.toFixed(0)} MB`);
  });
});
