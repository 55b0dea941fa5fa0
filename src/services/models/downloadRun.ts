import type { DownloadedFile, DownloadOutcome, DownloadSource, FailedDownload } from "../../core/models/downloadState";
import { downloadWords, retryMayHelp } from "../../core/models/downloadWords";
import { retryDelay } from "../network/retry";
import { attemptDownload, missingRoom, type AttemptEnd } from "./downloadAttempt";
import { failureOfDisk, noRoom, type AttemptFailure } from "./downloadFailure";
import type { DownloadParts } from "./downloadParts";
import type { ProgressReporter } from "./downloadProgress";
import type { Disk } from "./disk";
import { factsOf, hashFileInSteps } from "./fileFacts";
import type { PartFile } from "./partFile";

/** What a run works on: the part is open and nobody else writes to it. */
export interface DownloadRun {
  /** Of one file. */
  readonly source: DownloadSource;
  /** Folder whose disk needs the room. */
  readonly folder: string;
  /** Absolute path that the whole file gets, once its hash is known. */
  readonly target: (sha256: string) => string;
  readonly disk: Disk;
  readonly part: PartFile;
  readonly reporter: ProgressReporter;
}

/** Often enough that a server which cannot resume and cuts, or changes its file, is not asked for ever. */
const MOST_RESTARTS = 3;
/** An attempt that brought so many bytes counts as a success where failed ones are counted. */
const GAIN = 16 * 1024;

/** Asks until the file is whole, the person is needed or `signal` fires, which rejects with an abort error. */
export async function runDownload(parts: DownloadParts, run: DownloadRun, signal: AbortSignal): Promise<DownloadOutcome> {
  const { part, source } = run;
  const noSpace = await noRoomFor(run);
  if (noSpace) return failureOutcome(source, noSpace, part.bytes);
  const counts = { failed: 0, restarts: 0 };
  let last: AttemptFailure = { trouble: "changing", found: "", passing: undefined };
  while (!part.complete) {
    // Bytes without a tag cannot be gone on with.
    if (part.bytes > 0 && part.etag === null) await restart(part, counts);
    if (counts.restarts > MOST_RESTARTS) return failureOutcome(source, last, part.bytes);
    run.reporter.step("connecting", part.bytes, part.total ?? source.size);
    const before = part.bytes;
    const end = await attempt(parts, run, counts, signal);
    if (end.end === "refused") return end.refusal;
    if (end.end === "startOver") await restart(part, counts);
    if (end.end !== "failed") continue;
    last = end.failure;
    if (end.worthless) await part.discard().catch(() => undefined);
    else await part.save().catch(() => undefined);
    counts.failed = part.bytes - before >= GAIN ? 1 : counts.failed + 1;
    const delay = end.failure.passing && !end.worthless ? retryDelay(end.failure.passing, counts.failed, false, parts.random) : undefined;
    if (delay === undefined) return failureOutcome(source, end.failure, end.worthless ? 0 : part.bytes);
    run.reporter.step("retrying", part.bytes, part.total ?? source.size);
    await parts.wait(delay, signal);
  }
  return finish(run);
}

/** The file under the final name, if it is the one that is wanted. Of a link nobody knows more than that it once came whole. */
export async function standing({ sha256, stated, size }: DownloadSource, file: string, reporter: ProgressReporter, signal: AbortSignal): Promise<DownloadedFile | undefined> {
  const facts = await factsOf(file);
  if (!facts || (size !== null && facts.size !== size)) return undefined;
  const found = await hashFileInSteps(file, (bytes) => { reporter.step("checking", bytes, facts.size); }, signal);
  return found === (sha256 ?? stated ?? found) ? { file, sha256: found, size: facts.size, verified: sha256 !== null } : undefined;
}

/** A failure in words. */
export function failureOutcome({ fileName, url }: DownloadSource, { trouble, found }: AttemptFailure, kept: number): FailedDownload {
  const because = downloadWords(trouble, { file: fileName, host: new URL(url).host, found });
  return { outcome: "failed", trouble, because, retry: retryMayHelp(trouble), kept };
}

async function attempt(parts: DownloadParts, { source, folder, disk, part, reporter }: DownloadRun, counts: { restarts: number }, signal: AbortSignal): Promise<AttemptEnd> {
  const onBytes = (): void => { reporter.step("receiving", part.bytes, part.total); };
  return attemptDownload(parts, { source, part, disk, folder, onBytes, onRestart: () => { counts.restarts += 1; } }, signal);
}

async function restart(part: PartFile, counts: { restarts: number }): Promise<void> {
  counts.restarts += 1;
  await part.reset();
}

async function noRoomFor({ source, part, disk, folder }: DownloadRun): Promise<AttemptFailure | undefined> {
  const total = source.size ?? part.total;
  if (total === null || part.complete) return undefined;
  const missing = await missingRoom(disk, folder, total - part.bytes);
  return missing > 0 ? noRoom(missing) : undefined;
}

/** The hash is compared with the catalog's, of a link with its own server's; only what passes gets its name. */
async function finish({ source, part, target }: DownloadRun): Promise<DownloadOutcome> {
  const sha256 = part.digest();
  const size = part.bytes;
  const file = target(sha256);
  if (sha256 !== (source.sha256 ?? source.stated ?? sha256)) {
    await part.discard();
    return failureOutcome(source, { trouble: source.sha256 === null ? "notAsStated" : "wrongHash", found: "", passing: undefined }, 0);
  }
  try {
    await part.save();
    await part.finish(file);
  } catch (error) {
    const failure = failureOfDisk(error);
    if (!failure) throw error;
    return failureOutcome(source, failure, size);
  }
  return { outcome: "done", already: false, file, sha256, size, verified: source.sha256 !== null };
}
