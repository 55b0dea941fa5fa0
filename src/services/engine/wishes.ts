import { statSync } from "node:fs";
import type { ModelFailure } from "../../core/engine/engineState";
import { nextRung, type Rung } from "../../core/models/loadLadder";
import { shardNames } from "../../core/models/shards";
import type { LoadParams, LoadResult, ModelRole } from "../../protocol/engine";
import type { ComputeBackend, LoadChoices } from "../../protocol/loadOptions";

/** A model to hold in a role; what is absent is chosen for it. */
export interface ModelRequest extends LoadChoices {
  readonly path: string;
  readonly contextSize: number | "auto";
  /** Threads for this role, at least 1; the engine's own number where absent. */
  readonly threads?: number;
}

/** A wish as it was checked. */
export interface WantedModel extends ModelRequest {
  readonly threads: number;
  /** The model's file, or all of its parts, and its adapters' as they were. */
  readonly fileKey: string;
}

/** The wish as the files are now. */
export function wantedModel(request: ModelRequest, threads: number): WantedModel {
  return { ...request, threads: request.threads ?? threads, fileKey: filesKey(request) };
}

/** Whether two wishes ask for the same. */
export function sameWish(left: WantedModel, right: WantedModel): boolean {
  const sorted = (wish: WantedModel): string => JSON.stringify(Object.entries(wish).sort(([one], [other]) => (one < other ? -1 : 1)));
  return sorted(left) === sorted(right);
}

/** Files by what changes when one is replaced. */
export function filesKey(request: ModelRequest): string {
  return [...shardNames(request.path), ...(request.adapters ?? []).map(({ path }) => path)].map(fileKey).join("\n");
}

function fileKey(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return `${path}|${String(stat?.size)}|${String(stat?.mtimeMs)}|${String(stat?.ino)}`;
}

/** Where the ladder of a wish begins. */
export function firstRung(wanted: WantedModel, backend: ComputeBackend): Rung {
  return { backend, gpuLayers: backend === "cpu" ? 0 : wanted.gpuLayers ?? "auto", contextSize: wanted.contextSize };
}

/** A wish on a rung, as the engine is asked. */
export function loadParams(role: ModelRole, wanted: WantedModel, rung: Rung): LoadParams {
  const { fileKey: _key, ...request } = wanted;
  return { ...request, role, gpuLayers: rung.gpuLayers, contextSize: rung.contextSize };
}

/** How a walk down the ladder ended, and what was said on the way. */
export interface Walked {
  readonly result: LoadResult;
  readonly notes: readonly string[];
}

/** Tries a load rung by rung while memory is what it lacks. Rejects as `load` does: the end of a process is its caller's. */
export async function walkLadder(role: ModelRole, first: Rung, load: (rung: Rung) => Promise<LoadResult>, tell: (sentence: string) => void): Promise<Walked> {
  const notes: string[] = [];
  let rung = first;
  for (;;) {
    const result = await load(rung);
    if (result.outcome !== "failed" || result.code !== "insufficientMemory") return { result, notes };
    const move = nextRung(role, rung, result.attempted);
    if (move.move === "giveUp") return { result, notes };
    notes.push(move.sentence);
    tell(move.sentence);
    rung = move.rung;
  }
}

/** Why a wish is given up, in a code and a clause. */
export type Refusal = Pick<ModelFailure, "code" | "detail">;

/** Words of a load that takes too long; also the message of the error. */
export const TOO_SLOW = "it did not load in time";
export const CRASHED: Refusal = { code: "crashedWhileLoading", detail: "the engine process ended while it loaded this file" };
export const CHANGED: Refusal = { code: "changed", detail: "the file has changed since it was checked" };

/** What a load may take beside the disk's time. */
export const LOAD_MS = 30_000;

/** Milliseconds a load may take: a fixed time and a slow disk's 50 MB a second. */
export function loadLimitMs(path: string, fixedMs: number): number {
  return fixedMs + shardNames(path).reduce((bytes, part) => bytes + (statSync(part, { throwIfNoEntry: false })?.size ?? 0), 0) / 50_000;
}
