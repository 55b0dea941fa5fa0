import type { CompletionPlan, PromptChunk } from "../../protocol/engine";
import { lineBefore, READ_AFTER, READ_BEFORE, type Snapshot } from "./snapshot";

/**
 * What the last prompt looked like: the next one keeps its anchor and its pinned suffix where they still fit, so that
 * the KV cache is used again. Belongs to one document.
 */
export interface WindowState {
  readonly path: string;
  /** Offset of the anchor in the document. */
  readonly anchorOffset: number;
  readonly prefix: string;
  readonly suffix: string;
}

/** Sizes of the prompt window in characters. */
export interface WindowSize {
  readonly prefix: number;
  readonly suffix: number;
}

/** Characters by which the window's start moves: in large hops, never one token at a time (design §1). */
const HOP = 4_096;
/** Lines that may be typed below an anchor before it moves. */
const LINES_BELOW_ANCHOR = 8;
/** Characters of a pinned suffix's start that must still stand after the cursor. */
const SUFFIX_AGREES = 200;

/**
 * Sizes for a context of so many tokens. About 3.5 characters a token, measured on the starter's and Qwen's
 * vocabularies; a quarter of the room is for the text after the cursor.
 */
export function windowSizeFor(contextTokens: number): WindowSize {
  const characters = contextTokens * 3;
  const prefix = Math.min(READ_BEFORE - HOP, Math.max(1_024, Math.floor(characters * 0.55)));
  const suffix = Math.min(READ_AFTER, Math.max(256, Math.floor(characters * 0.15)));
  return { prefix, suffix };
}

/** Chooses anchor, prefix and suffix. Without a previous state the result depends on the snapshot alone. */
export function planWindow(snapshot: Snapshot, size: WindowSize, previous: WindowState | undefined): { plan: Omit<CompletionPlan, "head">; state: WindowState } {
  const suffix = pinSuffix(snapshot, size, previous);
  const kept = previous && suffix === previous.suffix ? keptAnchor(snapshot, previous) : undefined;
  const state = kept ?? freshAnchor(snapshot, size, suffix);
  const typed = snapshot.before.slice(snapshot.before.length - (snapshot.offset - state.anchorOffset));
  return { plan: { path: snapshot.path, prefix: state.prefix, typed, suffix }, state };
}

/** A plan with its head; kept apart so that the head can be pinned while somebody types. */
export function withHead(plan: Omit<CompletionPlan, "head">, head: readonly PromptChunk[]): CompletionPlan {
  return { ...plan, head };
}

function freshAnchor(snapshot: Snapshot, size: WindowSize, suffix: string): WindowState {
  const typedLength = lineBefore(snapshot).length;
  const anchorOffset = snapshot.offset - typedLength;
  const whole = snapshot.before.slice(0, snapshot.before.length - typedLength);
  const hop = Math.min(HOP, Math.floor(size.prefix / 2));
  const start = Math.max(0, Math.ceil((anchorOffset - size.prefix) / hop) * hop);
  return { path: snapshot.path, anchorOffset, prefix: fromLineStart(whole, anchorOffset - start), suffix };
}

/** The last `length` characters of a text, from the next line start on. */
function fromLineStart(text: string, length: number): string {
  if (length >= text.length) return text;
  const cut = text.length - Math.max(0, length);
  if (text[cut - 1] === "\n") return text.slice(cut);
  const lineStart = text.indexOf("\n", cut);
  return lineStart < 0 ? text.slice(cut) : text.slice(lineStart + 1);
}

/** The previous anchor stays while only text after it changed, and not too much of it. */
function keptAnchor(snapshot: Snapshot, previous: WindowState): WindowState | undefined {
  const length = snapshot.offset - previous.anchorOffset;
  if (previous.path !== snapshot.path || length < 0 || length > snapshot.before.length) return undefined;
  const typed = snapshot.before.slice(snapshot.before.length - length);
  if (typed.split("\n").length > LINES_BELOW_ANCHOR) return undefined;
  const beforeAnchor = snapshot.before.slice(0, snapshot.before.length - length);
  return beforeAnchor.endsWith(previous.prefix) ? previous : undefined;
}

function pinSuffix(snapshot: Snapshot, size: WindowSize, previous: WindowState | undefined): string {
  const current = wholeLines(snapshot.after, size.suffix);
  if (!previous || previous.path !== snapshot.path) return current;
  // A suffix shorter than this must agree whole: an empty one agrees with nothing but itself.
  const agrees = current.slice(0, SUFFIX_AGREES) === previous.suffix.slice(0, SUFFIX_AGREES);
  const similarLength = Math.abs(current.length - previous.suffix.length) <= SUFFIX_AGREES;
  return agrees && similarLength ? previous.suffix : current;
}

/** At most `length` characters, ending with a whole line where there is one. */
function wholeLines(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.lastIndexOf("\n", length);
  return end <= 0 ? text.slice(0, length) : text.slice(0, end + 1);
}
