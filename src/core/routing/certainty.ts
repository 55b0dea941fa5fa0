import type { AnswerCertainty } from "../../protocol/engine";

/** Tokens of one run: about a clause of prose or half a line of code. */
export const RUN_TOKENS = 8;

/**
 * How sure a model was of an answer, from the probabilities (0 to 1) it gave the tokens it wrote, in order. Null for none.
 * Low quantiles, because the mean hides the one place where a long answer goes wrong; that a quantile of the token
 * probabilities tells a small model's failures better than their mean or product is from Gupta and others, "Language
 * Model Cascades: Token-level uncertainty and beyond" (2024). The run catches what a quantile cannot: unsure tokens that
 * stand together.
 */
export function certaintyOf(probabilities: readonly number[]): AnswerCertainty | null {
  if (probabilities.length === 0) return null;
  const sorted = [...probabilities].sort((left, right) => left - right);
  const lowQuantile = sorted[Math.ceil(sorted.length / 10) - 1] ?? 0;
  return { lowQuantile, lowestRun: lowestRun(probabilities), tokens: probabilities.length };
}

/** One number of it, 0 (sure) to 1: one less the geometric mean of the low quantile and the lowest run. */
export function unsureness({ lowQuantile, lowestRun: run }: AnswerCertainty): number {
  return 1 - Math.sqrt(lowQuantile * run);
}

function lowestRun(probabilities: readonly number[]): number {
  const length = Math.min(RUN_TOKENS, probabilities.length);
  // A probability of 0 has no logarithm; none under one in a million is believed.
  const logarithms = probabilities.map((probability) => Math.log(Math.max(probability, 1e-6)));
  let sum = logarithms.slice(0, length).reduce((total, one) => total + one, 0);
  let lowest = sum;
  for (let end = length; end < logarithms.length; end++) {
    sum += (logarithms[end] ?? 0) - (logarithms[end - length] ?? 0);
    lowest = Math.min(lowest, sum);
  }
  return Math.min(1, Math.exp(lowest / length));
}
