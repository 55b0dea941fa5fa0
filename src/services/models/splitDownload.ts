import { rm, stat } from "node:fs/promises";
import path from "node:path";
import type { DownloadOutcome, DownloadSource } from "../../core/models/downloadState";
import { nameOfSource, partsOf } from "../../core/models/sourceParts";
import { abortError } from "../../core/util/abort";
import { renameOver } from "../store/renameOver";
import { syncFolder } from "../store/syncFolder";
import { missingRoom } from "./downloadAttempt";
import { noRoom } from "./downloadFailure";
import { progressOfPart } from "./downloadProgress";
import { failureOutcome, standing } from "./downloadRun";
import { bringFile, type DownloadWork } from "./downloadWork";
import { hashOfParts } from "./modelFiles";
import { growingBytes, leftOver } from "./partFile";
import { discardWholeParts, wholeName, wholePart, type WholePart } from "./wholeParts";

/**
 * Gets the parts of a model one after the other, each as a file by itself is got. One that is whole waits under a name
 * of its own in the download's folder; only when all are there, and belong together, do they get their final names.
 * Rejects as `bringFile` does.
 */
export async function bringParts(work: DownloadWork, signal: AbortSignal): Promise<DownloadOutcome> {
  const { source, folder, place, underWay } = work;
  const files = partsOf(source);
  const missing = source.size === null ? 0 : await missingRoom(work.disk, folder, source.size - await bytesThere(work, files));
  if (missing > 0) return failureOutcome({ ...source, fileName: nameOfSource(source) }, noRoom(missing), await wholeSize(place, files));
  const there: WholePart[] = [];
  for (const part of files) {
    const outcome = await bringPart(work, part, there, signal);
    if ("outcome" in outcome) return outcome;
    there.push(outcome);
    underWay.before += outcome.size;
  }
  const final = (index: number): string => path.join(folder, files[index]?.fileName ?? "");
  const already = there.every(({ file }, index) => file === final(index));
  await stillMine(work, signal);
  // The first one last: from then on the model is there.
  for (const [index, { file }] of [...there.entries()].reverse()) if (file !== final(index)) await renameOver(file, final(index));
  await syncFolder(folder);
  await discardWholeParts(place);
  const parts = there.map(({ sha256, size }) => ({ sha256, size }));
  return { outcome: "done", already, file: final(0), sha256: hashOfParts(parts.map(({ sha256 }) => sha256)), size: underWay.before, verified: false, parts };
}

/** What an earlier run left of a model in parts; undefined for nothing. */
export async function leftOverParts(place: string, source: DownloadSource): Promise<{ readonly bytes: number; readonly total: number } | undefined> {
  const files = partsOf(source);
  const begun = await Promise.all(files.map((part) => leftOver(place, part)));
  const bytes = begun.reduce((sum, part) => sum + (part?.bytes ?? 0), await wholeSize(place, files));
  return bytes === 0 && begun.every((part) => part === undefined) ? undefined : { bytes, total: source.size ?? bytes };
}

/** The part under its final name, or whole from an earlier run, or got now. `there` are the parts before it. */
async function bringPart(work: DownloadWork, part: DownloadSource, there: readonly WholePart[], signal: AbortSignal): Promise<WholePart | DownloadOutcome> {
  const { source, folder, place, underWay } = work;
  const reporter = progressOfPart(work.reporter, underWay.before, source.size);
  const whyNot = async (file: string): Promise<string | undefined> => work.parts.whyPartsDoNotFit?.([...there.map((earlier) => earlier.file), file], partsOf(source).length, signal);
  const known = await wholePart(place, there.length + 1, part);
  for (const [file, wanted] of [[path.join(folder, part.fileName), part], ...(known ? [[known.file, { ...part, stated: known.sha256 }] as const] : [])] as const) {
    const found = await standing(wanted, file, reporter, signal);
    if (found && (await whyNot(file)) === undefined) return found;
  }
  if (known) await rm(known.file, { force: true });
  await stillMine(work, signal);
  const outcome = await bringFile(work, part, (sha256) => path.join(place, wholeName(there.length + 1, part, sha256)), reporter, signal);
  if (outcome.outcome !== "done") return "kept" in outcome ? { ...outcome, kept: outcome.kept + underWay.before } : outcome;
  const found = await whyNot(outcome.file);
  if (found === undefined) return { file: outcome.file, sha256: outcome.sha256, size: outcome.size };
  await rm(outcome.file, { force: true });
  return failureOutcome(part, { trouble: "notAPart", found, passing: undefined }, underWay.before);
}

/** Whoever slept through the end of the turn must not begin a further file, or move one, beside its next holder. */
async function stillMine({ turn }: DownloadWork, signal: AbortSignal): Promise<void> {
  await turn.beat();
  if (signal.aborted) throw abortError();
}

/** Bytes that need no more room: whole parts here and there, and what is being written. */
async function bytesThere({ folder, place }: DownloadWork, files: readonly DownloadSource[]): Promise<number> {
  const final = await Promise.all(files.map(({ fileName, size }) => stat(path.join(folder, fileName)).then((found) => (found.size === size ? size : 0), () => 0)));
  return final.reduce((sum, size) => sum + size, await wholeSize(place, files) + await growingBytes(place));
}

async function wholeSize(place: string, files: readonly DownloadSource[]): Promise<number> {
  const whole = await Promise.all(files.map((part, index) => wholePart(place, index + 1, part)));
  return whole.reduce((sum, part) => sum + (part?.size ?? 0), 0);
}
