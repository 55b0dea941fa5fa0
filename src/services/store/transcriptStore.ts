/**
 * The chat transcript on disk: `transcript.jsonl` in a folder of the editor's workspace storage, append-only.
 * Every line is flushed before `append` resolves, so a question that was asked is never lost to a crash.
 */
import { mkdir, open, readFile, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { formatEvent, parseEvents, type TranscriptEvent, type TranscriptJournal } from "../../core/chat/transcript";
import { renameOver } from "./renameOver";

/** Bytes read from the end of a journal: about a thousand turns. The rest stays on disk. */
export const DEFAULT_READ_LIMIT = 4 * 1024 * 1024;

export interface TranscriptStoreOptions {
  /** Bytes read from the journal's end at most. */
  readonly readLimit?: number;
}

/** A journal in `folder`, which is made on the first write. Calls take effect in the order made. */
export class TranscriptStore implements TranscriptJournal {
  readonly #folder: string;
  readonly #readLimit: number;
  #handle: FileHandle | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(folder: string, { readLimit = DEFAULT_READ_LIMIT }: TranscriptStoreOptions = {}) {
    this.#folder = folder;
    this.#readLimit = readLimit;
  }

  load(): Promise<{ readonly events: readonly TranscriptEvent[]; readonly partial: boolean }> {
    return this.#inOrder(async () => {
      // An undo that nobody took: what was cleared in an earlier session is really deleted.
      await rm(this.#cleared, { force: true });
      const { text, partial } = await readEnd(this.#journal, this.#readLimit);
      return { events: parseEvents(text), partial };
    });
  }

  append(event: TranscriptEvent): Promise<void> {
    return this.#inOrder(async () => {
      this.#handle ??= await openForAppend(this.#folder, this.#journal);
      await this.#handle.appendFile(formatEvent(event), "utf8");
      await this.#handle.datasync();
    });
  }

  clear(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#closeHandle();
      await rm(this.#cleared, { force: true });
      await ignoreMissing(rename(this.#journal, this.#cleared));
    });
  }

  restoreCleared(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#closeHandle();
      const before = await readOrEmpty(this.#cleared);
      if (before.length === 0) return;
      const since = await readOrEmpty(this.#journal);
      await replaceFile(this.#journal, [endWithLineBreak(before), since]);
      await rm(this.#cleared, { force: true });
    });
  }

  forgetCleared(): Promise<void> {
    return this.#inOrder(() => rm(this.#cleared, { force: true }));
  }

  /** Waits for the writes under way and closes the file. A later call opens it again. */
  close(): Promise<void> {
    return this.#inOrder(() => this.#closeHandle());
  }

  dispose(): void {
    this.close().catch(() => undefined);
  }

  get #journal(): string {
    return join(this.#folder, "transcript.jsonl");
  }

  get #cleared(): string {
    return join(this.#folder, "transcript.cleared.jsonl");
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** One operation at a time; one that fails does not stop the next. */
  #inOrder<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(operation);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** Opens for appending. A journal whose last line was cut gets a line break, so that the next event stands alone. */
async function openForAppend(folder: string, path: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true });
  const handle = await open(path, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    if (size > 0 && last[0] !== 0x0a) await handle.appendFile("\n");
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readEnd(path: string, limit: number): Promise<{ text: string; partial: boolean }> {
  const size = await ignoreMissing(stat(path).then((found) => found.size));
  if (size === undefined || size === 0) return { text: "", partial: false };
  const handle = await open(path, "r");
  try {
    const start = Math.max(0, size - limit);
    const bytes = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    const text = bytes.toString("utf8", 0, bytesRead);
    return start === 0 ? { text, partial: false } : { text: text.slice(text.indexOf("\n") + 1), partial: true };
  } finally {
    await handle.close();
  }
}

/** Writes beside, flushes, then renames over: the file is the old one or the new one, never half of either. */
async function replaceFile(path: string, parts: readonly Buffer[]): Promise<void> {
  const beside = `${path}.new`;
  const handle = await open(beside, "w", 0o600);
  try {
    await handle.writeFile(Buffer.concat(parts));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await renameOver(beside, path);
}

function endWithLineBreak(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from("\n")]);
}

async function readOrEmpty(path: string): Promise<Buffer> {
  return (await ignoreMissing(readFile(path))) ?? Buffer.alloc(0);
}

async function ignoreMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
