import { createHash, randomUUID, type Hash } from "node:crypto";
import { constants, copyFile, open, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import * as valibot from "valibot";
import type { DownloadSource } from "../../core/models/downloadState";
import { abortError } from "../../core/util/abort";
import { makeFolder } from "../store/makeFolder";
import { renameOver } from "../store/renameOver";
import { syncFolder } from "../store/syncFolder";
import type { Disk, PartHandle } from "./disk";

const partName = valibot.pipe(valibot.string(), valibot.regex(/^[\w-]+\.part$/));

/**
 * What is remembered of a part beside it. `hash` is of its first `synced` bytes, which were on the disk before this was
 * written: after a power cut the file may be longer than that, with anything in it, and somebody may have changed it.
 */
const journal = valibot.strictObject({
  version: valibot.literal(1),
  part: partName,
  /** Its name before; null for a part that was begun under this one. The journal is written first, the part renamed after it. */
  former: valibot.nullable(partName),
  /** `addressHash`. */
  address: valibot.string(),
  sha256: valibot.nullable(valibot.string()),
  total: valibot.pipe(valibot.number(), valibot.safeInteger(), valibot.minValue(1)),
  etag: valibot.nullable(valibot.string()),
  synced: valibot.pipe(valibot.number(), valibot.safeInteger(), valibot.minValue(0)),
  hash: valibot.string(),
});
type Journal = valibot.InferOutput<typeof journal>;

/** How an earlier part comes into one's hands. From a writer that may still live it is copied: what that one writes then goes nowhere. */
export type Inheritance = "rename" | "copy";

/** Where a part lives and how often it is made safe. */
export interface PartRules {
  /** Folder of this download alone, whose lock the caller holds. */
  readonly folder: string;
  readonly disk: Disk;
  /** Bytes after which the part is put onto the disk and noted: what a crash costs at most. */
  readonly chunkBytes: number;
}

/** A part that nobody else writes to: each writer's part has a name of its own. */
export class PartFile {
  #hash: Hash = createHash("sha256");
  #total: number | null = null;
  #etag: string | null = null;
  #bytes = 0;
  #synced = 0;
  #closed = false;

  private constructor(private readonly rules: PartRules, private readonly source: DownloadSource, private readonly name: string, private readonly handle: PartHandle) {}

  /**
   * Goes on with what an earlier run left, if it is still what that run wrote, or begins. `onBytes` hears how much was
   * read again. Rejects with what the file system says, or with an abort error.
   */
  static async open(rules: PartRules, source: DownloadSource, inheritance: Inheritance, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<PartFile> {
    await makeFolder(rules.folder);
    const known = await readJournal(rules.folder, source);
    const name = `${randomUUID()}.part`;
    if (known) await inherit(rules.folder, known, name, inheritance);
    const part = new PartFile(rules, source, name, await rules.disk.open(path.join(rules.folder, name)));
    try {
      await removeOtherParts(rules.folder, name);
      if (!known || !(await part.#resume(known, onBytes, signal))) await part.reset();
      return part;
    } catch (error) {
      await part.close();
      throw error;
    }
  }

  /** Bytes written and hashed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of the whole file; null before a server told. */
  get total(): number | null {
    return this.#total;
  }

  get etag(): string | null {
    return this.#etag;
  }

  get complete(): boolean {
    return this.#total !== null && this.#bytes === this.#total;
  }

  /** SHA-256, in hex, of what is there. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Gives up what is there. */
  async reset(): Promise<void> {
    await rm(path.join(this.rules.folder, JOURNAL), { force: true });
    await this.handle.truncate(0);
    [this.#hash, this.#bytes, this.#synced, this.#total, this.#etag] = [createHash("sha256"), 0, 0, null, null];
  }

  /** Says which file the bytes to come are of. Only for a part without bytes. */
  describe(total: number, etag: string | null): void {
    [this.#total, this.#etag] = [total, etag];
  }

  /** Puts bytes behind the others. Where it rejects, none of them count. */
  async write(piece: Uint8Array): Promise<void> {
    for (let written = 0; written < piece.byteLength;) written += (await this.handle.write(piece, written, piece.byteLength - written, this.#bytes + written)).bytesWritten;
    this.#hash.update(piece);
    this.#bytes += piece.byteLength;
    if (this.#bytes - this.#synced >= this.rules.chunkBytes) await this.save();
  }

  /** Makes safe what is there, so that another run can go on. */
  async save(): Promise<void> {
    if (this.#closed || this.#total === null || this.#bytes === this.#synced) return;
    await this.handle.datasync();
    const { sha256, url } = this.source;
    await writeJournal(this.rules.folder, { version: 1, part: this.name, former: null, address: addressHash(url), sha256, total: this.#total, etag: this.#etag, synced: this.#bytes, hash: this.digest() });
    this.#synced = this.#bytes;
  }

  /** Moves the part to its final name in one step, if it is still the file that was written. Closes it. */
  async finish(file: string): Promise<void> {
    await this.handle.truncate(this.#bytes);
    await this.handle.datasync();
    const mine = await this.handle.stat();
    await this.close();
    const part = path.join(this.rules.folder, this.name);
    const found = await stat(part);
    if (found.ino !== mine.ino || found.size !== this.#bytes) throw Object.assign(new Error("the part is another file now"), { code: "ENOENT", syscall: "stat" });
    await renameOver(part, file);
    await syncFolder(path.dirname(file));
    await rm(path.join(this.rules.folder, JOURNAL), { force: true });
  }

  /** Deletes the part and what is remembered of it. */
  async discard(): Promise<void> {
    await this.close();
    await discardParts(this.rules.folder);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.handle.close();
  }

  async #resume(known: Journal, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<boolean> {
    // Without a tag a server could not tell whether the rest is of the same file.
    if (known.etag === null && known.synced !== known.total) return false;
    const hash = createHash("sha256");
    const buffer = Buffer.alloc(1 << 20);
    let bytes = 0;
    while (bytes < known.synced) {
      if (signal.aborted) throw abortError();
      const { bytesRead } = await this.handle.read(buffer, 0, Math.min(buffer.length, known.synced - bytes), bytes);
      if (bytesRead === 0) return false;
      hash.update(buffer.subarray(0, bytesRead));
      onBytes(bytes += bytesRead);
    }
    if (hash.copy().digest("hex") !== known.hash) return false;
    await this.handle.truncate(known.synced);
    [this.#hash, this.#bytes, this.#total, this.#etag] = [hash, known.synced, known.total, known.etag];
    // The part has a new name, which the next run has to find.
    this.#synced = -1;
    await this.save();
    return true;
  }
}

/** What an earlier run left of this very file; undefined for nothing, or for something else. Reads one small file. */
export async function leftOver(folder: string, source: DownloadSource): Promise<{ readonly bytes: number; readonly total: number } | undefined> {
  const known = await readJournal(folder, source);
  return known && { bytes: known.synced, total: known.total };
}

/** Bytes in the part of whoever writes at the moment; 0 where there is none. */
export async function growingBytes(folder: string): Promise<number> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter(isPart);
  const sizes = await Promise.all(names.map((name) => stat(path.join(folder, name)).then(({ size }) => size, () => 0)));
  return Math.max(0, ...sizes);
}

/** Deletes every part and what is remembered of it. The caller holds the lock. */
export async function discardParts(folder: string): Promise<void> {
  await rm(path.join(folder, JOURNAL), { force: true });
  await removeOtherParts(folder, undefined);
}

const JOURNAL = "journal.json";

async function readJournal(folder: string, { url, sha256, size }: DownloadSource): Promise<Journal | undefined> {
  const text = await readFile(path.join(folder, JOURNAL), "utf8").catch(() => "");
  const parsed = valibot.safeParse(valibot.pipe(valibot.string(), valibot.parseJson(), journal), text);
  if (!parsed.success) return undefined;
  const known = parsed.output;
  // A file whose hash is known is the same at every address, such as that of a newer commit or of a mirror.
  const same = known.sha256 === sha256 && (sha256 !== null || known.address === addressHash(url)) && (size === null || known.total === size) && known.synced <= known.total;
  return same ? known : undefined;
}

/** One step, and on the disk before the step: a reader after a crash sees the old journal or the new one. */
async function writeJournal(folder: string, value: Journal): Promise<void> {
  const beside = path.join(folder, `${JOURNAL}.new`);
  const handle = await open(beside, "w", 0o600);
  try {
    await handle.writeFile(JSON.stringify(value));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await renameOver(beside, path.join(folder, JOURNAL));
}

/** A part that is gone is no reason to fail: there is nothing to go on with. */
async function inherit(folder: string, known: Journal, to: string, inheritance: Inheritance): Promise<void> {
  const names = await readdir(folder);
  const from = [known.part, known.former].find((name) => name !== null && names.includes(name));
  if (from === undefined || from === null) return;
  if (inheritance === "copy") {
    await copyFile(path.join(folder, from), path.join(folder, to), constants.COPYFILE_FICLONE);
    return;
  }
  await writeJournal(folder, { ...known, part: to, former: from });
  await renameOver(path.join(folder, from), path.join(folder, to));
}

async function removeOtherParts(folder: string, kept: string | undefined): Promise<void> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => isPart(name) && name !== kept);
  await Promise.all(names.map((name) => rm(path.join(folder, name), { force: true })));
}

function isPart(name: string): boolean {
  return name.endsWith(".part");
}

/** SHA-256 of an address: its query may hold a secret. */
export function addressHash(url: string): string {
  return createHash("sha256").update(url).digest("hex");
}
