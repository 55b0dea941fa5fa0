import type { Snapshot } from "./snapshot";
import { cutAtForeignCloser } from "./trim";

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
 * no longer holds. Answered without the engine, so it costs no token. Closing marks that the editor inserted for what
 * was typed are not offered a second time.
 */
export function remainingSuggestion(shown: ShownSuggestion | undefined, snapshot: Snapshot): string | undefined {
  if (!shown || shown.path !== snapshot.path) return undefined;
  const typed = snapshot.offset - shown.offset;
  if (typed < 0 || typed >= shown.text.length) return undefined;
  if (!snapshot.before.endsWith(shown.beforeTail + shown.text.slice(0, typed))) return undefined;
  const inserted = insertedClosers(shown, snapshot, typed);
  if (inserted === undefined) return undefined;
  const rest = beforeInserted(shown.text.slice(typed), inserted);
  return rest.trim() === "" ? undefined : rest;
}

/**
 * Closing marks that the editor put after the cursor for what was typed; empty where the text there is unchanged,
 * undefined where it changed in another way.
 */
function insertedClosers(shown: ShownSuggestion, snapshot: Snapshot, typed: number): string | undefined {
  const head = snapshot.after.slice(0, TELLING);
  if (head === shown.afterHead) return "";
  const closers = head.length >= shown.afterHead.length ? /^[)\]}"'`]{1,4}/.exec(head)?.[0] ?? "" : "";
  const openings = shown.text.slice(0, typed).replace(/[^([{"'`]/g, "").length;
  for (let length = 1; length <= Math.min(closers.length, openings); length++) {
    const without = snapshot.after.slice(length, length + TELLING);
    if (without === shown.afterHead) return closers.slice(0, length);
  }
  return undefined;
}

/** The rest of a suggestion up to where the inserted closing mark stands in it. */
function beforeInserted(rest: string, inserted: string): string {
  const mark = inserted[0];
  if (mark === undefined) return rest;
  if (!/["'`]/.test(mark)) return cutAtForeignCloser(rest, inserted);
  const beforeQuote = new RegExp(`^(?:\\\\[^]|[^\\\\${mark}])*`).exec(rest)?.[0];
  return beforeQuote ?? rest;
}
