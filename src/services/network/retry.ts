import type { Failure, FailureKind } from "./failure";

/** Attempts for one request, the first included. */
export const MOST_ATTEMPTS = 3;
/** Milliseconds before the second attempt, before jitter; doubled for each further one. */
const FIRST_DELAY = 500;
/** Seconds that a server may ask to wait. Longer than this the person is told instead of kept waiting. */
export const MOST_WAIT_SECONDS = 20;

/** Failures that pass by themselves. Not a time-out: it has cost minutes already. */
const RETRIED: readonly FailureKind[] = ["rateLimited", "loading", "serverError", "unreachable", "connectionRefused", "nameUnknown", "cut"];
/** 501 and 505 say that the server never will. */
const RETRIED_STATUSES: readonly number[] = [429, 500, 502, 503, 504, 529];

/**
 * Milliseconds to wait before the next attempt; undefined where there must be none. `attempt` is 1 after the first.
 * Half of the back-off is jitter, so that several windows that failed together do not come back together.
 */
export function retryDelay(failure: Failure, attempt: number, begun: boolean, random: () => number): number | undefined {
  // What was shown cannot be taken back, and a second answer would not continue it.
  if (begun || attempt >= MOST_ATTEMPTS || !RETRIED.includes(failure.kind)) return undefined;
  if (failure.status !== undefined && !RETRIED_STATUSES.includes(failure.status)) return undefined;
  const backOff = FIRST_DELAY * 2 ** (attempt - 1) * (0.5 + random() / 2);
  if (failure.seconds === undefined) return backOff;
  return failure.seconds > MOST_WAIT_SECONDS ? undefined : Math.max(backOff, failure.seconds * 1_000);
}

/** Seconds of a `Retry-After` header, which holds seconds or a date; null where it holds neither. `now` in milliseconds since 1970. */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text)) return Number(text);
  // A date of HTTP begins with a weekday; `Date.parse` would take a lone minus or a year as well.
  const time = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : Math.max(0, (time - now) / 1_000);
}
