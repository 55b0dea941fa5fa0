import { parentPort } from "node:worker_threads";
import type { FromWorker, ToWorker, WorkerRequest, WorkerResult } from "../../protocol/workerMessages";

/** Sends a message to the host thread. */
export type Send<Methods, Statistics> = (message: FromWorker<Methods, Statistics>) => void;

/**
 * Answers the host's requests for as long as this thread lives. `handle` runs once a request; what it throws becomes
 * an error reply; a request that was cancelled before it began is not begun. Throws outside of a worker thread.
 */
export function serveRequests<Methods, Statistics>(handle: (request: WorkerRequest<Methods>) => Promise<WorkerResult<Methods>>): Send<Methods, Statistics> {
  const port = parentPort;
  if (!port) throw new Error("started outside of a worker thread");
  const send: Send<Methods, Statistics> = (message) => { port.postMessage(message); };
  const running = new Set<number>();
  const cancelled = new Set<number>();
  const answer = async (request: WorkerRequest<Methods> & { readonly id: number }): Promise<void> => {
    const { id } = request;
    running.add(id);
    // One turn of the event loop, so that a cancellation already on its way is seen before work begins.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      const result = cancelled.has(id) ? undefined : await handle(request);
      if (result !== undefined && !cancelled.has(id)) send({ kind: "result", id, result });
    } catch (error) {
      send({ kind: "error", id, message: error instanceof Error ? error.message : String(error) });
    }
    running.delete(id);
    cancelled.delete(id);
  };
  port.on("message", (message: ToWorker<Methods> & { readonly kind: string; readonly id: number }) => {
    if (message.kind === "request") void answer(message as WorkerRequest<Methods> & { readonly id: number });
    else if (running.has(message.id)) cancelled.add(message.id);
  });
  return send;
}

/** Runs changes one after the other: the last word about a file must be the one that stays. A change that fails is passed over. */
export function createQueue(): (change: () => Promise<void> | void) => Promise<null> {
  let last: Promise<unknown> = Promise.resolve();
  return async (change) => {
    last = last.then(change).catch(() => undefined);
    await last;
    return null;
  };
}

/** Calls `action` no more often than every so many milliseconds, or at once when told so. */
export function throttled(action: () => void, everyMs: number): (atOnce: boolean) => void {
  let last = 0;
  return (atOnce) => {
    const now = performance.now();
    if (!atOnce && now - last < everyMs) return;
    last = now;
    action();
  };
}
