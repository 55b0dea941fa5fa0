import { rmSync } from "node:fs";

/** Removes a temporary folder and what is in it. On Windows it may stay until this process ends. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    // There a name stays while somebody has its file open, as a ledger has that still writes how a request ended.
    if (process.platform !== "win32") throw error;
    process.once("exit", () => { rmSync(folder, { recursive: true, force: true, maxRetries: 5 }); });
  }
}
