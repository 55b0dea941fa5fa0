import { lineAfter, lineBefore, type Snapshot } from "./snapshot";

/** Why nothing was asked or nothing is shown. Every request leaves one of these in its record. */
export type NothingReason =
  | "excluded"
  | "middleOfWord"
  | "textAfterCursor"
  | "lineTooLong"
  | "notReady"
  | "unsure"
  | "noMatch"
  | "blank"
  | "repeatsSuffix"
  | "nothingGenerated"
  | "hiddenCharacters";

export type TriggerDecision = { readonly ask: true } | { readonly ask: false; readonly reason: NothingReason };

/** A line longer than this is data or minified code: tokens would be spent on noise. */
const LONGEST_LINE = 2_000;

/** What may stand right of the cursor for an automatic request: closing marks and separators, as editors insert them. */
const CLOSERS_ONLY = /^[\s)\]}>"'`;,:]*$/;

/** Decides before any waiting whether this place is worth a request. An explicit request passes all but the length. */
export function decideTrigger(snapshot: Snapshot, explicit: boolean): TriggerDecision {
  const left = lineBefore(snapshot);
  const right = lineAfter(snapshot);
  if (left.length > LONGEST_LINE || right.length > LONGEST_LINE) return { ask: false, reason: "lineTooLong" };
  if (explicit) return { ask: true };
  if (/^[\p{L}\p{N}_$]/u.test(right)) return { ask: false, reason: "middleOfWord" };
  if (!CLOSERS_ONLY.test(right)) return { ask: false, reason: "textAfterCursor" };
  return { ask: true };
}
