import { rmSync } from "node:fs";
import * as valibot from "valibot";
import { NOTHING_ROUTED, type RoutingRecord, type RoutingStore } from "../../core/routing/routingRecord";
import type { Disposable } from "../../core/util/dispose";
import { readJsonFile, writeJsonFile } from "./jsonFile";

/** The file is written this long after the first change that is not in it. */
const WRITE_AFTER_MS = 2_000;

const count = valibot.pipe(valibot.number(), valibot.integer(), valibot.minValue(0));
const stored = valibot.pipe(
  valibot.object({
    version: valibot.literal(1),
    decisions: valibot.array(valibot.object({ unsure: valibot.pipe(valibot.number(), valibot.minValue(0), valibot.maxValue(1)), asked: valibot.boolean() })),
    counts: valibot.object({ answers: count, left: count }),
  }),
  valibot.check(({ counts }) => counts.left <= counts.answers, "more answers left than there were"),
);

/** The routing record in one small file of the workspace's storage. It holds numbers only; see `core/routing/routingRecord.ts`. */
export interface FileRoutingStore extends RoutingStore, Disposable {
  /** Forgets everything and deletes the file. Throws when it cannot be deleted. */
  forget(): void;
  /** Writes what is not written yet. */
  dispose(): void;
}

/** Opens the record; read with the first need, a damaged one begins anew. With `file` null it lasts as long as the window. */
export function createRoutingStore(file: string | null, onProblem: (message: string) => void): FileRoutingStore {
  return new StoredRouting(file, onProblem);
}

class StoredRouting implements FileRoutingStore {
  #record: RoutingRecord | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly file: string | null, private readonly onProblem: (message: string) => void) {}

  record(): RoutingRecord {
    return (this.#record ??= readRecord(this.file));
  }

  change(record: RoutingRecord): void {
    this.#record = record;
    if (this.file === null || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => { this.#write(); }, WRITE_AFTER_MS);
    this.#timer.unref();
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#record = NOTHING_ROUTED;
    if (this.file !== null) rmSync(this.file, { force: true });
  }

  dispose(): void {
    if (this.#timer !== undefined) this.#write();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.file === null || this.#record === undefined) return;
    try {
      writeJsonFile(this.file, { version: 1, ...this.#record });
    } catch (error) {
      this.onProblem(`the routing counts could not be written (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`);
    }
  }
}

function readRecord(file: string | null): RoutingRecord {
  const parsed = valibot.safeParse(stored, file === null ? undefined : readJsonFile(file));
  return parsed.success ? { decisions: parsed.output.decisions, counts: parsed.output.counts } : NOTHING_ROUTED;
}
