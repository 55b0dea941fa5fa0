import { isAbortError } from "../core/util/abort";
import type { MeasureParams, MeasureResult, ThreadSpeed } from "../protocol/engine";
import type { HeldModel } from "./heldModel";
import { sequenceOf } from "./llamaSequence";
import type { Turn } from "./scheduler";
import type { TokenSequence } from "./tokenSequence";

/** Room for what is measured: prompt, decoded tokens and some to spare. */
const CONTEXT_SIZE = 1_024;

/**
 * Measures a model with each number of threads in a small context of its own: neither keys and values of the person's
 * work are lost, nor is its context made anew. Turns are taken as in other work, so a completion goes in between.
 */
export async function measureModel(held: HeldModel, params: MeasureParams, turn: Turn, onProgress: (share: number) => void, clock: () => number): Promise<MeasureResult> {
  const speeds: ThreadSpeed[] = [];
  const { llama } = held.model;
  const most = llama.maxThreads;
  const eachMs = params.budgetMs / params.threads.length;
  try {
    for (const [index, threads] of params.threads.entries()) {
      llama.maxThreads = Math.max(most, threads);
      const context = await held.measuringContext(CONTEXT_SIZE, threads);
      try {
        const report = (share: number): void => { onProgress((index + share) / params.threads.length); };
        const speed = await measureSequence(sequenceOf(context, held.placement.batchSize, held.watch), { vocabulary: tokensToRead(held), budgetMs: eachMs }, turn, report, clock);
        if (speed) speeds.push({ threads, ...speed });
      } finally {
        await context.dispose();
      }
    }
    return { outcome: "done", speeds };
  } catch (error) {
    if (!isAbortError(error)) throw error;
    return { outcome: "stopped", speeds };
  } finally {
    llama.maxThreads = most;
  }
}

/** Any text serves: how fast a token is evaluated does not depend on which it is. */
function tokensToRead(held: HeldModel): readonly number[] {
  return held.model.tokenize("function next(value) { return items[value + 1] ?? null; }\n".repeat(40), false);
}

/** What one measurement takes. */
export interface MeasureTask {
  /** Tokens to read, in turn. */
  readonly vocabulary: readonly number[];
  readonly budgetMs: number;
}

const WARM_UP = 8;
const MOST_PREFILL = 512;
const MOST_DECODE = 48;
/** Share of the time after which reading gives way to writing. */
const PREFILL_SHARE = 0.5;
/** Written tokens that a figure needs at least. */
const LEAST_DECODE = 2;

/**
 * Reads a prompt and writes after it, within the budget; undefined where that did not suffice for both. Only the
 * evaluations' own time counts, not the turns waited for. The first tokens warm up: pages come in, buffers are made.
 */
export async function measureSequence(sequence: TokenSequence, { vocabulary, budgetMs }: MeasureTask, turn: Turn, onProgress: (share: number) => void, clock: () => number): Promise<Omit<ThreadSpeed, "threads"> | undefined> {
  const evaluated = { prefill: 0, prefillMs: 0, decode: 0, decodeMs: 0 };
  const startedAt = clock();
  const spent = (): number => (clock() - startedAt) / budgetMs;
  const evaluate = async (count: number): Promise<number> => {
    await turn.next();
    const from = sequence.tokens.length;
    const tokens = Array.from({ length: count }, (_, index) => vocabulary[(from + index) % vocabulary.length] ?? 0);
    const before = clock();
    // Only single tokens are predicted from: that is what writing does, and reading a prompt does not.
    await sequence.evaluate(tokens, count === 1 ? 0 : count);
    onProgress(Math.min(1, spent()));
    return clock() - before;
  };
  const warmUp = await evaluate(WARM_UP);
  // A chunk cannot be interrupted: on a slow machine it is smaller than in work.
  const chunk = Math.max(2, Math.min(sequence.chunkSize, Math.floor((budgetMs * PREFILL_SHARE * WARM_UP) / (2 * Math.max(1, warmUp)))));
  while (evaluated.prefill < MOST_PREFILL && spent() < PREFILL_SHARE) {
    evaluated.prefillMs += await evaluate(chunk);
    evaluated.prefill += chunk;
  }
  await evaluate(1);
  while (evaluated.decode < MOST_DECODE && spent() < 1) {
    evaluated.decodeMs += await evaluate(1);
    evaluated.decode += 1;
  }
  if (evaluated.prefill === 0 || evaluated.decode < LEAST_DECODE) return undefined;
  return {
    prefill: perSecond(evaluated.prefill, evaluated.prefillMs), decode: perSecond(evaluated.decode, evaluated.decodeMs),
    prefillTokens: evaluated.prefill, decodeTokens: evaluated.decode,
  };
}

function perSecond(count: number, milliseconds: number): number {
  return count / Math.max(0.001, milliseconds / 1_000);
}
