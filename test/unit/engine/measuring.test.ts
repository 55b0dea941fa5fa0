import assert from "node:assert/strict";
import { measureSequence } from "../../../src/engine/measuring";
import { abortError } from "../../../src/core/util/abort";
import { FakeSequence, freeTurn } from "../../support/engineFakes";

/** A sequence whose evaluations take so long on its own clock, in milliseconds. */
class TimedSequence extends FakeSequence {
  now = 0;
  constructor(private readonly perToken: number, private readonly perEvaluation: number) { super(1_024); }
  override async evaluate(tokens: readonly number[], predictFrom: number): ReturnType<FakeSequence["evaluate"]> {
    this.now += tokens.length * this.perToken + this.perEvaluation;
    return await super.evaluate(tokens, predictFrom);
  }
}

describe("engine/measuring", () => {
  const task = (budgetMs: number): { vocabulary: number[]; budgetMs: number } => ({ vocabulary: [1, 2, 3], budgetMs });

  it("reads at most 512 tokens and writes at most 48; only the evaluations' own time counts", async () => {
    const sequence = new TimedSequence(1, 10);
    // Waiting for a turn takes time too: a completion that goes in between.
    const turn = { next: async (): Promise<void> => { sequence.now += 5; } };
    const speed = await measureSequence(sequence, task(60_000), turn, () => undefined, () => sequence.now);
    assert.ok(speed && Math.abs(speed.prefill - 64 / 0.074) < 1e-6 && Math.abs(speed.decode - 1 / 0.011) < 1e-6, JSON.stringify(speed));
    assert.deepEqual([speed.prefillTokens, speed.decodeTokens], [512, 48]);
  });

  it("keeps to its budget on a slow machine, with smaller chunks, and tells its progress", async () => {
    const sequence = new TimedSequence(100, 0);
    const shares: number[] = [];
    const speed = await measureSequence(sequence, task(10_000), freeTurn(), (share) => shares.push(share), () => sequence.now);
    assert.ok(speed && Math.abs(speed.prefill - 10) < 0.01 && Math.abs(speed.decode - 10) < 0.01, JSON.stringify(speed));
    assert.ok(sequence.now <= 11_000, String(sequence.now));
    assert.ok(shares.every((share, index) => share >= (shares[index - 1] ?? 0) && share <= 1) && shares.at(-1) === 1);
  });

  it("a machine too slow for both has no figure", async () => {
    const sequence = new TimedSequence(2_000, 0);
    assert.equal(await measureSequence(sequence, task(10_000), freeTurn(), () => undefined, () => sequence.now), undefined);
  });

  it("stops between evaluations when it is told to", async () => {
    const sequence = new TimedSequence(1, 0);
    await assert.rejects(measureSequence(sequence, task(10_000), freeTurn(3), () => undefined, () => sequence.now), { name: abortError().name });
    assert.equal(sequence.chunks.length, 3);
  });
});
