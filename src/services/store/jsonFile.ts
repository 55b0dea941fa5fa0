import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { renameOver, renameOverSync } from "./renameOver";
import { syncFolder } from "./syncFolder";

/** Reads a small JSON file; undefined where it is missing or damaged (such files hold only what can be found out again). */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Writes a small JSON file in one step: a reader sees the old or the new one, never half. */
export function writeJsonFile(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${String(process.pid)}.partial`;
  writeFileSync(partial, `${JSON.stringify(value, null, 2)}\n`);
  renameOverSync(partial, path);
}

/** As `writeJsonFile`, and on the disk once it resolves: for what nobody could find out again after a power cut. */
export async function writeLastingJsonFile(path: string, value: unknown): Promise<void> {
  const partial = `${path}.${String(process.pid)}.partial`;
  const handle = await open(partial, "w", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await renameOver(partial, path);
  await syncFolder(dirname(path));
}
