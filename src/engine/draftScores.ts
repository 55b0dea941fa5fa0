import type { DraftScore, GeneratedToken } from "../protocol/engine";
import type { CachedSequence } from "./cachedSequence";
import type { Turn } from "./scheduler";
import type { Prediction, Tokenizer } from "./tokenSequence";

/**
 * A draft as far as the model has judged it. `predictions[n]` stands before token n; the last one after the last judged
 * token, which is the draft's last where there is one prediction more than tokens.
 */
export interface JudgedDraft {
  readonly tokens: readonly number[];
  readonly predictions: readonly Prediction[];
}

/**
 * Tokens judged at once. Small batches are no bargain on a CPU (measured on one thread of a busy machine: the starter
 * 0.9 ms a draft token, 1.7 ms a step; 12 layers, 896 wide, 151,936 tokens: 57 ms a draft token), so a draft that turns
 * out unlikely must not be judged to its end.
 */
const PIECE = 4;

/**
 * Judges each draft in one go: a given token needs no step, only its place in a batch (the idea is that of speculative
 * decoding, Leviathan and others 2023, with the person's own code as the draft model). Judging stops once a draft's
 * running product falls under `least`: the prediction after the prompt, which is there anyhow, refuses most of them.
 * Drafts with the same start share it in the cache, and those that begin as the model would go on come last, so that
 * generation continues from what is there. Rejects with an abort error between chunks.
 */
export async function judgeDrafts(cache: CachedSequence, prompt: readonly number[], drafts: readonly (readonly number[])[], least: number, turn: Turn, onEvaluated: (count: number) => void): Promise<JudgedDraft[]> {
  const first = await cache.predictAfter(prompt, turn, onEvaluated);
  const judged = new Map<readonly number[], JudgedDraft>();
  for (const tokens of [...drafts].sort((left, right) => Number(left[0] === first.token) - Number(right[0] === first.token) || compareTokens(left, right))) {
    let predictions: readonly Prediction[] = [first];
    while (predictions.length <= tokens.length && runningProduct(tokens, predictions) >= least) {
      predictions = await cache.predictAlong([...prompt, ...tokens.slice(0, predictions.length - 1 + PIECE)], prompt.length - 1, turn, onEvaluated);
    }
    judged.set(tokens, { tokens, predictions });
  }
  return drafts.map((tokens) => judged.get(tokens)).filter((draft) => draft !== undefined);
}

/** What the model expects after `generated`, where a draft that begins so has been judged. */
export function verifiedPrediction(judged: readonly JudgedDraft[], generated: readonly number[]): Prediction | undefined {
  return judged.find(({ tokens }) => tokens.length >= generated.length && generated.every((token, index) => tokens[index] === token))?.predictions[generated.length];
}

/**
 * Puts a judgement into the answer's form; `texts` are those of the draft's tokens. Vocabularies hold tokens such as
 * `;` with its line break, and a model ends a line with either: so at each place the tokens that write all that is left
 * of the draft and then break the line count as well.
 */
export function draftScore({ tokens, predictions }: JudgedDraft, texts: readonly string[], vocabulary: Vocabulary): DraftScore {
  const scored: GeneratedToken[] = [];
  let best: Omit<DraftScore, "lineProbability"> = { tokens: [], endProbability: 0 };
  let bestProduct = -1;
  let along = 1;
  let lineProbability = 0;
  for (const [index, prediction] of predictions.entries()) {
    const left = texts.slice(index).join("");
    const ends = lineEndProbability(prediction, left, vocabulary);
    lineProbability += along * ends;
    if (along * ends >= bestProduct) {
      bestProduct = along * ends;
      best = left === "" ? { tokens: [...scored], endProbability: ends } : { tokens: [...scored, { text: left, probability: ends }], endProbability: 1 };
    }
    const token = tokens[index];
    if (token === undefined) break;
    const probability = probabilityOf(prediction, token);
    scored.push({ text: texts[index] ?? "", probability });
    along *= probability;
  }
  if (predictions.length <= tokens.length) {
    // Not judged to the end: the line can still be the draft with what is left of the probability.
    lineProbability += along;
    if (along >= bestProduct) best = { tokens: scored, endProbability: 1 };
  }
  return { ...best, lineProbability: Math.min(1, lineProbability) };
}

/** Product of the judged tokens' probabilities. */
function runningProduct(tokens: readonly number[], predictions: readonly Prediction[]): number {
  return predictions.reduce((product, prediction, index) => {
    const token = tokens[index];
    return token === undefined ? product : product * probabilityOf(prediction, token);
  }, 1);
}

/** What scoring needs to know of a token. */
export interface Vocabulary {
  textOf(token: number): string;
  isEnd(token: number): boolean;
}

/** A tokenizer's vocabulary, each token decoded once. */
export function vocabularyOf(tokenizer: Tokenizer): Vocabulary {
  const texts = new Map<number, string>();
  return {
    isEnd: (token) => tokenizer.isEnd(token),
    textOf: (token) => {
      const text = texts.get(token) ?? tokenizer.decode([token]);
      texts.set(token, text);
      return text;
    },
  };
}

/** A token outside the candidates gets the probability of the last one there: never less than its own. */
function probabilityOf(prediction: Prediction, token: number): number {
  return prediction.candidates.get(token) ?? [...prediction.candidates.values()].at(-1) ?? 0;
}

/** Probability that the next token writes `left` and ends the line; white space before the break is not seen. */
function lineEndProbability(prediction: Prediction, left: string, vocabulary: Vocabulary): number {
  let sum = 0;
  for (const [token, probability] of prediction.candidates) {
    if (vocabulary.isEnd(token) ? left === "" : endsLine(vocabulary.textOf(token), left)) sum += probability;
  }
  return Math.min(1, sum);
}

function endsLine(text: string, left: string): boolean {
  return text.startsWith(left) && /^[ \t]*[\r\n]/.test(text.slice(left.length));
}

function compareTokens(left: readonly number[], right: readonly number[]): number {
  const different = left.findIndex((token, index) => token !== right[index]);
  if (different < 0) return left.length - right.length;
  return (left[different] ?? 0) - (right[different] ?? 0);
}
