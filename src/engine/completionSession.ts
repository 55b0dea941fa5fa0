import { MOST_DRAFTS, type CompleteParams, type CompleteResult, type CompletionLimits, type DraftScore, type GeneratedToken, type StopReason } from "../protocol/engine";
import { createStopRule } from "../core/completion/stopRule";
import { layOutFimPrompt, type FimFamily } from "../core/models/fimFamilies";
import { isAbortError } from "../core/util/abort";
import { CachedSequence } from "./cachedSequence";
import { draftScore, judgeDrafts, verifiedPrediction, vocabularyOf, type JudgedDraft, type Vocabulary } from "./draftScores";
import { tokenizeFimPrompt, type TokenizedPrompt } from "./promptTokens";
import type { Turn } from "./scheduler";
import type { Prediction, TokenSequence, Tokenizer } from "./tokenSequence";

interface Generated {
  readonly tokens: GeneratedToken[];
  stop: StopReason;
  endProbability: number | null;
  drafts: readonly (DraftScore | null)[];
}

/** Counts that survive a cancellation: the bench reads how much a stale request still evaluated. */
interface Meter {
  evaluated: number;
  drafts: number;
  verified: number;
  firstTokenAt: number | null;
}

/**
 * The completion session: one document window in one KV cache, greedy decoding with each token's probability.
 * A key press evaluates the tokens it added; a cancelled request leaves its tokens in the cache. Drafts are judged
 * first, and where the model would go on as a draft does, generation takes what is already known.
 */
export class CompletionSession {
  readonly #cache: CachedSequence;
  readonly #vocabulary: Vocabulary;

  constructor(
    sequence: TokenSequence,
    private readonly tokenizer: Tokenizer,
    private readonly family: FimFamily,
    private readonly clock: () => number,
  ) {
    this.#cache = new CachedSequence(sequence);
    this.#vocabulary = vocabularyOf(tokenizer);
  }

  /** Answers one request. Cancellation is an outcome (`stop: "cancelled"`), not an error. */
  async complete(params: CompleteParams, turn: Turn): Promise<CompleteResult> {
    const startedAt = this.clock();
    const meter: Meter = { evaluated: 0, drafts: 0, verified: 0, firstTokenAt: null };
    const generated: Generated = { tokens: [], stop: "cancelled", endProbability: null, drafts: [] };
    const blank = leftBlank(params.plan.typed, this.family);
    const prompt = this.#tokenize({ ...params, plan: { ...params.plan, typed: params.plan.typed.slice(0, params.plan.typed.length - blank.length) } });
    try {
      if (params.fresh) await this.#cache.clear();
      await this.#generate(prompt.tokens, blank, params, generated, meter, turn);
    } catch (error) {
      if (!isAbortError(error)) throw error;
      generated.stop = "cancelled";
    }
    return {
      tokens: generated.tokens,
      stop: generated.stop,
      endProbability: generated.endProbability,
      drafts: generated.drafts,
      draftTokens: meter.drafts,
      verifiedTokens: meter.verified,
      leftOut: prompt.leftOut,
      promptTokens: prompt.tokens.length,
      evaluatedTokens: meter.evaluated,
      generatedTokens: generated.tokens.length,
      firstTokenMs: meter.firstTokenAt === null ? null : meter.firstTokenAt - startedAt,
      totalMs: this.clock() - startedAt,
    };
  }

  #tokenize(params: CompleteParams): TokenizedPrompt {
    const budget = this.#cache.contextSize - params.limits.maxTokens - 1;
    return tokenizeFimPrompt(layOutFimPrompt(this.family, params.plan), this.tokenizer, budget);
  }

  async #generate(prompt: readonly number[], blank: string, params: CompleteParams, generated: Generated, meter: Meter, turn: Turn): Promise<void> {
    const { limits, plan } = params;
    const context = [...prompt];
    const rule = createStopRule({ maxLines: limits.maxLines, typed: plan.typed.slice(plan.typed.lastIndexOf("\n") + 1), suffix: plan.suffix });
    let prediction: Prediction | undefined = await this.#cache.predictAfter(context, turn, (count) => { meter.evaluated += count; });
    meter.firstTokenAt = this.clock();
    const judged = await this.#judge(prompt, blank, params, generated, meter, turn);
    const budgetFrom = this.clock();
    let product = 1;
    for (;;) {
      product *= prediction.probability;
      const end = this.#earlyEnd(prediction.token, product, generated.tokens.length, limits, budgetFrom);
      if (end) {
        generated.stop = end;
        if (end === "endOfText") generated.endProbability = prediction.probability;
        return;
      }
      context.push(prediction.token);
      const withBlank = completeCharacters(this.tokenizer.decode(context.slice(prompt.length)));
      if (!withBlank.startsWith(blank.slice(0, withBlank.length))) {
        // The model would go on without the blank that is already typed: it has nothing to say about this place.
        generated.stop = "unsure";
        return;
      }
      const text = withBlank.slice(blank.length);
      generated.tokens.push({ text: text.slice(textLength(generated.tokens)), probability: prediction.probability });
      const stop = rule(text);
      if (stop) {
        generated.stop = stop;
        return;
      }
      await turn.next();
      prediction = verifiedPrediction(judged, context.slice(prompt.length));
      if (prediction) meter.verified += 1;
      else prediction = await this.#cache.predictAfter(context, turn, () => undefined);
    }
  }

  /** Judges the request's drafts; those that are blank or too long are not. */
  async #judge(prompt: readonly number[], blank: string, { drafts, limits }: CompleteParams, generated: Generated, meter: Meter, turn: Turn): Promise<readonly JudgedDraft[]> {
    const encoded = drafts.slice(0, MOST_DRAFTS).map((draft) => (draft.trim() === "" ? [] : this.tokenizer.encodeText(blank + draft)));
    const wanted = encoded.filter((tokens) => tokens.length > 0 && tokens.length <= limits.maxTokens);
    if (wanted.length === 0) return [];
    const judged = await judgeDrafts(this.#cache, prompt, wanted, limits.leastDraft, turn, (count) => { meter.drafts += count; });
    generated.drafts = encoded.map((tokens) => {
      const draft = judged.find((one) => one.tokens === tokens);
      return draft ? withoutBlank(draftScore(draft, this.#texts(tokens), this.#vocabulary), blank) : null;
    });
    return judged;
  }

  /** The text that each token adds. */
  #texts(tokens: readonly number[]): string[] {
    const upTo = tokens.map((_, index) => completeCharacters(this.tokenizer.decode(tokens.slice(0, index + 1))));
    return upTo.map((text, index) => text.slice(upTo[index - 1]?.length ?? 0));
  }

  /** Ends that are known before the token is taken. */
  #earlyEnd(token: number, product: number, taken: number, limits: CompletionLimits, budgetFrom: number): StopReason | undefined {
    // Written so that a product that is no number (a damaged model) counts as unsure.
    if (!(product >= limits.threshold)) return "unsure";
    if (this.tokenizer.isEnd(token)) return "endOfText";
    if (taken >= limits.maxTokens) return "tokenLimit";
    if (taken > 0 && this.clock() - budgetFrom > limits.timeBudgetMs) return "timeBudget";
    return undefined;
  }
}

/** The blank before the cursor where the model is to write it; empty everywhere else. */
function leftBlank(typed: string, family: FimFamily): string {
  return family.leavesBlank === true && /\S $/.test(typed) ? " " : "";
}

/** A score whose first token no longer holds the blank that is already typed. */
function withoutBlank(score: DraftScore, blank: string): DraftScore {
  const [first, ...rest] = score.tokens;
  return first ? { ...score, tokens: [{ ...first, text: first.text.slice(blank.length) }, ...rest] } : score;
}

/** Half a character at the end waits for the token that completes it. */
function completeCharacters(text: string): string {
  return text.replace(/\uFFFD+$/, "");
}

function textLength(tokens: readonly GeneratedToken[]): number {
  return tokens.reduce((length, token) => length + token.text.length, 0);
}
