import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, rm } from "node:fs/promises";
import path from "node:path";
import { abortError } from "../../core/util/abort";
import { makeFolder } from "../store/makeFolder";
import { renameOver } from "../store/renameOver";
import { syncFolder } from "../store/syncFolder";
import type { Disk } from "./disk";

/** What a file must be. */
export interface Expected {
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** What a copy, or a look at a file, came to. */
export type Checked = "right" | "wrong" | "missing" | "link";

/** Hashes a file below `root`, no part of whose path may be a link. Rejects with an abort error or with what the file system says. */
export async function checkFile(root: string, inside: string, expected: Expected, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<Checked> {
  return readChecked(root, inside, expected, async () => undefined, onBytes, signal);
}

/**
 * Copies a file below `root` to `target`, hashing what is written: what was right a minute ago may not be now. Only the
 * right file gets the name `target`. `work` is a folder on the disk of `target`. Rejects as `checkFile` does.
 */
export async function copyFileChecked(root: string, inside: string, target: string, work: string, expected: Expected, disk: Disk, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<Checked> {
  await makeFolder(work);
  await makeFolder(path.dirname(target));
  const beside = path.join(work, `${randomUUID()}.part`);
  try {
    const handle = await disk.open(beside);
    let position = 0;
    const write = async (piece: Uint8Array): Promise<void> => {
      for (let written = 0; written < piece.byteLength;) written += (await handle.write(piece, written, piece.byteLength - written, position + written)).bytesWritten;
      position += piece.byteLength;
    };
    try {
      const checked = await readChecked(root, inside, expected, write, onBytes, signal);
      if (checked !== "right") return checked;
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await renameOver(beside, target);
    await syncFolder(path.dirname(target));
    return "right";
  } finally {
    await rm(beside, { force: true });
  }
}

async function readChecked(root: string, inside: string, { size, sha256 }: Expected, use: (piece: Uint8Array) => Promise<void>, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<Checked> {
  const kind = await kindOf(root, inside);
  if (kind !== "right") return kind;
  const noFollow = (constants.O_NOFOLLOW as number | undefined) ?? 0;
  const handle = await open(path.join(root, ...inside.split("/")), constants.O_RDONLY | noFollow);
  try {
    const facts = await handle.stat();
    if (!facts.isFile() || facts.size !== size) return "wrong";
    const hash = createHash("sha256");
    const buffer = Buffer.alloc(1 << 20);
    let bytes = 0;
    for (;;) {
      if (signal.aborted) throw abortError();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, bytes);
      if (bytesRead === 0) break;
      bytes += bytesRead;
      if (bytes > size) return "wrong";
      const piece = buffer.subarray(0, bytesRead);
      hash.update(piece);
      await use(piece);
      onBytes(bytes);
    }
    return bytes === size && hash.digest("hex") === sha256 ? "right" : "wrong";
  } finally {
    await handle.close();
  }
}

/** Looks at every step of the way: a folder may be a link as well as a file. */
async function kindOf(root: string, inside: string): Promise<Checked> {
  const steps = inside.split("/");
  for (let count = 1; count <= steps.length; count++) {
    const facts = await lstat(path.join(root, ...steps.slice(0, count))).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    });
    if (!facts) return "missing";
    if (facts.isSymbolicLink()) return "link";
    if (count === steps.length ? !facts.isFile() : !facts.isDirectory()) return "wrong";
  }
  return "right";
}
