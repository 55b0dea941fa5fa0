import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { WorkspaceExclusions } from "./workspaceExclusions";

/** One step of a walk: a file that may be indexed, or something that was kept out. */
export type WalkStep = { readonly file: string } | { readonly excluded: string; readonly reason: string };

/**
 * Every file under `root`, shallow folders first and by name, asked of the exclusions one by one. Links are not followed:
 * what they lead to inside the folder is walked on its own, and what lies outside is not ours. Unreadable folders are told, not thrown. Once `isFull`,
 * files are only counted, so they are no longer opened.
 */
export async function* walk(root: string, exclusions: WorkspaceExclusions, isFull: () => boolean = () => false): AsyncGenerator<WalkStep> {
  const folders = [""];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(() => undefined);
    if (!entries) {
      yield { excluded: folder, reason: "not readable" };
      continue;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const relative = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const reason = await reasonAgainst(entry, relative, exclusions, isFull());
      if (reason !== undefined) yield { excluded: relative, reason };
      else if (entry.isDirectory()) folders.push(relative);
      else yield { file: relative };
    }
  }
}

async function reasonAgainst(entry: Dirent, relative: string, exclusions: WorkspaceExclusions, full: boolean): Promise<string | undefined> {
  if (entry.isSymbolicLink()) return "symlink";
  if (!entry.isDirectory() && !entry.isFile()) return "not a file";
  const decision = entry.isDirectory() ? await exclusions.decideFolder(relative) : full ? await exclusions.decideName(relative) : await exclusions.decide(relative);
  return decision.excluded ? decision.reason : undefined;
}
