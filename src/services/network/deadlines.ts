import { isAbortError } from "../../core/util/abort";
import { AnswerError, type Failure } from "./failure";

/** How long an answer may take and how long it may be. */
export interface Patience {
  /** Milliseconds without a sign of life before the first text. Long: a slow machine reads the whole prompt first. */
  readonly firstMs: number;
  /** Milliseconds without a byte after it. */
  readonly idleMs: number;
  /** Milliseconds for everything. */
  readonly totalMs: number;
  /** Bytes of the body. */
  readonly mostBytes: number;
  /** Characters of one line of a stream. */
  readonly mostLine: number;
}

/** Waits so many milliseconds; rejects when the signal fires. The shape of `core/util/wait.ts`. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** The clock of one attempt. What is waited for ends when `signal` fires, and then rejects with an abort error. */
export interface Deadlines {
  /** Result of `work` if it comes within so many milliseconds and within the attempt's total; otherwise an `AnswerError`. One at a time. */
  within<T>(work: Promise<T>, milliseconds: number, failure: Failure): Promise<T>;
}

/**
 * Starts the clock of an attempt. Whoever catches a failure of it must fire `signal`: that is what closes the connection.
 * The total is no part of a `Promise.race` for each piece, because a promise that stays open for minutes would keep what
 * every race hung on it, and a server may send a million pieces.
 */
export function startDeadlines(wait: Wait, totalMs: number, signal: AbortSignal): Deadlines {
  let over: { readonly error: unknown } | undefined;
  let interrupt: ((error: unknown) => void) | undefined;
  const end = (error: unknown): void => {
    over = { error };
    interrupt?.(error);
  };
  void wait(totalMs, signal).then(() => { end(new AnswerError({ kind: "endless", seconds: totalMs / 1_000 })); }, end);
  return {
    within: async <T>(work: Promise<T>, milliseconds: number, failure: Failure) => {
      const timer = new AbortController();
      try {
        return await new Promise<T>((resolve, reject) => {
          interrupt = reject;
          if (over) reject(over.error as Error);
          void wait(milliseconds, timer.signal).then(() => { reject(new AnswerError(failure)); }, ignoreFailure);
          work.then(resolve, reject);
        });
      } finally {
        interrupt = undefined;
        timer.abort();
      }
    },
  };
}

/** How far an answer is: before its first text, in it, or after the server said that nothing follows. */
export type Phase = "first" | "text" | "over";

/** Milliseconds for a server to close after its last word, so that the ledger says how the request ended; then it is left. */
const FAREWELL_MS = 2_000;

/** Reads a body piece by piece with patience. Throws an `AnswerError` where it runs out, but for an answer that is over. */
export async function* piecesOf(body: AsyncIterable<Uint8Array>, patience: Patience, deadlines: Deadlines, phase: () => Phase): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = body[Symbol.asyncIterator]();
  let bytes = 0;
  let waiting = true;
  try {
    for (;;) {
      waiting = true;
      if (phase() === "over") {
        // Whatever still comes is nothing to anybody: a piece counts like a silence.
        await deadlines.within(iterator.next(), FAREWELL_MS, { kind: "stalled" }).catch(unlessAborted);
        return;
      }
      const [milliseconds, kind] = phase() === "text" ? [patience.idleMs, "stalled" as const] : [patience.firstMs, "timeout" as const];
      const step = await deadlines.within(iterator.next(), milliseconds, { kind, seconds: milliseconds / 1_000 });
      if (step.done === true) return;
      waiting = false;
      bytes += step.value.byteLength;
      if (bytes > patience.mostBytes) throw new AnswerError({ kind: "tooLarge" });
      yield step.value;
    }
  } finally {
    // While a piece is awaited `return` would wait for it too: then only the attempt's signal ends the reading.
    if (!waiting) await iterator.return?.();
  }
}

function unlessAborted(error: unknown): void {
  if (isAbortError(error)) throw error;
}

/** A timer that was cleared. */
function ignoreFailure(): void {}

/** A whole body as text, for answers that are no streams. */
export async function wholeText(body: AsyncIterable<Uint8Array>, patience: Patience, deadlines: Deadlines): Promise<string> {
  const decoder = new TextDecoder("utf-8");
  const parts: string[] = [];
  for await (const piece of piecesOf(body, patience, deadlines, () => "first")) parts.push(decoder.decode(piece, { stream: true }));
  return parts.join("") + decoder.decode();
}

/** The beginning of a body as text, for what a server says about an error. Whatever goes wrong on the way is its end. */
export async function beginningOf(body: AsyncIterable<Uint8Array>, patience: Patience, deadlines: Deadlines): Promise<string> {
  const decoder = new TextDecoder("utf-8");
  let text = "";
  try {
    for await (const piece of piecesOf(body, patience, deadlines, () => "first")) text += decoder.decode(piece, { stream: true });
  } catch (error) {
    if (isAbortError(error)) throw error;
  }
  return text;
}
