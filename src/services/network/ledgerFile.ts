import { createHash } from "node:crypto";
import { mkdir, open, readFile, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "../store/syncFolder";
import { findEnd, linesBehind, type LedgerEnd, type UnplacedEntry } from "../../core/outgoing/ledgerChain";

/** Read first from the end: holds the last line but for requests with very many files. */
const TAIL_BYTES = 16 * 1024;

/** SHA-256 in hex; each character of `text` is one byte. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

/** The whole file, each byte as one character; empty where there is none yet. */
export async function readLedgerText(file: string): Promise<string> {
  try {
    return await readFile(file, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/**
 * Adds one line behind what is there, sealing first what a crash cut, and resolves once it is on disk. The caller holds
 * the lock. `lastMoment` is asked before the write: false rejects, and nothing is written.
 */
export async function appendToLedger(file: string, entry: UnplacedEntry, time: string, lastMoment: () => Promise<boolean>): Promise<void> {
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const text = linesBehind(await readEnd(handle, size), entry, time, sha256);
    if (!(await lastMoment())) throw new Error("the ledger was taken over by another window");
    await writeWhole(handle, Buffer.from(text, "latin1"));
    await handle.datasync();
    if (size === 0) await syncFolder(path.dirname(file));
  } finally {
    await handle.close();
  }
}

/** Makes the folder of the ledger, for its owner alone. */
export async function makeLedgerFolder(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
}

async function readEnd(handle: FileHandle, size: number): Promise<LedgerEnd> {
  for (let length = Math.min(size, TAIL_BYTES); ; length = Math.min(size, length * 8)) {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, size - length);
    const end = findEnd(bytes.toString("latin1", 0, bytesRead), length === size);
    if (end) return end;
  }
}

/** One `write` where the system takes all at once; a disk that fills up takes a part, and the rest then says why. */
async function writeWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length;) written += (await handle.write(bytes, written)).bytesWritten;
}
