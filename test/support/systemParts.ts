import { lstatSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** What not every system has. */
export type SystemPart = "file modes" | "signals that stop a process" | "scripts that are programs" | "named pipes" | "links to files" | "quick lists of processes";

const isWindows = process.platform === "win32";

/**
 * Declares cases about a part of the system where it is there. Elsewhere they are not declared, because a case that
 * cannot run counts as failed; the run says what was left out. Linux and macOS have every part.
 */
export function whereThereAre(part: SystemPart, declare: () => void): void {
  if (isThere(part)) declare();
  else console.log(`  Not tested here, because this system has no ${part}.`);
}

/** On Windows a link to a file needs a right that not everybody has; one to a folder is made by `linkFolder`. */
function isThere(part: SystemPart): boolean {
  return !isWindows || (part === "links to files" && canLinkFiles());
}

function canLinkFiles(): boolean {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-link-"));
  const link = path.join(folder, "link");
  try {
    symlinkSync("nowhere", link, "file");
    return lstatSync(link).isSymbolicLink();
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes a link to a folder, by its absolute path: on Windows a junction, which needs no right. */
export function linkFolder(target: string, at: string): void {
  symlinkSync(target, at, "junction");
}
