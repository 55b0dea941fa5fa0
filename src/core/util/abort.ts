/** The error that stands for "the caller no longer wants this". Told from others by `isAbortError`. */
export function abortError(): Error {
  const error = new Error("aborted");
  error.name = "AbortError";
  return error;
}

/** Whether an error only says that the caller gave up. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** A signal that never fires, for callers without one. */
export const neverAborted: AbortSignal = new AbortController().signal;
