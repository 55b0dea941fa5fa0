import { abortError } from "./abort";

/** What `wait` needs of a clock's timers; Node's and the browser's own fit. */
export interface Timers {
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Makes a wait that resolves after so many milliseconds and rejects with an abort error when the signal fires. */
export function createWait(timers: Timers): (milliseconds: number, signal: AbortSignal) => Promise<void> {
  return (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortError());
        return;
      }
      const stop = (): void => {
        timers.clearTimeout(timer);
        reject(abortError());
      };
      const timer = timers.setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      signal.addEventListener("abort", stop, { once: true });
    });
}
