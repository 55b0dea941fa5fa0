/** A logistic regression by Newton's method with a ridge: small, exact and the same on every run. */

/** One measured case: its features, and whether the text was right. */
export interface Example {
  readonly features: readonly number[];
  readonly right: boolean;
}

const ROUNDS = 50;
const CONVERGED = 1e-10;

/**
 * Bias first, then a weight for each feature. Features are brought to one scale for the fit, so that `ridge` pulls all
 * weights alike towards 0, the bias excepted; a feature that never varies gets 0.
 */
export function fitLogistic(examples: readonly Example[], ridge: number): number[] {
  const width = examples[0]?.features.length ?? 0;
  const scales = Array.from({ length: width }, (_, index) => scaleOf(examples.map(({ features }) => features[index] ?? 0)));
  const inputs = examples.map(({ features }) => [1, ...features.map((value, index) => scaled(value, scales[index]))]);
  const weights: number[] = Array.from({ length: width + 1 }, () => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const step = newtonStep(inputs, examples, weights, ridge);
    for (const [index, change] of step.entries()) weights[index] = (weights[index] ?? 0) + change;
    if (step.every((change) => Math.abs(change) < CONVERGED)) break;
  }
  const unscaled = weights.slice(1).map((weight, index) => weight / (scales[index]?.deviation ?? 1));
  const bias = unscaled.reduce((sum, weight, index) => sum - weight * (scales[index]?.mean ?? 0), weights[0] ?? 0);
  return [bias, ...unscaled];
}

/** The fitted probability of a case. */
export function predict(weights: readonly number[], features: readonly number[]): number {
  const sum = features.reduce((total, value, index) => total + value * (weights[index + 1] ?? 0), weights[0] ?? 0);
  return 1 / (1 + Math.exp(-sum));
}

/** Mean negative logarithm of the probability given to what happened, in nats. */
export function logLoss(cases: readonly { readonly probability: number; readonly right: boolean }[]): number {
  const losses = cases.map(({ probability, right }) => -Math.log(Math.max(1e-9, right ? probability : 1 - probability)));
  return losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length);
}

interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

function scaleOf(values: readonly number[]): Scale {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  return { mean, deviation: variance < 1e-12 ? Number.POSITIVE_INFINITY : Math.sqrt(variance) };
}

function scaled(value: number, scale: Scale | undefined): number {
  return scale ? (value - scale.mean) / scale.deviation : 0;
}

function newtonStep(inputs: readonly (readonly number[])[], examples: readonly Example[], weights: readonly number[], ridge: number): number[] {
  const size = weights.length;
  const gradient = weights.map((weight, index) => (index === 0 ? 0 : -ridge * weight));
  const curvature = Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, column) => (row === column ? (row === 0 ? 1e-9 : ridge) : 0)));
  for (const [place, input] of inputs.entries()) {
    const sum = input.reduce((total, value, index) => total + value * (weights[index] ?? 0), 0);
    const probability = 1 / (1 + Math.exp(-sum));
    const error = Number(examples[place]?.right === true) - probability;
    const weight = probability * (1 - probability);
    for (const [row, value] of input.entries()) {
      gradient[row] = (gradient[row] ?? 0) + error * value;
      const line = curvature[row];
      if (line) for (const [column, other] of input.entries()) line[column] = (line[column] ?? 0) + weight * value * other;
    }
  }
  return solve(curvature, gradient);
}

/** Gauss with row exchange; the ridge keeps the matrix positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let pivot = 0; pivot < rows.length; pivot++) {
    const best = rows.reduce((found, _, row) => (row >= pivot && Math.abs(at(row, pivot)) > Math.abs(at(found, pivot)) ? row : found), pivot);
    const [upper, lower] = [rows[pivot], rows[best]];
    if (!upper || !lower) continue;
    rows[pivot] = lower;
    rows[best] = upper;
    for (let row = pivot + 1; row < rows.length; row++) {
      const factor = at(row, pivot) / at(pivot, pivot);
      rows[row] = (rows[row] ?? []).map((value, column) => value - factor * at(pivot, column));
    }
  }
  const solution: number[] = [];
  for (let row = rows.length - 1; row >= 0; row--) {
    const known = solution.reduce((sum, value, index) => sum + value * at(row, rows.length - 1 - index), 0);
    solution.push((at(row, rows.length) - known) / at(row, row));
  }
  return solution.reverse();
}
