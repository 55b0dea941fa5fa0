import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { abortError } from "../../core/util/abort";

/** What tells cheaply that a file's content may have changed. `modified` in milliseconds since 1970. */
export interface FileFacts {
  readonly size: number;
  readonly modified: number;
  readonly inode: number;
  /** When content, name or rights changed last, in milliseconds since 1970: unlike `modified` no program sets it. Absent in older stores. */
  readonly changed?: number | undefined;
}

/** Undefined where there is no plain file. */
export async function factsOf(path: string): Promise<FileFacts | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true ? { size: facts.size, modified: facts.mtimeMs, inode: facts.ino, changed: facts.ctimeMs } : undefined;
}

/** Whether a file is, as far as size, times and inode can tell, the one that it was. */
export function sameFile(left: FileFacts, right: FileFacts): boolean {
  return left.size === right.size && left.modified === right.modified && left.inode === right.inode && (left.changed ?? right.changed) === (right.changed ?? left.changed);
}

/** SHA-256 of a file in hexadecimal. */
export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  return hashFileInSteps(path, () => undefined, signal);
}

/** As `hashFile`, and tells after each megabyte how many bytes have been read so far; where that is a promise, reading goes on when it is fulfilled. */
export async function hashFileInSteps(path: string, onBytes: (bytes: number) => void | Promise<void>, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (signal.aborted) throw abortError();
    hash.update(chunk as Buffer);
    await onBytes(bytes += (chunk as Buffer).byteLength);
  }
  return hash.digest("hex");
}
