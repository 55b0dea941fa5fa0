import type { PromptChunk } from "../../protocol/engine";

/** A place that was edited a moment ago, as plain data. Lines are 0-based. */
export interface RecentEdit {
  readonly path: string;
  readonly line: number;
}

/** Places kept, and lines on each side that count as the same place. */
const MOST_PLACES = 8;
const NEAR_LINES = 12;

/** Lines shown around an edited place. */
export const LINES_AROUND = 10;

/** Puts an edit first; one near an older place of the same file replaces it. Returns a new list, newest first. */
export function rememberEdit(edits: readonly RecentEdit[], edit: RecentEdit): readonly RecentEdit[] {
  const others = edits.filter((other) => other.path !== edit.path || Math.abs(other.line - edit.line) > NEAR_LINES);
  return [edit, ...others].slice(0, MOST_PLACES);
}

/**
 * The head of the prompt: text around the places edited last in other files, oldest first, so that what changed last
 * stands nearest to the cursor's file. Stays within `characters`.
 */
export function editedPlaces(edits: readonly RecentEdit[], currentPath: string, textAround: (edit: RecentEdit) => string | undefined, characters: number): readonly PromptChunk[] {
  const chunks: PromptChunk[] = [];
  let room = characters;
  for (const edit of edits) {
    if (edit.path === currentPath) continue;
    const text = textAround(edit);
    if (text === undefined || text.trim() === "" || text.length > room) continue;
    room -= text.length;
    chunks.push({ path: edit.path, text });
  }
  return chunks.reverse();
}
