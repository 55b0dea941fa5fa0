/** A place that was edited a moment ago, as plain data. Lines are 0-based. */
export interface RecentEdit {
  /** What tells the document from others: its address. */
  readonly path: string;
  readonly line: number;
}

/** Places kept, and lines on each side that count as the same place. */
const MOST_PLACES = 8;
const NEAR_LINES = 12;

/** Lines shown on each side of an edited place. */
export const LINES_AROUND = 10;

/** Puts an edit first; one near an older place of the same file replaces it. Returns a new list, newest first. */
export function rememberEdit(edits: readonly RecentEdit[], edit: RecentEdit): readonly RecentEdit[] {
  const others = edits.filter((other) => other.path !== edit.path || Math.abs(other.line - edit.line) > NEAR_LINES);
  return [edit, ...others].slice(0, MOST_PLACES);
}
