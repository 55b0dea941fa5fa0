import type { Snapshot } from "../../src/core/completion/snapshot";

/** What a snapshot has besides its text; the rest is taken from the notation. */
export type SnapshotExtras = Partial<Pick<Snapshot, "path" | "languageId" | "offset">>;

/** A document written as one string, with `|` where the cursor stands: `"const a = |1;"`. The first `|` is the cursor. */
export function snapshotAt(notation: string, extras: SnapshotExtras = {}): Snapshot {
  const cursor = notation.indexOf("|");
  if (cursor < 0) throw new RangeError(`no | in ${JSON.stringify(notation)}`);
  return snapshotOf(notation.slice(0, cursor), notation.slice(cursor + 1), extras);
}

/** A document by what stands before and after the cursor, for texts that hold `|` themselves. */
export function snapshotOf(before: string, after: string, extras: SnapshotExtras = {}): Snapshot {
  return { path: "file.ts", languageId: "typescript", offset: before.length, line: before.split("\n").length - 1, before, after, ...extras };
}

/** The notation of a snapshot with the shown text accepted: `"const a = 1|;"`. */
export function accepted(snapshot: Snapshot, text: string): string {
  return `${snapshot.before}${text}|${snapshot.after}`;
}
