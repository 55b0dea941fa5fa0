import { rmSync } from "node:fs";

/** Removes a temporary folder and what is in it. On Windows it may stay until this process ends. */
export function removeFolder(folder: string): void {
  try {
    // A ledger may still be writing how a request ended: what was begun ends while this waits, and nothing new begins.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  } catch (error) {
    // There a name stays while somebody has its file open, as a ledger has that still writes how a request ended.
    if (process.platform !== "win32") throw error;
    process.once("exit", () => { rmSync(folder, { recursive: true, force: true, maxRetries: 5 }); });
  }
}
