import type { Turn } from "./scheduler";
import { PROMPT_CHUNK, type Prediction, type TokenSequence } from "./tokenSequence";

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
    const common = commonLength(this.#sequence.tokens, tokens);
    const remembered = common === tokens.length ? this.#predictions[tokens.length - 1] : undefined;
    if (remembered) return remembered;
    // The last token is evaluated again where its prediction is not known.
    const keep = Math.min(common, tokens.length - 1);
    await this.#truncate(keep);
    let prediction: Prediction | undefined;
    for (let start = keep; start < tokens.length; start += PROMPT_CHUNK) {
      await turn.next();
      const end = Math.min(start + PROMPT_CHUNK, tokens.length);
      prediction = await this.#sequence.evaluate(tokens.slice(start, end), end === tokens.length);
      onEvaluated(end - start);
    }
    if (!prediction) throw new Error("the engine returned no prediction");
    this.#predictions[tokens.length - 1] = prediction;
    return prediction;
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
