import assert from "node:assert/strict";
import type { CachedSequence } from "../../src/engine/cachedSequence";
import type { LoadedWriter } from "../../src/engine/modelSlots";
import { PROMPT_CHUNK } from "../../src/engine/tokenSequence";
import { isAbortError } from "../../src/core/util/abort";
import { engineInside } from "../support/engineInside";
import { ModelFolder } from "../support/engineModels";

/** The library in this process: here a test knows to the chunk what has been evaluated when the signal fires. */
describe("engine: interrupting a prompt of 1,500 tokens", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  let inside: Awaited<ReturnType<typeof engineInside>>;
  let runtime: Awaited<ReturnType<typeof inside.startLlama>>;
  let model: LoadedWriter;
  let tokens: readonly number[];

  before(async () => {
    inside = await engineInside();
    runtime = await inside.startLlama(1, () => undefined);
    const params = { role: "completion", path: models.model(), contextSize: 2_048, threads: 1 } as const;
    const loaded = await inside.loadModel({ runtime, weights: new inside.SharedWeights(), clock: () => 0 }, params, new AbortController().signal);
    assert.ok(loaded.model?.role === "completion", JSON.stringify(loaded.result));
    model = loaded.model;
    tokens = model.tokenizer.encodeText("const value = index;\n".repeat(250)).slice(0, 1_500);
    assert.equal(tokens.length, 1_500);
  });
  after(async () => { await runtime.llama.dispose(); models.dispose(); });

  /** Tokens evaluated when the signal fires somewhere in the evaluation of this chunk. */
  async function evaluatedWhenAbortedIn(chunk: number, cache: CachedSequence): Promise<number> {
    const controller = new AbortController();
    let evaluated = 0;
    await assert.rejects(new inside.Scheduler().run("completion", async (turn) => {
      let begun = 0;
      const counting = { next: async (): Promise<void> => {
        await turn.next();
        begun += 1;
        // Fires while the library is at work on this chunk in its own thread.
        if (begun === chunk) setImmediate(() => { controller.abort(); });
      } };
      await cache.predictAfter(tokens, counting, (count) => { evaluated += count; });
    }, controller.signal), isAbortError);
    return evaluated;
  }

  for (const chunk of [1, 5, 20]) {
    it(`aborted in chunk ${String(chunk)}: at most one more is evaluated, and the rest only later`, async () => {
      const cache = new inside.CachedSequence(model.sequence);
      await cache.clear();
      const evaluated = await evaluatedWhenAbortedIn(chunk, cache);
      assert.ok(evaluated >= chunk * PROMPT_CHUNK && evaluated <= (chunk + 1) * PROMPT_CHUNK, `${String(evaluated)} tokens`);
      let later = 0;
      await new inside.Scheduler().run("completion", (turn) => cache.predictAfter(tokens, turn, (count) => { later += count; }), new AbortController().signal);
      assert.equal(later, tokens.length - evaluated);
    });
  }

  it("the context's end is never passed: no silent shift", async () => {
    const cache = new inside.CachedSequence(model.sequence);
    const tooMany = [...tokens, ...tokens];
    await assert.rejects(cache.predictAfter(tooMany, { next: async () => undefined }, () => undefined), /longer than the context/);
  });
});
