import { parentPort, workerData } from "node:worker_threads";
import { percentile } from "../../core/evaluation/percentile";
import type { ReadingTask } from "./readingSpeed";

/** A thread that reads a stretch of memory over and over: says that it is ready, begins when told, answers with bytes a second. */
const PIECE_BYTES = 4 << 20;
/** Pieces in which the system ran something else are slow outliers: the faster quarter begins where they end. */
const QUIET_SHARE = 0.75;

const port = parentPort;
if (!port) throw new Error("started outside of a worker thread");
const { bytes, milliseconds } = workerData as ReadingTask;
const memory = Buffer.alloc(bytes, 1);
port.once("message", () => { port.postMessage({ bytesPerSecond: readFor(milliseconds) }); });
port.postMessage({ ready: true });

/** Looks for a byte that is not there: the library's search for one byte is as fast as memory can be read. */
function readFor(limit: number): number {
  const rates: number[] = [];
  const end = performance.now() + limit;
  let at = 0;
  for (let now = performance.now(); now < end;) {
    memory.subarray(at, at + PIECE_BYTES).indexOf(0);
    const after = performance.now();
    rates.push(PIECE_BYTES / ((after - now) / 1_000));
    at = (at + PIECE_BYTES) % memory.length;
    now = after;
  }
  return percentile(rates, QUIET_SHARE) ?? 0;
}
