import { abortError } from "../core/util/abort";

/** Who goes first when several wait: completion before chat, chat before warming, warming before indexing (design §1). */
export type Priority = "completion" | "chat" | "warming" | "indexing";
const ORDER: readonly Priority[] = ["completion", "chat", "warming", "indexing"];

/** Handed to running work. `next` is called between chunks and tokens: work of a higher priority goes in between. */
export interface Turn {
  /** Rejects with an abort error when the work's signal has fired. */
  next(): Promise<void>;
}

interface Waiting {
  readonly priority: Priority;
  readonly resume: () => void;
}

/**
 * One engine, one worker at a time: two evaluations at once would share the cores and both be late (measured: 50 to 22
 * tokens a second). Work is cooperative, in steps of at most 64 prompt tokens or one generated token.
 */
export class Scheduler {
  #busy = false;
  readonly #waiting: Waiting[] = [];

  /** Runs `work` when its turn comes. Rejects with an abort error when `signal` fires while it waits. */
  async run<T>(priority: Priority, work: (turn: Turn) => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(priority, signal);
    try {
      return await work({ next: () => this.#yield(priority, signal) });
    } finally {
      this.#leave();
    }
  }

  async #yield(priority: Priority, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortError();
    const own = ORDER.indexOf(priority);
    if (!this.#waiting.some((waiting) => ORDER.indexOf(waiting.priority) < own)) return;
    const turnComesBack = new Promise<void>((resolve) => this.#waiting.push({ priority, resume: resolve }));
    this.#leave();
    // Not abortable: the work holds no turn here, and its `finally` gives back the one it is about to get.
    await turnComesBack;
    if (signal.aborted) throw abortError();
  }

  async #enter(priority: Priority, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortError();
    if (!this.#busy) {
      this.#busy = true;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = { priority, resume: () => { signal.removeEventListener("abort", stop); resolve(); } };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(abortError());
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #leave(): void {
    const next = ORDER.flatMap((priority) => this.#waiting.filter((waiting) => waiting.priority === priority))[0];
    if (!next) {
      this.#busy = false;
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    next.resume();
  }
}
