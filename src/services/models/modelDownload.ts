import path from "node:path";
import type { DownloadOutcome, DownloadSource, DownloadState } from "../../core/models/downloadState";
import { failureOfDisk } from "./downloadFailure";
import { CANCELLED, DownloadLock, TAKEN_AWAY, type DownloadTurn } from "./downloadLock";
import type { DownloadParts } from "./downloadParts";
import { progressReporter, type ProgressReporter } from "./downloadProgress";
import { failureOutcome, standing } from "./downloadRun";
import { waitForTurn, writeEnding } from "./downloadTurn";
import { bringFile, type DownloadWork } from "./downloadWork";
import { systemDisk } from "./disk";
import { discardParts, leftOver } from "./partFile";
import { bringParts, leftOverParts } from "./splitDownload";
import { discardWholeParts } from "./wholeParts";

/** A file to get, or a model in parts, and the folder that it gets into. Folders of a person's models are shared by all windows. */
export interface DownloadOrder {
  readonly source: DownloadSource;
  /** Absolute. Made where it is missing. */
  readonly folder: string;
}

/**
 * Gets a file, or the rest of it, through the gate, and moves it to its final name when size and hash are right; nothing
 * else ever stands there. A model in parts is one download: its files get their names when all of them are right.
 * Several windows make one download: the others wait and return what that one came to. `signal` pauses, or cancels with
 * the reason `CANCELLED`. Never rejects but for bugs. The last report is the outcome.
 */
export async function downloadModel(parts: DownloadParts, order: DownloadOrder, report: (state: DownloadState) => void, signal: AbortSignal): Promise<DownloadOutcome> {
  const outcome = await inTurn(parts, order, progressReporter(parts.now, report), signal).catch((error: unknown) => {
    const failure = failureOfDisk(error);
    if (!failure) throw error;
    return failureOutcome(order.source, failure, 0);
  });
  parts.log.info(`download ${order.source.id}: ${outcome.outcome}${outcome.outcome === "failed" ? `, ${outcome.trouble}, ${String(outcome.kept)} bytes kept` : ""}`);
  report({ state: "ended", outcome });
  return outcome;
}

/** Deletes what an unfinished download left; false where a window is at work on it, which has to be asked to cancel. */
export async function discardDownload(parts: Pick<DownloadParts, "now" | "rhythm">, { source, folder }: DownloadOrder): Promise<boolean> {
  const place = workFolder(folder, source);
  const turn = await new DownloadLock(place, parts.now, parts.rhythm).look();
  if (!("release" in turn)) return false;
  await discardAll(place).finally(() => turn.release());
  return true;
}

/** What an earlier run left of a download, to be shown as paused; undefined for nothing. */
export function unfinishedDownload({ source, folder }: DownloadOrder): Promise<{ readonly bytes: number; readonly total: number } | undefined> {
  return source.parts ? leftOverParts(workFolder(folder, source), source) : leftOver(workFolder(folder, source), source);
}

/** Where the part and the lock of a download are: below the final file's folder, so that moving it is one step. */
export function workFolder(folder: string, { fileName }: Pick<DownloadSource, "fileName">): string {
  return path.join(folder, ".downloads", fileName);
}

async function inTurn(parts: DownloadParts, order: DownloadOrder, reporter: ProgressReporter, signal: AbortSignal): Promise<DownloadOutcome> {
  const place = workFolder(order.folder, order.source);
  const lock = new DownloadLock(place, parts.now, parts.rhythm);
  for (;;) {
    const turn = await waitForTurn(parts, lock, place, order.source, reporter, signal);
    if ("outcome" in turn) return turn;
    try {
      const outcome = await withTurn(parts, order, place, turn, reporter, AbortSignal.any([signal, turn.interrupted]));
      if (outcome === TAKEN_AWAY) continue;
      writeEnding(place, turn, outcome);
      return outcome;
    } finally {
      await turn.release();
    }
  }
}

async function withTurn(parts: DownloadParts, { source, folder }: DownloadOrder, place: string, turn: DownloadTurn, reporter: ProgressReporter, signal: AbortSignal): Promise<DownloadOutcome | typeof TAKEN_AWAY> {
  const work: DownloadWork = { parts, source, folder, place, disk: parts.disk ?? systemDisk, turn, reporter, underWay: { part: undefined, before: 0 } };
  try {
    return await (source.parts ? bringParts(work, signal) : bringOne(work, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    return await interrupted(work, signal);
  } finally {
    await work.underWay.part?.close();
  }
}

async function bringOne(work: DownloadWork, signal: AbortSignal): Promise<DownloadOutcome> {
  const { source, folder, reporter } = work;
  const file = path.join(folder, source.fileName);
  const there = await standing(source, file, reporter, signal);
  return there ? { outcome: "done", already: true, ...there } : bringFile(work, source, () => file, reporter, signal);
}

async function interrupted({ place, underWay: { part, before } }: DownloadWork, signal: AbortSignal): Promise<DownloadOutcome | typeof TAKEN_AWAY> {
  if (signal.reason === TAKEN_AWAY) return TAKEN_AWAY;
  if (signal.reason === CANCELLED) {
    await part?.close();
    await discardAll(place);
    return { outcome: "cancelled" };
  }
  await part?.save().catch(() => undefined);
  return { outcome: "paused", kept: before + (part?.bytes ?? 0) };
}

async function discardAll(place: string): Promise<void> {
  await discardParts(place);
  await discardWholeParts(place);
}
