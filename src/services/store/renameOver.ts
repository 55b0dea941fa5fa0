import { renameSync } from "node:fs";
import { rename } from "node:fs/promises";

/** Milliseconds before each further attempt; together about half a second. */
const PAUSES_MS = [2, 5, 10, 20, 40, 80, 160, 200];

/** Less than what the editor's thread may be held up. */
const MOST_SYNC_MS = 8;

/** What Windows says while a program has one of the two files open: another window that reads it, a virus scanner. */
const BUSY = new Set(["EPERM", "EACCES", "EBUSY"]);

/** Where it runs; tests give others. */
export interface RenameParts {
  readonly platform: string;
  readonly rename: (from: string, to: string) => Promise<void>;
}

/**
 * Renames a file in one step, over another one where there is one. On Windows, where that fails while somebody has
 * either open, it is tried again for about half a second. Rejects with what the file system said last.
 */
export async function renameOver(from: string, to: string, { platform, rename: move }: RenameParts = { platform: process.platform, rename }): Promise<void> {
  for (const pause of platform === "win32" ? PAUSES_MS : []) {
    try {
      return await move(from, to);
    } catch (error) {
      if (!isBusy(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  await move(from, to);
}

/** The same without waiting for longer than a few milliseconds. Throws. */
export function renameOverSync(from: string, to: string, platform: string = process.platform, move: (from: string, to: string) => void = renameSync): void {
  const end = performance.now() + (platform === "win32" ? MOST_SYNC_MS : 0);
  for (;;) {
    try {
      move(from, to);
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error;
    }
  }
}

function isBusy(error: unknown): boolean {
  return BUSY.has((error as NodeJS.ErrnoException).code ?? "");
}
