import type { Turn } from "./scheduler";
import type { Prediction, TokenSequence } from "./tokenSequence";

/**
 * A KV cache that remembers its predictions. Moving to another prompt drops only what differs and evaluates only what
 * is missing; a position evaluated before answers from memory. So a cancelled request loses nothing, and typing along
 * a suggestion costs nothing (design §1, resumable generation).
 */
export class CachedSequence {
  readonly #sequence: TokenSequence;
  /** Prediction after the token at the same index, where one was asked for. */
  #predictions: (Prediction | undefined)[] = [];

  constructor(sequence: TokenSequence) {
    this.#sequence = sequence;
  }

  get contextSize(): number {
    return this.#sequence.contextSize;
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    await this.#sequence.truncate(0);
    this.#predictions = [];
  }

  /**
   * Brings the cache to hold `tokens` and returns what the model expects after them.
   * `onEvaluated` is told the number of tokens of each evaluated chunk. Rejects with an abort error between chunks;
   * what was evaluated until then stays.
   */
  async predictAfter(tokens: readonly number[], turn: Turn, onEvaluated: (count: number) => void): Promise<Prediction> {
    const [prediction] = await this.predictAlong(tokens, tokens.length - 1, turn, onEvaluated);
    if (!prediction) throw new Error("nothing to predict from");
    return prediction;
  }

  /**
   * The same after each token from index `from` on: given tokens are judged in one evaluation instead of a step each.
   * The first result stands after `tokens[from]`.
   */
  async predictAlong(tokens: readonly number[], from: number, turn: Turn, onEvaluated: (count: number) => void): Promise<readonly Prediction[]> {
    const common = commonLength(this.#sequence.tokens, tokens);
    // A token is evaluated again where what follows it is not known.
    const keep = Math.min(common, this.#firstUnknown(from));
    if (keep < tokens.length) await this.#truncate(keep);
    const { chunkSize } = this.#sequence;
    for (let start = keep; start < tokens.length; start += chunkSize) {
      await turn.next();
      const end = Math.min(start + chunkSize, tokens.length);
      const first = Math.min(Math.max(from, start), end);
      const predictions = await this.#sequence.evaluate(tokens.slice(start, end), first - start);
      for (const [index, prediction] of predictions.entries()) this.#predictions[first + index] = prediction;
      onEvaluated(end - start);
    }
    const known = this.#predictions.slice(from, tokens.length).filter((prediction) => prediction !== undefined);
    if (known.length !== tokens.length - from) throw new Error("the engine returned no prediction");
    return known;
  }

  /** First index from `from` on whose prediction is not remembered. */
  #firstUnknown(from: number): number {
    let index = from;
    while (this.#predictions[index] !== undefined) index += 1;
    return index;
  }

  async #truncate(length: number): Promise<void> {
    if (length < this.#sequence.tokens.length) await this.#sequence.truncate(length);
    this.#predictions.length = length;
  }
}

/** Length of the common start of two token lists. */
export function commonLength(left: readonly number[], right: readonly number[]): number {
  const most = Math.min(left.length, right.length);
  for (let index = 0; index < most; index++) {
    if (left[index] !== right[index]) return index;
  }
  return most;
}
