import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** How far a walk goes: what is beyond is left out, and the walk says so. */
export interface WalkLimits {
  /** Folders below the first one. */
  readonly depth: number;
  /** Files and folders looked at, over all places together. */
  readonly entries: number;
}

/** Counts over several walks. A folder that links lead to twice is walked once. */
export class FolderWalk {
  readonly #seen = new Set<string>();
  #entries = 0;
  #cut = false;

  constructor(private readonly limits: WalkLimits) {}

  /** Whether something was left out because of the limits. */
  get cut(): boolean {
    return this.#cut;
  }

  /** Paths of the files below a folder, links followed, in the order of their names. A folder that cannot be read has none. */
  async *files(folder: string, signal: AbortSignal, depth = 0): AsyncGenerator<string> {
    signal.throwIfAborted();
    const real = await realpath(folder).catch(() => undefined);
    if (real === undefined || this.#seen.has(real)) return;
    this.#seen.add(real);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      if (++this.#entries > this.limits.entries) {
        this.#cut = true;
        return;
      }
      const path = join(folder, entry.name);
      // A link that leads nowhere is told of as a file: its reader says what is wrong.
      if (!entry.isDirectory() && !(entry.isSymbolicLink() && (await isFolder(path)))) yield path;
      else if (depth < this.limits.depth) yield* this.files(path, signal, depth + 1);
      else this.#cut = true;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
