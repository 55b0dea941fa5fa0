import type { ThreadSpeed, WritingRole } from "../../protocol/engine";
import type { ComputeBackend } from "../../protocol/loadOptions";
import type { LoadOptions } from "./loadOptions";

/** What a measured model is run with. */
export interface Tuning {
  readonly threads: number;
  /** Prompt tokens evaluated at once. */
  readonly batchSize: number;
  /** Milliseconds that ghost text may go on after its first token. */
  readonly timeBudgetMs: number;
  /** Tokens a second, with those threads. */
  readonly prefill: number;
  readonly decode: number;
}

/** A usual request: what a new line adds to the prompt, and a line of ghost text. */
const USUAL_PREFILL = 64;
const USUAL_LINE = 12;
/** More threads must be worth it by this share: each one that works is missing elsewhere. */
const WORTH_A_THREAD = 0.05;
/** Anything can be interrupted within about this time. */
const CHUNK_SECONDS = 0.15;
const LEAST_BATCH = 16;
const MOST_BATCH: Readonly<Record<"cpu" | "gpu", number>> = { cpu: 256, gpu: 512 };
/** Two lines' worth, within what a person waits for. */
const BUDGET_LINES = 2;
const LEAST_BUDGET_MS = 500;
const MOST_BUDGET_MS = 2_500;

/** Settings from what was measured: the fewest threads that are about as fast as the best, a batch by reading speed, a budget by writing speed. Undefined without a measurement. */
export function tune(speeds: readonly ThreadSpeed[], backend: ComputeBackend): Tuning | undefined {
  const timed = speeds.filter(({ prefill, decode }) => prefill > 0 && decode > 0).map((speed) => ({ ...speed, seconds: USUAL_PREFILL / speed.prefill + USUAL_LINE / speed.decode }));
  const best = Math.min(...timed.map(({ seconds }) => seconds));
  const chosen = timed.filter(({ seconds }) => seconds <= best * (1 + WORTH_A_THREAD)).sort((left, right) => left.threads - right.threads)[0];
  if (!chosen) return undefined;
  const { threads, prefill, decode } = chosen;
  const most = MOST_BATCH[backend === "cpu" ? "cpu" : "gpu"];
  return {
    threads,
    batchSize: clamp(Math.floor((prefill * CHUNK_SECONDS) / LEAST_BATCH) * LEAST_BATCH, LEAST_BATCH, most),
    timeBudgetMs: Math.round(clamp((BUDGET_LINES * USUAL_LINE * 1_000) / decode, LEAST_BUDGET_MS, MOST_BUDGET_MS)),
    prefill,
    decode,
  };
}

/** Numbers of threads worth measuring: never every core, for one busy program would cut the speed to a tenth. */
export function threadCandidates(physicalCores: number, backend: ComputeBackend): readonly number[] {
  const most = Math.max(1, physicalCores - 1);
  // On the GPU threads only hand over work.
  if (backend !== "cpu") return [Math.min(most, 4)];
  return [...new Set([most, Math.ceil(most * 0.75), Math.ceil(most / 2)])];
}

/** What a role's load is asked for: the person's own values first, then what was measured, then the engine's choice. */
export function loadWish(options: LoadOptions, tuning: Pick<Tuning, "threads" | "batchSize"> | undefined): Omit<LoadOptions, "threads" | "batchSize"> & Partial<Pick<LoadOptions, "threads" | "batchSize">> {
  const { threads: ownThreads, batchSize: ownBatch, ...rest } = options;
  const threads = ownThreads === 0 ? tuning?.threads : ownThreads;
  const batchSize = ownBatch === 0 ? tuning?.batchSize : ownBatch;
  return { ...rest, ...(threads === undefined ? {} : { threads }), ...(batchSize === undefined ? {} : { batchSize }) };
}

/** Writing speeds below which a role is no pleasure, in tokens a second. */
const SLOW: Readonly<Record<WritingRole, number>> = { completion: 10, chat: 4 };

/** The result in plain words: what it reads and writes, what that means, and what to do where it is slow. */
export function describeTuning(role: WritingRole, tuning: Tuning): string {
  const line = USUAL_PREFILL / tuning.prefill + USUAL_LINE / tuning.decode;
  const means = role === "completion" ? `a line of ghost text takes ${line < 0.1 ? "less than 0.1" : `about ${line.toFixed(1)}`} seconds` : `an answer of 200 words takes about ${Math.round(270 / tuning.decode).toString()} seconds after its prompt`;
  const slow = tuning.decode < SLOW[role] ? ` That is slow for ${role === "completion" ? "ghost text" : "chat"}: choose a smaller model.` : "";
  return `It reads ${Math.round(tuning.prefill).toString()} and writes ${tuning.decode.toFixed(tuning.decode < 10 ? 1 : 0)} tokens a second with ${String(tuning.threads)} thread${tuning.threads === 1 ? "" : "s"}: ${means}.${slow}`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
