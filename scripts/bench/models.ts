import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { predictDecodeSpeed } from "../../src/core/models/decodeSpeed";
import { estimateMemory } from "../../src/core/models/estimate";
import { readGgufHeader } from "../../src/core/models/gguf";
import { hasByteProducts, type MemorySpeeds } from "../../src/core/models/machine";
import { shapeFromHeader, type ModelShape } from "../../src/core/models/modelShape";
import { neverAborted } from "../../src/core/util/abort";
import { EngineMethod, type CompleteParams, type CompleteResult } from "../../src/protocol/engine";
import type { EngineSupervisor } from "../../src/services/engine/engineSupervisor";
import { withFileSource } from "../../src/services/models/fileSource";
import { readMachineFacts } from "../../src/services/models/machineFacts";
import { measureMemorySpeeds } from "../../src/services/models/modelsThread";
import { projectRoot } from "../project";
import { startBenchEngine } from "./engines";
import { SIZED_QUANTIZATIONS, SIZED_SHAPES, writeSizedModel } from "./sizedModel";
import type { Figure } from "./table";

const CONTEXTS = [2_048, 8_192, 32_768] as const;
const MEMORY_TOLERANCE = 0.1;
const SPEED_TOLERANCE = 0.2;
const SPEED_ROUNDS = 7;
const DECODED = 24;
const speedWorker = path.join(projectRoot, "dist", "modelsWorker.js");

/** Estimates of memory and decode speed against the real engine: two shapes, three quantizations, three contexts; one file at a time, removed after. */
export async function modelFigures(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "ghostlight-sized-"));
  const figures: Figure[] = [];
  try {
    for (const shape of SIZED_SHAPES) {
      for (const quantization of SIZED_QUANTIZATIONS) {
        const file = path.join(folder, "model.gguf");
        writeSizedModel(file, shape, quantization);
        figures.push(...(await figuresOf(`${shape.name} ${quantization}`, file)));
        rmSync(file);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [...figures, worst("memory", figures, MEMORY_TOLERANCE), worst("decode", figures, SPEED_TOLERANCE)];
}

async function figuresOf(name: string, file: string): Promise<Figure[]> {
  const shape = withFileSource(file, (source) => shapeFromHeader(readGgufHeader(source)));
  const figures: Figure[] = [];
  for (const contextSize of CONTEXTS) {
    const supervisor = await startBenchEngine("completion", file, contextSize);
    try {
      figures.push(await memoryFigure(`memory, ${name}, context ${String(contextSize)}`, supervisor, shape, contextSize));
      figures.push(await speedFigure(`decode, ${name}, context ${String(contextSize)}`, supervisor, shape));
    } finally {
      supervisor.dispose();
    }
  }
  return figures;
}

/** The most that the process holds while it reads a prompt of some hundred tokens and writes: its own heap breathes. */
async function memoryFigure(name: string, supervisor: EngineSupervisor, shape: ModelShape, contextSize: number): Promise<Figure> {
  const held: number[] = [];
  for (const lines of [1, 20, 1]) {
    await complete(supervisor, lines, 4);
    held.push(await supervisor.residentBytes());
  }
  const { resident } = estimateMemory(shape, { contextSize });
  return compared(name, resident, Math.max(...held), MEMORY_TOLERANCE, (bytes) => `${(bytes / 1e6).toFixed(0)} MB`);
}

/**
 * The memory's speeds are measured before and after each decoding, so that both see the same neighbours; the round in
 * the middle by the ratio of the two speeds counts.
 */
async function speedFigure(name: string, supervisor: EngineSupervisor, shape: ModelShape): Promise<Figure> {
  const byteProducts = hasByteProducts(await readMachineFacts(projectRoot));
  const rounds: { readonly predicted: number; readonly measured: number }[] = [];
  let before = await memorySpeeds();
  for (let round = 0; round < SPEED_ROUNDS; round++) {
    const measured = await decodeSpeed(supervisor);
    const after = await memorySpeeds();
    const between = { readingSpeed: (before.readingSpeed + after.readingSpeed) / 2, multiplyingSpeed: (before.multiplyingSpeed + after.multiplyingSpeed) / 2 };
    rounds.push({ predicted: predictDecodeSpeed(shape, { ...between, threads: 1, byteProducts }, 64), measured });
    before = after;
  }
  rounds.sort((left, right) => left.predicted / left.measured - right.predicted / right.measured);
  const { predicted, measured } = rounds[Math.floor(rounds.length / 2)] ?? { predicted: 0, measured: 0 };
  return compared(name, predicted, measured, SPEED_TOLERANCE, (speed) => `${speed.toFixed(1)} tok/s`);
}

async function memorySpeeds(): Promise<Required<MemorySpeeds>> {
  const { readingSpeed, multiplyingSpeed } = await measureMemorySpeeds(speedWorker, 1, neverAborted);
  if (readingSpeed === undefined || multiplyingSpeed === undefined) throw new Error("the memory's speeds could not be measured: run `npm run build` first");
  return { readingSpeed, multiplyingSpeed };
}

/** Tokens a second of the engine's own processor time where the system tells it: on a shared machine the clock also counts its neighbours. */
async function decodeSpeed(supervisor: EngineSupervisor): Promise<number> {
  const start = processorSeconds(supervisor.processId);
  const one = await complete(supervisor, 1, 1);
  const between = processorSeconds(supervisor.processId);
  const many = await complete(supervisor, 1, DECODED + 1);
  const end = processorSeconds(supervisor.processId);
  if (start === undefined || between === undefined || end === undefined) return DECODED / ((many.totalMs - one.totalMs) / 1_000);
  return DECODED / (end - between - (between - start));
}

/** User and system time of a process, in seconds, as Linux counts it in hundredths; undefined elsewhere. */
function processorSeconds(processId: number | undefined): number | undefined {
  if (process.platform !== "linux" || processId === undefined) return undefined;
  const fields = readFileSync(`/proc/${String(processId)}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function complete(supervisor: EngineSupervisor, lines: number, maxTokens: number): Promise<CompleteResult> {
  const params: CompleteParams = {
    fresh: true, drafts: [],
    plan: { path: "add.ts", head: [], prefix: "return left + right;\n".repeat(lines), typed: "", suffix: "" },
    limits: { maxTokens, maxLines: 1_000, threshold: 0, timeBudgetMs: 600_000, leastDraft: 0 },
  };
  const result = await supervisor.request<CompleteResult>("completion", EngineMethod.complete, params, neverAborted);
  if (result.generatedTokens < maxTokens) throw new Error(`the model ended after ${String(result.generatedTokens)} tokens (${result.stop})`);
  return result;
}

function compared(name: string, estimate: number, measured: number, tolerance: number, words: (value: number) => string): Figure {
  const difference = estimate / measured - 1;
  return { name, measured: `${words(estimate)} for ${words(measured)}, ${(difference * 100).toFixed(1)} %`, goal: `within ${String(tolerance * 100)} %`, met: Math.abs(difference) <= tolerance };
}

function worst(kind: string, figures: readonly Figure[], tolerance: number): Figure {
  const of = figures.filter((figure) => figure.name.startsWith(`${kind},`));
  const missed = of.filter((figure) => figure.met === false).length;
  return { name: `${kind}: estimates out of tolerance`, measured: `${String(missed)} of ${String(of.length)}`, goal: `none over ${String(tolerance * 100)} %`, met: missed === 0 };
}
