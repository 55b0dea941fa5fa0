/** A stated probability and what came true. */
export interface Forecast {
  readonly confidence: number;
  readonly right: boolean;
}

const BINS = 10;

/**
 * Expected calibration error: forecasts are put in the order of their probability and cut into ten bins of equal count
 * (as near as whole numbers go); the distance between mean probability and share of right ones, weighted by count.
 * Bins of equal count because shown probabilities crowd at the ends. Null without forecasts.
 */
export function calibrationError(forecasts: readonly Forecast[]): number | null {
  if (forecasts.length === 0) return null;
  const sorted = [...forecasts].sort((left, right) => left.confidence - right.confidence);
  let error = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const own = sorted.slice(Math.round((bin * sorted.length) / BINS), Math.round(((bin + 1) * sorted.length) / BINS));
    const gap = own.reduce((sum, { confidence, right }) => sum + confidence - (right ? 1 : 0), 0);
    error += Math.abs(gap) / sorted.length;
  }
  return error;
}
