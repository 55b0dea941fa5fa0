import type { DownloadOutcome, DownloadSource } from "../../core/models/downloadState";
import type { Disk } from "./disk";
import type { DownloadTurn } from "./downloadLock";
import { CHUNK_BYTES, type DownloadParts } from "./downloadParts";
import type { ProgressReporter } from "./downloadProgress";
import { runDownload } from "./downloadRun";
import { PartFile } from "./partFile";

/** What the holder of a turn works with. */
export interface DownloadWork {
  readonly parts: DownloadParts;
  readonly source: DownloadSource;
  /** Folder of the final file or files. */
  readonly folder: string;
  /** Folder of what has not come whole. */
  readonly place: string;
  readonly disk: Disk;
  readonly turn: DownloadTurn;
  readonly reporter: ProgressReporter;
  /** For whoever is interrupted: the file that is being written, and the bytes of the model's files that came before it. */
  readonly underWay: { part: PartFile | undefined; before: number };
}

/** Gets one file, or the rest of it, and gives it the name `target`. Rejects with an abort error, or with what the file system says. */
export async function bringFile({ parts, folder, place, disk, turn, underWay }: DownloadWork, source: DownloadSource, target: (sha256: string) => string, reporter: ProgressReporter, signal: AbortSignal): Promise<DownloadOutcome> {
  const rules = { folder: place, disk, chunkBytes: parts.chunkBytes ?? CHUNK_BYTES };
  const part = await PartFile.open(rules, source, turn.inheritance, (bytes) => { reporter.step("checking", bytes, source.size); }, signal);
  underWay.part = part;
  const outcome = await runDownload(parts, { source, folder, target, disk, part, reporter }, signal);
  underWay.part = undefined;
  await part.close();
  return outcome;
}
