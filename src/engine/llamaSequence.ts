import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import type { Prediction, TokenSequence, Tokenizer } from "./tokenSequence";

/**
 * Candidates that a probability is taken over. The library offers the exact one only by sorting the whole vocabulary
 * (11 ms at 150 k tokens); over the 64 likeliest it costs well under a millisecond and is never less than the exact
 * value. The difference is the mass outside the 64: below 0.01 wherever the first token has more than one half.
 */
const CANDIDATES = 64;

/** Temperature 1 keeps the model's own probabilities; nothing is drawn at random, the likeliest token is taken. */
const SAMPLING = { generateNext: { probabilities: true, options: { temperature: 1, topK: CANDIDATES, topP: 1, minP: 0, seed: 0 } } };

/** The library failed in the middle of its work: what its cache holds and whether its device is still there is not known. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

/** Runs an evaluation of so many tokens, and may notice that it does not come to an end. */
export type Watch = <Result>(evaluation: () => Promise<Result>, tokens: number) => Promise<Result>;

/** Lets every evaluation take as long as it likes. */
export const watchNothing: Watch = (evaluation) => evaluation();

/** A KV cache of the library as a `TokenSequence`. Context shifts are refused by never evaluating past the end. */
export class LlamaTokenSequence implements TokenSequence {
  constructor(private readonly sequence: LlamaContextSequence, readonly chunkSize: number, private readonly watch: Watch = watchNothing) {}

  get contextSize(): number {
    return this.sequence.contextSize;
  }

  get tokens(): readonly number[] {
    return this.sequence.contextTokens;
  }

  async truncate(length: number): Promise<void> {
    if (length >= this.sequence.nextTokenIndex) return;
    if (length === 0) await this.sequence.clearHistory();
    else await this.sequence.eraseContextTokenRanges([{ start: length, end: this.sequence.nextTokenIndex }]);
  }

  async evaluate(tokens: readonly number[], predictFrom: number): Promise<readonly Prediction[]> {
    if (this.sequence.nextTokenIndex + tokens.length > this.contextSize) throw new Error("the prompt is longer than the context");
    const outputs = await this.watch(() => this.#evaluate(tokens as Token[], predictFrom), tokens.length).catch((error: unknown) => {
      throw new EvaluationError(error instanceof Error ? error.message : String(error), { cause: error });
    });
    return outputs.slice(predictFrom).map((output) => predictionOf(output?.next.probabilities));
  }

  async #evaluate(input: Token[], predictFrom: number): ReturnType<LlamaContextSequence["controlledEvaluate"]> {
    if (predictFrom >= input.length) {
      await this.sequence.evaluateWithoutGeneratingNewTokens(input);
      return [];
    }
    return await this.sequence.controlledEvaluate(input.map((token, index) => (index < predictFrom ? token : [token, SAMPLING])));
  }
}

function predictionOf(candidates: ReadonlyMap<number, number> | undefined): Prediction {
  const likeliest = candidates?.entries().next().value;
  if (!candidates || !likeliest) throw new Error("the library returned no probabilities");
  return { token: likeliest[0], probability: likeliest[1], candidates };
}

/** A fresh sequence of a context as a `TokenSequence` that evaluates so many tokens at once at most. */
export function sequenceOf(context: LlamaContext, chunkSize: number, watch?: Watch): LlamaTokenSequence {
  return new LlamaTokenSequence(context.getSequence(), chunkSize, watch);
}

/** Prefix, suffix, head and what is typed, and the drafts of a few requests beside them. */
const REMEMBERED_TEXTS = 48;

/** A model's vocabulary as a `Tokenizer`. User text never yields a special id, whatever the vocabulary calls its tokens. */
export class LlamaTokenizer implements Tokenizer {
  readonly #specialIds: ReadonlyMap<string, number>;
  readonly #specialIdSet: ReadonlySet<number>;
  readonly #spellings: RegExp | undefined;
  readonly #remembered = new Map<string, readonly number[]>();

  constructor(private readonly model: LlamaModel, specials: ReadonlyMap<string, number>, private readonly ends: ReadonlySet<number>) {
    this.#specialIds = specials;
    this.#specialIdSet = new Set(specials.values());
    const spellings = [...specials.keys()].filter((spelling) => spelling.length > 1).sort((left, right) => right.length - left.length);
    this.#spellings = spellings.length === 0 ? undefined : new RegExp(`(${spellings.map(escapeForPattern).join("|")})`);
  }

  get start(): readonly number[] {
    const { bos, shouldPrependBosToken } = this.model.tokens;
    return bos !== null && shouldPrependBosToken ? [bos] : [];
  }

  encodeText(text: string): readonly number[] {
    const tokens = this.#remembered.get(text) ?? this.#encode(text);
    // Put at the end anew: what every key needs stays, however many drafts come and go.
    this.#remembered.delete(text);
    if (this.#remembered.size >= REMEMBERED_TEXTS) this.#remembered.delete(this.#remembered.keys().next().value ?? "");
    this.#remembered.set(text, tokens);
    return tokens;
  }

  specialToken(spelling: string): number | undefined {
    return this.#specialIds.get(spelling);
  }

  decode(tokens: readonly number[]): string {
    return this.model.detokenize(tokens as Token[], false);
  }

  isEnd(token: number): boolean {
    return this.ends.has(token) || this.#specialIdSet.has(token) || this.model.isEogToken(token as Token);
  }

  /** llama.cpp matches "user defined" tokens in any text; where one of ours is hit, the text is encoded around it. */
  #encode(text: string): readonly number[] {
    if (text === "") return [];
    const tokens = this.model.tokenize(text, false);
    if (!this.#spellings || !tokens.some((token) => this.#specialIdSet.has(token))) return tokens;
    return text.split(this.#spellings).flatMap((piece) =>
      this.#specialIds.has(piece) ? this.#encodeSpelling(piece) : piece === "" ? [] : this.model.tokenize(piece, false),
    );
  }

  /** A special spelling as plain text: cut after its first character, so that no part of it is the token. */
  #encodeSpelling(spelling: string): number[] {
    const [first = "", ...rest] = [...spelling];
    return [first, rest.join("")].flatMap((piece) => (piece === "" ? [] : this.model.tokenize(piece, false)));
  }
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
