import type { ChatParams, ChatResult } from "../protocol/engine";
import type { ChatFamily } from "../core/models/chatFamilies";
import { certaintyOf } from "../core/routing/certainty";
import { isAbortError } from "../core/util/abort";
import { CachedSequence } from "./cachedSequence";
import { encodeParts } from "./promptTokens";
import type { Turn } from "./scheduler";
import type { TokenSequence, Tokenizer } from "./tokenSequence";

/** What has come of an answer so far. */
interface Progress {
  evaluated: number;
  firstTokenMs: number | null;
  text: string;
  /** Probability of each token written. */
  readonly probabilities: number[];
  outcome: "done" | "stopped";
}

/** One conversation in one KV cache: a further question evaluates only what is new since the last one. */
export class ChatSession {
  readonly #cache: CachedSequence;

  constructor(
    sequence: TokenSequence,
    private readonly tokenizer: Tokenizer,
    private readonly family: ChatFamily,
    private readonly clock: () => number,
  ) {
    this.#cache = new CachedSequence(sequence);
  }

  /** Streams an answer through `onDelta`. A prompt that does not fit is an outcome, never cut. */
  async answer(params: ChatParams, onDelta: (text: string) => void, turn: Turn): Promise<ChatResult> {
    const startedAt = this.clock();
    const prompt = [...this.tokenizer.start, ...encodeParts(this.family.layOut(params.messages), this.tokenizer)];
    const { contextSize } = this.#cache;
    if (prompt.length + 16 > contextSize) return { outcome: "tooLong", promptTokens: prompt.length, contextSize };
    const progress: Progress = { evaluated: 0, firstTokenMs: null, text: "", probabilities: [], outcome: "done" };
    try {
      const most = Math.min(params.maxTokens, contextSize - prompt.length - 1);
      await this.#generate(prompt, most, progress, startedAt, onDelta, turn);
    } catch (error) {
      if (!isAbortError(error)) throw error;
      progress.outcome = "stopped";
    }
    return {
      outcome: progress.outcome, text: progress.text, certainty: certaintyOf(progress.probabilities), promptTokens: prompt.length, evaluatedTokens: progress.evaluated,
      generatedTokens: progress.probabilities.length, firstTokenMs: progress.firstTokenMs, totalMs: this.clock() - startedAt,
    };
  }

  async #generate(prompt: readonly number[], most: number, progress: Progress, startedAt: number, onDelta: (text: string) => void, turn: Turn): Promise<void> {
    const context = [...prompt];
    const decoded = incrementalDecoder(this.tokenizer);
    let prediction = await this.#cache.predictAfter(context, turn, (count) => { progress.evaluated += count; });
    progress.firstTokenMs = this.clock() - startedAt;
    while (!this.tokenizer.isEnd(prediction.token) && progress.probabilities.length < most) {
      context.push(prediction.token);
      progress.probabilities.push(prediction.probability);
      const delta = decoded(prediction.token);
      progress.text += delta;
      if (delta !== "") onDelta(delta);
      await turn.next();
      prediction = await this.#cache.predictAfter(context, turn, () => undefined);
    }
  }
}

/** Decodes token by token; half a character waits for its other half. */
function incrementalDecoder(tokenizer: Tokenizer): (token: number) => string {
  let waiting: number[] = [];
  return (token) => {
    waiting.push(token);
    const text = tokenizer.decode(waiting);
    if (text.endsWith("\uFFFD") && waiting.length < 4) return "";
    waiting = [];
    return text;
  };
}
