import type { Snapshot } from "./snapshot";

/** A suggestion as it was shown: enough of its place to tell whether it still holds. */
export interface ShownSuggestion {
  readonly path: string;
  readonly offset: number;
  readonly text: string;
  readonly confidence: number;
  /** Text directly before and after the cursor when it was shown. */
  readonly beforeTail: string;
  readonly afterHead: string;
}

/** Characters on both sides of the cursor that must be unchanged. */
const TELLING = 256;

/** Remembers a shown suggestion. */
export function rememberShown(snapshot: Snapshot, text: string, confidence: number): ShownSuggestion {
  return {
    path: snapshot.path,
    offset: snapshot.offset,
    text,
    confidence,
    beforeTail: snapshot.before.slice(-TELLING),
    afterHead: snapshot.after.slice(0, TELLING),
  };
}

/**
 * What is left of a shown suggestion when the person has typed along it (or deleted back into it); undefined when it
 * no longer holds. Answered without the engine, so it costs no token.
 */
export function remainingSuggestion(shown: ShownSuggestion | undefined, snapshot: Snapshot): string | undefined {
  if (!shown || shown.path !== snapshot.path) return undefined;
  const typed = snapshot.offset - shown.offset;
  if (typed < 0 || typed >= shown.text.length) return undefined;
  if (!snapshot.before.endsWith(shown.beforeTail + shown.text.slice(0, typed))) return undefined;
  if (!sameAfter(shown, snapshot, typed)) return undefined;
  const rest = shown.text.slice(typed);
  return rest.trim() === "" ? undefined : rest;
}

/** The text after the cursor is unchanged, but for closing marks that the editor inserted for what was typed. */
function sameAfter(shown: ShownSuggestion, snapshot: Snapshot, typed: number): boolean {
  const head = snapshot.after.slice(0, TELLING);
  if (head === shown.afterHead) return true;
  const inserted = head.length >= shown.afterHead.length ? /^[)\]}"'`]{1,4}/.exec(head)?.[0] ?? "" : "";
  const openings = shown.text.slice(0, typed).replace(/[^([{"'`]/g, "").length;
  if (inserted === "" || openings === 0) return false;
  for (let length = 1; length <= Math.min(inserted.length, openings); length++) {
    const without = snapshot.after.slice(length, length + TELLING);
    if (without === shown.afterHead || shown.afterHead.startsWith(without)) return true;
  }
  return false;
}
