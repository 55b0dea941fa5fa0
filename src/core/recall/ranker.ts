/**
 * A logistic regression with a small hidden layer beside the direct weights. Its output is a probability that was
 * calibrated on histories (`models/recall/CARD.md`).
 */
export interface Ranker {
  readonly features: readonly string[];
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** One row for each hidden unit; empty for a plain logistic regression. */
  readonly hidden: readonly (readonly number[])[];
  readonly hiddenBias: readonly number[];
  readonly output: readonly number[];
  readonly direct: readonly number[];
  readonly bias: number;
}

/** The probability for features in the order of `ranker.features`. */
export function probabilityOf(features: ArrayLike<number>, ranker: Ranker): number {
  const { mean, scale } = ranker;
  const values = new Float64Array(mean.length);
  let sum = ranker.bias;
  for (let index = 0; index < values.length; index++) {
    values[index] = ((features[index] ?? 0) - (mean[index] ?? 0)) / (scale[index] ?? 1);
    sum += (values[index] ?? 0) * (ranker.direct[index] ?? 0);
  }
  for (const [unit, row] of ranker.hidden.entries()) {
    let inner = ranker.hiddenBias[unit] ?? 0;
    for (let index = 0; index < values.length; index++) inner += (values[index] ?? 0) * (row[index] ?? 0);
    sum += Math.tanh(inner) * (ranker.output[unit] ?? 0);
  }
  return logistic(sum);
}

export function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** The inverse of `logistic`, kept finite. */
export function logit(probability: number): number {
  const bounded = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  return Math.log(bounded / (1 - bounded));
}
