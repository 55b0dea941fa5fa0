import { mkdir, open, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { renameOver } from "./renameOver";

const FILE = "recall.index";

/**
 * The stored index of one workspace, a single file that is replaced in one step. `folder` is the extension's storage
 * for the workspace; nothing else in it is touched.
 */
export class RecallStore {
  readonly #file: string;
  readonly #partial: string;

  constructor(private readonly folder: string) {
    this.#file = path.join(folder, FILE);
    this.#partial = `${this.#file}.partial`;
  }

  /** The stored bytes; undefined when nothing is stored. Rejects when it cannot be read. */
  async read(): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Writes the pieces and puts them in place of what is stored. Whatever interrupts it, the old index or the new one is there. */
  async write(pieces: Iterable<Uint8Array | undefined>, signal: AbortSignal): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const handle = await open(this.#partial, "w", 0o600);
    try {
      for (const piece of pieces) {
        signal.throwIfAborted();
        if (piece) await handle.writeFile(piece);
        // Whoever waits for an answer on this thread goes between two pieces.
        else await new Promise((resolve) => setImmediate(resolve));
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    signal.throwIfAborted();
    await renameOver(this.#partial, this.#file);
  }

  /** Deletes what is stored, a half-written file too. */
  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
    await rm(this.#partial, { force: true });
  }
}
