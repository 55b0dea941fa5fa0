/** What the model expects after a token: the surest next token, and how the probability is shared among the likeliest. */
export interface Prediction {
  readonly token: number;
  /** 0 to 1. */
  readonly probability: number;
  /** Probability by token, the surest first; what is not here is less likely than the last one here. */
  readonly candidates: ReadonlyMap<number, number>;
}

/**
 * What a session needs of a KV cache. Implemented by `llamaSequence.ts` over the library, by a small fake in tests.
 * The cache holds `tokens`; evaluation appends.
 */
export interface TokenSequence {
  readonly contextSize: number;
  /** Tokens that one evaluation takes at most. */
  readonly chunkSize: number;
  readonly tokens: readonly number[];
  /** Drops the tokens from `length` on. */
  truncate(length: number): Promise<void>;
  /** Evaluates at most `chunkSize` tokens; returns the predictions after each token from index `predictFrom` on. */
  evaluate(tokens: readonly number[], predictFrom: number): Promise<readonly Prediction[]>;
}

/**
 * Prompts are evaluated in chunks of this many tokens, so that anything can be interrupted: the library's own abort
 * does not stop a prompt evaluation (measured: 5.7-9.9 s late; in chunks of 64: about 0.1 s, no loss of throughput).
 * A model that was measured may have another number, for the same time.
 */
export const PROMPT_CHUNK = 64;

/** What a session needs of a vocabulary. */
export interface Tokenizer {
  /** What every prompt begins with: the beginning-of-sequence token where the vocabulary asks for one (DeepSeek, Gemma), or nothing. */
  readonly start: readonly number[];
  /** Tokens of text that stays text: special tokens off, whatever it contains. */
  encodeText(text: string): readonly number[];
  /** The id of a special token by its exact spelling; undefined where the vocabulary has none. */
  specialToken(spelling: string): number | undefined;
  decode(tokens: readonly number[]): string;
  /** Whether generation ends at this token: end of text, or any control token. */
  isEnd(token: number): boolean;
}
