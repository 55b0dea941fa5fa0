import { Worker } from "node:worker_threads";
import type { MemorySpeeds } from "../../core/models/machine";
import type { FoundModels } from "./foundModels";
import type { ModelPlace } from "./modelPlaces";

/** What a thread is started for. `bytes` is a multiple of 4 MiB. */
export type ModelsTask =
  | { readonly task: "findModels"; readonly places: readonly ModelPlace[] }
  | { readonly task: "partsFit"; readonly files: readonly string[]; readonly count: number }
  | { readonly task: "speed"; readonly by: "reading" | "multiplying"; readonly bytes: number; readonly milliseconds: number };

/** More than the last cache of desktops and laptops, over all threads; each has at least its share of it. */
const BYTES_IN_ALL = 192 << 20;
const LEAST_BYTES = 48 << 20;
const MEASURE_MS = 350;
const MOST_THREADS = 8;

/** `findModels` in a thread of its own. A thread that fails is a note; rejects with the signal's reason only. */
export async function findModelsInThread(workerPath: string, places: readonly ModelPlace[], signal: AbortSignal): Promise<FoundModels> {
  const failed: FoundModels = { models: [], notes: ["The search for models stopped unexpectedly; look again."] };
  return await withThreads(workerPath, 1, { task: "findModels", places }, signal, async ([thread]) => (thread ? ((await nextMessage(thread)) as FoundModels) : failed)) ?? failed;
}

/** `whyPartsDoNotFit` in a thread of its own. A thread that fails says nothing against them; rejects with the signal's reason only. */
export async function whyPartsDoNotFitInThread(workerPath: string, files: readonly string[], count: number, signal: AbortSignal): Promise<string | undefined> {
  const answer = await withThreads(workerPath, 1, { task: "partsFit", files, count }, signal, async ([thread]) => (thread ? nextMessage(thread) : undefined));
  return typeof answer === "string" ? answer : undefined;
}

/**
 * How fast this machine reads its memory with so many threads, and multiplies with one, which is not held back by the
 * others. One after the other, in about a second. Rejects with the signal's reason only.
 * @param workerPath the built `modelsWorker.js`
 */
export async function measureMemorySpeeds(workerPath: string, threads: number, signal: AbortSignal): Promise<MemorySpeeds> {
  const readingSpeed = await speedBy("reading", workerPath, Math.max(1, Math.min(threads, MOST_THREADS)), signal);
  const multiplyingSpeed = await speedBy("multiplying", workerPath, 1, signal);
  return { ...(readingSpeed === undefined ? {} : { readingSpeed }), ...(multiplyingSpeed === undefined ? {} : { multiplyingSpeed }) };
}

async function speedBy(by: "reading" | "multiplying", workerPath: string, count: number, signal: AbortSignal): Promise<number | undefined> {
  const task: ModelsTask = { task: "speed", by, bytes: Math.max(LEAST_BYTES, BYTES_IN_ALL / count), milliseconds: MEASURE_MS };
  const speed = await withThreads(workerPath, count, task, signal, async (threads) => {
    // All at once: what one thread reaches alone, several do not reach together.
    await Promise.all(threads.map(nextMessage));
    const answers = threads.map(nextMessage);
    for (const thread of threads) thread.postMessage("begin");
    return (await Promise.all(answers)).reduce<number>((total, answer) => total + Number(answer), 0);
  });
  return speed !== undefined && speed > 0 ? speed : undefined;
}

/** Runs `use` with threads that are ended in any case; undefined when one of them failed. */
async function withThreads<T>(workerPath: string, count: number, task: ModelsTask, signal: AbortSignal, use: (threads: readonly Worker[]) => Promise<T>): Promise<T | undefined> {
  signal.throwIfAborted();
  const threads = Array.from({ length: count }, () => new Worker(workerPath, { workerData: task }));
  try {
    return await unlessAborted(use(threads), signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    // Awaited: whoever measures next must not measure beside the threads of before.
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** The next message of a thread; rejects when it ends before. */
function nextMessage(thread: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", () => { reject(new Error("the thread ended")); });
  });
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => { reject(signal.reason as Error); };
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => { signal.removeEventListener("abort", abort); });
  });
}
