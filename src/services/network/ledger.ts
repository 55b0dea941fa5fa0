import { stat } from "node:fs/promises";
import { entriesIn, verifyChain, type UnplacedEntry, type Verification } from "../../core/outgoing/ledgerChain";
import { bytesOutOn, requestsIn, type LedgerRequest } from "../../core/outgoing/ledgerSummary";
import type { LedgerEntry } from "../../core/outgoing/ledgerLine";
import type { Disposable } from "../../core/util/dispose";
import { Emitter } from "../../core/util/emitter";
import { createFileLock } from "../store/fileLock";
import { watchFile } from "../store/watchFile";
import { appendToLedger, makeLedgerFolder, readLedgerText, sha256 } from "./ledgerFile";

/** The record of everything that left or was kept from leaving. All windows of a person write into the same file. */
export interface Ledger extends Disposable {
  /** Resolves once the line is on disk. Rejects when it cannot be written: then nothing may leave. */
  append(entry: UnplacedEntry): Promise<void>;
  /** Entries in the order written. */
  read(): Promise<readonly LedgerEntry[]>;
  /** Requests with their state, oldest first; those of this window that are on their way are `sending`, not `unknown`. */
  requests(): Promise<readonly LedgerRequest[]>;
  verify(): Promise<Verification>;
  /** Of the local day, of all windows. */
  bytesToday(): Promise<number>;
  /** Fires after each line, of other windows too where the system tells. */
  onChange(listener: () => void): Disposable;
}

/** Opens the ledger `file`, which is made with the first line. `now` gives milliseconds since 1970. */
export function createLedger(file: string, now: () => number): Ledger {
  return new FileLedger(file, now);
}

class FileLedger implements Ledger {
  readonly #changes = new Emitter<void>();
  readonly #lock;
  readonly #underWay = new Set<string>();
  #queue: Promise<unknown> = Promise.resolve();
  #watcher: Disposable | undefined;
  #cached: { readonly size: number; readonly entries: readonly LedgerEntry[] } | undefined;

  constructor(private readonly file: string, private readonly now: () => number) {
    this.#lock = createFileLock(`${file}.lock`, "the ledger");
  }

  append(entry: UnplacedEntry): Promise<void> {
    const result = this.#queue.then(async () => {
      await makeLedgerFolder(this.file);
      await this.#lock.hold((stillHeld) => appendToLedger(this.file, entry, new Date(this.now()).toISOString(), stillHeld));
      if (entry.event === "sending") this.#underWay.add(entry.id);
      else this.#underWay.delete(entry.id);
    });
    // What a listener throws is no reason to call a line unwritten.
    this.#queue = result.then(() => { this.#changes.fire(); }).catch(() => undefined);
    return result;
  }

  async read(): Promise<readonly LedgerEntry[]> {
    const size = await stat(this.file).then((found) => found.size, () => 0);
    // Lines are only ever added: the same size is the same text.
    if (this.#cached?.size === size) return this.#cached.entries;
    const text = await readLedgerText(this.file);
    this.#cached = { size: text.length, entries: entriesIn(text) };
    return this.#cached.entries;
  }

  async requests(): Promise<readonly LedgerRequest[]> {
    return requestsIn(await this.read(), this.#underWay);
  }

  async verify(): Promise<Verification> {
    return verifyChain(await readLedgerText(this.file), sha256);
  }

  async bytesToday(): Promise<number> {
    return bytesOutOn(await this.read(), this.now());
  }

  onChange(listener: () => void): Disposable {
    this.#watcher ??= watchFile(this.file, () => { this.#changes.fire(); });
    return this.#changes.on(listener);
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#watcher = undefined;
    this.#changes.dispose();
  }
}
