/**
 * A document around the cursor, as plain data. The edge reads a window of it, never a whole large file.
 * Line breaks are `\n` or `\r\n` as in the document.
 */
export interface Snapshot {
  /** Path relative to the workspace with `/`, or the bare file name without a workspace. */
  readonly path: string;
  /** Absolute path where the file lies outside of the workspace folder or there is none: exclusions are asked by it. */
  readonly file?: string;
  readonly languageId: string;
  /** Characters before the cursor in the whole document. */
  readonly offset: number;
  /** Line of the cursor in the whole document, from 0. */
  readonly line: number;
  /** Text directly before the cursor, at most `READ_BEFORE` characters. */
  readonly before: string;
  /** Text directly after the cursor, at most `READ_AFTER` characters. */
  readonly after: string;
}

/** Characters that an edge reads before the cursor: the largest prompt window and one hop. */
export const READ_BEFORE = 24_576;
/** Characters that an edge reads after the cursor. */
export const READ_AFTER = 8_192;

/** Text of the current line before the cursor. */
export function lineBefore(snapshot: Pick<Snapshot, "before">): string {
  return snapshot.before.slice(snapshot.before.lastIndexOf("\n") + 1);
}

/** Text of the current line after the cursor, without its line break. */
export function lineAfter(snapshot: Pick<Snapshot, "after">): string {
  const end = snapshot.after.search(/\r?\n/);
  return end < 0 ? snapshot.after : snapshot.after.slice(0, end);
}
