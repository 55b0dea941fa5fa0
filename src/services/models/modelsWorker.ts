import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { percentile } from "../../core/evaluation/percentile";
import { neverAborted } from "../../core/util/abort";
import { findModels } from "./foundModels";
import type { ModelsTask } from "./modelsThread";
import { multiplyKernel } from "./multiplyKernel";
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
    case "speed":
      answerSpeed(passOver(task.by, task.bytes), task.bytes, task.milliseconds, port);
      return;
    default:
      task satisfies never;
  }
}

/** What passes over a piece of memory of its own, from an offset on. */
type PassOver = (at: number) => void;

/** By reading: looks for a byte that is not there, for the library's search for one byte is as fast as memory can be read. */
function passOver(by: "reading" | "multiplying", bytes: number): PassOver {
  if (by === "multiplying") {
    const multiply = multiplyKernel(bytes);
    return (at) => { multiply(at, at + PIECE_BYTES); };
  }
  const memory = Buffer.alloc(bytes, 1);
  return (at) => { memory.subarray(at, at + PIECE_BYTES).indexOf(0); };
}

/** Says that its memory is there, begins when it is told to, as all threads are at once, and answers with bytes a second. */
function answerSpeed(pass: PassOver, bytes: number, milliseconds: number, port: MessagePort): void {
  port.once("message", () => { port.postMessage(speedOf(pass, bytes, milliseconds)); });
  port.postMessage("ready");
}

function speedOf(pass: PassOver, bytes: number, limit: number): number {
  const rates: number[] = [];
  const end = performance.now() + limit;
  let at = 0;
  for (let now = performance.now(); now < end;) {
    pass(at);
    const after = performance.now();
    rates.push(PIECE_BYTES / ((after - now) / 1_000));
    at = (at + PIECE_BYTES) % bytes;
    now = after;
  }
  return percentile(rates, MIDDLE) ?? 0;
}
