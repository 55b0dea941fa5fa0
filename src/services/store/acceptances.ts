import { rmSync } from "node:fs";
import * as valibot from "valibot";
import { NOTHING_ACCEPTED, withAccepted, withShown, type AcceptanceCounts, type AcceptanceRecord } from "../../core/recall/acceptances";
import type { Disposable } from "../../core/util/dispose";
import { readJsonFile, writeJsonFile } from "./jsonFile";

/** Suggestions come and go quickly: the file is written this long after the first that is not in it. */
const WRITE_AFTER_MS = 10_000;

const whole = valibot.pipe(valibot.number(), valibot.integer(), valibot.minValue(0));
const stored = valibot.object({
  version: valibot.literal(1),
  counts: valibot.record(valibot.string(), valibot.record(valibot.string(), valibot.object({ shown: whole, accepted: whole }))),
});

/** Counts of what was shown and accepted, in one small file of the workspace's storage. They hold no code; see `core/recall/acceptances.ts`. */
export interface AcceptanceStore extends Disposable {
  /** A new suggestion is shown; one that still holds while somebody types along is not new. */
  shown(voice: string, path: string): void;
  /** A suggestion was accepted whole. */
  accepted(voice: string, path: string): void;
  counts(): AcceptanceCounts;
  /** Forgets everything and deletes the file. Throws when it cannot be deleted. */
  forget(): void;
  /** Writes what is not written yet. */
  dispose(): void;
}

/** Opens the counts; read with the first need, damaged ones begin anew. With `file` null they last as long as the window. */
export function createAcceptanceStore(file: string | null, onProblem: (message: string) => void): AcceptanceStore {
  return new FileAcceptances(file, onProblem);
}

class FileAcceptances implements AcceptanceStore {
  #record: AcceptanceRecord | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly file: string | null, private readonly onProblem: (message: string) => void) {}

  shown(voice: string, path: string): void {
    this.#change(withShown(this.#read(), voice, path));
  }

  accepted(voice: string, path: string): void {
    this.#change(withAccepted(this.#read(), voice, path));
  }

  counts(): AcceptanceCounts {
    return this.#read().counts;
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#record = NOTHING_ACCEPTED;
    if (this.file !== null) rmSync(this.file, { force: true });
  }

  dispose(): void {
    if (this.#timer !== undefined) this.#write();
  }

  #read(): AcceptanceRecord {
    return (this.#record ??= readRecord(this.file));
  }

  #change(record: AcceptanceRecord): void {
    this.#record = record;
    if (this.file === null || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => { this.#write(); }, WRITE_AFTER_MS);
    this.#timer.unref();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.file === null || this.#record === undefined) return;
    try {
      writeJsonFile(this.file, { version: 1, ...this.#record });
    } catch (error) {
      this.onProblem(`the acceptance counts could not be written: ${String(error)}`);
    }
  }
}

function readRecord(file: string | null): AcceptanceRecord {
  const parsed = valibot.safeParse(stored, file === null ? undefined : readJsonFile(file));
  return parsed.success ? { counts: parsed.output.counts } : NOTHING_ACCEPTED;
}
