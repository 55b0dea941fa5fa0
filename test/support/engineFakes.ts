import type { Turn } from "../../src/engine/scheduler";
import { PROMPT_CHUNK, type Prediction, type TokenSequence, type Tokenizer } from "../../src/engine/tokenSequence";
import { abortError } from "../../src/core/util/abort";

/** A turn that never has to wait. `afterSteps` aborts at that many calls of `next`. */
export function freeTurn(afterSteps = Number.POSITIVE_INFINITY): Turn {
  let steps = 0;
  return {
    next: async () => {
      steps += 1;
      if (steps > afterSteps) throw abortError();
    },
  };
}

/** Decides the next token after a list of tokens; where only the surest one is named, it is the only candidate. */
export type NextToken = (tokens: readonly number[]) => Pick<Prediction, "token" | "probability"> & Partial<Prediction>;

/** A KV cache without a model: keeps its tokens, counts its work, predicts by a function of what it holds. */
export class FakeSequence implements TokenSequence {
  readonly tokens: number[] = [];
  /** Sizes of the evaluated chunks. */
  readonly chunks: number[] = [];
  readonly chunkSize = PROMPT_CHUNK;
  constructor(readonly contextSize: number, private readonly next: NextToken = nextNumber) {}

  async truncate(length: number): Promise<void> {
    if (length > this.tokens.length) throw new RangeError("cannot truncate to more than there is");
    this.tokens.length = length;
  }

  async evaluate(tokens: readonly number[], predictFrom: number): Promise<readonly Prediction[]> {
    if (tokens.length === 0 || tokens.length > PROMPT_CHUNK) throw new RangeError(`a chunk of ${String(tokens.length)}`);
    if (this.tokens.length + tokens.length > this.contextSize) throw new Error("the prompt is longer than the context");
    const start = this.tokens.length;
    this.tokens.push(...tokens);
    this.chunks.push(tokens.length);
    return tokens.slice(predictFrom).map((_, index) => this.#predict(start + predictFrom + index + 1));
  }

  #predict(length: number): Prediction {
    const next = this.next(this.tokens.slice(0, length));
    return { candidates: new Map([[next.token, next.probability]]), ...next };
  }

  /** Tokens evaluated since the last call. */
  evaluated(): number {
    return this.chunks.splice(0).reduce((sum, count) => sum + count, 0);
  }
}

function nextNumber(tokens: readonly number[]): ReturnType<NextToken> {
  return { token: ((tokens.at(-1) ?? 0) + 1) % 128, probability: 0.9 };
}

/** Special tokens have ids from here on; text has one token a character, its code. */
export const FIRST_SPECIAL = 100_000;

/** One token a character; specials by their place in a list. Text never yields a special id. */
export function characterTokenizer(specials: readonly string[], ends: readonly string[] = [], start: readonly number[] = []): Tokenizer {
  const isSpecial = (token: number): boolean => token >= FIRST_SPECIAL;
  return {
    start,
    encodeText: (text) => [...text].map((character) => character.codePointAt(0) ?? 0),
    specialToken: (spelling) => (specials.includes(spelling) ? FIRST_SPECIAL + specials.indexOf(spelling) : undefined),
    decode: (tokens) => tokens.filter((token) => !isSpecial(token)).map((token) => String.fromCodePoint(token)).join(""),
    isEnd: (token) => isSpecial(token) || ends.some((end) => end.codePointAt(0) === token),
  };
}

/** Tokens of a prompt as text again, specials in guillemets. */
export function spellTokens(tokens: readonly number[], specials: readonly string[]): string {
  return tokens.map((token) => (token >= FIRST_SPECIAL ? `«${specials[token - FIRST_SPECIAL] ?? "?"}»` : String.fromCodePoint(token))).join("");
}
