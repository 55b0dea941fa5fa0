import { Worker } from "node:worker_threads";

/** What a measuring thread is asked to do. */
export interface ReadingTask {
  /** Memory to read, more than the processor's caches hold. A multiple of 4 MiB. */
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Two threads' worth is more than the last cache of desktops and laptops; one thread alone gets all of it. */
const BYTES_IN_ALL = 192 << 20;
const LEAST_BYTES = 48 << 20;
const MEASURE_MS = 350;
const MOST_THREADS = 8;

/**
 * How fast this machine reads its memory with so many threads, in bytes a second: what decoding waits for. Takes well
 * under a second in threads of its own; undefined where they cannot run. Rejects with the signal's reason only.
 * @param workerPath the built `readingSpeedWorker.js`
 */
export async function measureReadingSpeed(workerPath: string, threads: number, signal: AbortSignal): Promise<number | undefined> {
  signal.throwIfAborted();
  const count = Math.max(1, Math.min(threads, MOST_THREADS));
  const task: ReadingTask = { bytes: Math.max(LEAST_BYTES, BYTES_IN_ALL / count), milliseconds: MEASURE_MS };
  const readers = Array.from({ length: count }, () => new Worker(workerPath, { workerData: task }));
  const end = (): void => { for (const reader of readers) void reader.terminate(); };
  try {
    // All at once: what one thread reaches alone, several do not reach together.
    await unlessAborted(Promise.all(readers.map(nextMessage)), signal);
    const answers = readers.map(nextMessage);
    for (const reader of readers) reader.postMessage("begin");
    const speeds = await unlessAborted(Promise.all(answers), signal);
    return speeds.reduce<number>((total, speed) => total + (isSpeed(speed) ? speed.bytesPerSecond : 0), 0) || undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    end();
  }
}

function isSpeed(message: unknown): message is { readonly bytesPerSecond: number } {
  return typeof message === "object" && message !== null && "bytesPerSecond" in message && typeof message.bytesPerSecond === "number";
}

/** The next message of a thread; rejects when it ends before. */
function nextMessage(reader: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    reader.once("message", resolve);
    reader.once("error", reject);
    reader.once("exit", () => { reject(new Error("the measuring thread ended")); });
  });
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => { reject(signal.reason as Error); };
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => { signal.removeEventListener("abort", abort); });
  });
}
