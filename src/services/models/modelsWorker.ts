import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { percentile } from "../../core/evaluation/percentile";
import { neverAborted } from "../../core/util/abort";
import { findModels } from "./foundModels";
import type { ModelsTask } from "./modelsThread";
import { whyPartsDoNotFit } from "./partsFit";

/** A thread for one task of `modelsThread.ts`: what would hold the host's own thread up. It ends with its answer. */
const PIECE_BYTES = 4 << 20;
/** Pieces in which the system ran something else are slow outliers, fast ones had the memory for themselves: the middle stands for both. */
const MIDDLE = 0.5;

if (!parentPort) throw new Error("started outside of a worker thread");
run(workerData as ModelsTask, parentPort);

function run(task: ModelsTask, port: MessagePort): void {
  switch (task.task) {
    case "findModels":
      void findModels(task.places, neverAborted).then((found) => { port.postMessage(found); });
      return;
    case "partsFit":
      port.postMessage(whyPartsDoNotFit(task.files, task.count));
      return;
    case "readingSpeed":
      answerReading(task.bytes, task.milliseconds, port);
      return;
    default:
      task satisfies never;
  }
}

/** Says that its memory is there, begins when it is told to, as all readers are at once, and answers with bytes a second. */
function answerReading(bytes: number, milliseconds: number, port: MessagePort): void {
  const memory = Buffer.alloc(bytes, 1);
  port.once("message", () => { port.postMessage(readFor(memory, milliseconds)); });
  port.postMessage("ready");
}

/** Looks for a byte that is not there: the library's search for one byte is as fast as memory can be read. */
function readFor(memory: Buffer, limit: number): number {
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
  return percentile(rates, MIDDLE) ?? 0;
}
