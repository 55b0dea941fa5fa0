import type { GeneratedToken, StopReason } from "../../protocol/engine";
import { hasHiddenCharacters } from "../context/hiddenCharacters";
import { blockEnd, firstNonBlankLine } from "./block";
import { lineAfter, lineBefore, type Snapshot } from "./snapshot";
import type { NothingReason } from "./trigger";

/** What the engine generated, as far as trimming needs it. */
export interface Generation {
  readonly tokens: readonly GeneratedToken[];
  readonly stop: StopReason;
  readonly endProbability: number | null;
}

/** A text to show at the cursor, or why there is none. `text` is always a beginning of what was generated. */
export type TrimmedSuggestion =
  | { readonly text: string; readonly confidence: number }
  | { readonly text: ""; readonly reason: NothingReason };

/** Options that a preset or the command line sets. */
export interface TrimOptions {
  /** Least running product of probabilities at which text is still shown; 0 turns the gate off. */
  readonly threshold: number;
  readonly maxLines: number;
}

/** Cuts generated text to what is worth showing. Pure; each step only shortens. */
export function trimSuggestion(generation: Generation, snapshot: Snapshot, options: TrimOptions): TrimmedSuggestion {
  if (generation.tokens.length === 0) return { text: "", reason: generation.stop === "unsure" ? "unsure" : "nothingGenerated" };
  const sure = cutBelowThreshold(generation, options.threshold);
  if (sure === "") return { text: "", reason: "unsure" };
  if (hasHiddenCharacters(sure)) return { text: "", reason: "hiddenCharacters" };
  const ended = cutAtNaturalEnd(sure, snapshot, options.maxLines);
  const unrepeated = cutRepeatedSuffix(ended, snapshot);
  const balanced = cutAtForeignCloser(unrepeated, lineAfter(snapshot));
  const text = cutOverlap(balanced, lineAfter(snapshot)).trimEnd();
  if (text.trim() === "") return { text: "", reason: ended.trim() === "" ? "blank" : "repeatsSuffix" };
  return { text, confidence: firstLineConfidence(generation, text) };
}

/** Text up to the last token at which the running product still reaches the threshold, never ending inside a word. */
function cutBelowThreshold(generation: Generation, threshold: number): string {
  let product = 1;
  let kept = "";
  let cut = generation.stop === "unsure" || generation.stop === "timeBudget" || generation.stop === "tokenLimit";
  for (const token of generation.tokens) {
    product *= token.probability;
    // A product that is no number (a damaged model) is not sure either.
    if (!(product >= threshold)) {
      cut = true;
      break;
    }
    kept += token.text;
  }
  return cut ? toWordEnd(kept, generation, threshold) : kept;
}

/** A text that was cut ends before the word it was cut in. */
function toWordEnd(kept: string, generation: Generation, threshold: number): string {
  const next = generation.tokens.map((token) => token.text).join("").slice(kept.length);
  const openWord = next === "" ? generation.stop === "unsure" && threshold > 0 : /^[\p{L}\p{N}_]/u.test(next);
  return openWord ? kept.replace(/[\p{L}\p{N}_]+$/u, "") : kept;
}

function cutAtNaturalEnd(text: string, snapshot: Snapshot, maxLines: number): string {
  const end = maxLines > 1 ? blockEnd(text, lineBefore(snapshot), snapshot.after) : undefined;
  const block = end === undefined ? text : text.slice(0, end);
  return block.split("\n").slice(0, maxLines).join("\n");
}

/** Cuts before the first whole line that the text after the cursor begins with. */
function cutRepeatedSuffix(text: string, snapshot: Snapshot): string {
  const next = firstNonBlankLine(snapshot.after.slice(lineAfter(snapshot).length))?.trim();
  if (next === undefined || next === "") return text;
  const lines = text.split("\n");
  const whole = `${lineBefore(snapshot)}${lines[0] ?? ""}`.trim();
  if (lines[0]?.trim() !== "" && whole === next && next.length >= 4) return "";
  const repeated = lines.findIndex((line, index) => index > 0 && line.trim() === next);
  return repeated < 0 ? text : lines.slice(0, repeated).join("\n");
}

const CLOSING: ReadonlyMap<string, string> = new Map([[")", "("], ["]", "["], ["}", "{"]]);

/** Where a bracket right of the cursor is waiting, a closing bracket that the suggestion did not open would double it. */
export function cutAtForeignCloser(text: string, right: string): string {
  const waiting = right.trimStart()[0];
  if (waiting === undefined || !CLOSING.has(waiting)) return text;
  const open: string[] = [];
  for (const [index, character] of [...text].entries()) {
    if (character === "(" || character === "[" || character === "{") open.push(character);
    const opener = CLOSING.get(character);
    if (opener === undefined) continue;
    if (open.length === 0) return character === waiting ? [...text].slice(0, index).join("") : text;
    open.pop();
  }
  return text;
}

/** Drops the longest end of the suggestion's last line that the text right of the cursor begins with. */
function cutOverlap(text: string, right: string): string {
  const follows = right.trimEnd();
  const lastLine = text.slice(text.lastIndexOf("\n") + 1);
  for (let length = Math.min(follows.length, lastLine.length); length > 0; length--) {
    const overlap = follows.slice(0, length);
    const rest = text.slice(0, text.length - length);
    // A bracket that closes one of the suggestion's own is not the one that waits: `call(f(a)|)`.
    if (lastLine.endsWith(overlap) && worthCutting(overlap, follows) && openBrackets(rest) <= openBrackets(text)) return rest;
  }
  return text;
}

/** Number of brackets that a text opens and does not close. */
function openBrackets(text: string): number {
  const open: string[] = [];
  for (const character of text) {
    if (character === "(" || character === "[" || character === "{") open.push(character);
    else if (open.at(-1) === CLOSING.get(character)) open.pop();
  }
  return open.length;
}

/** One equal letter is chance; a bracket, or all that stands there, is not. */
function worthCutting(overlap: string, follows: string): boolean {
  return overlap === follows || !/[\p{L}\p{N}_]$/u.test(overlap) || overlap.length >= 4;
}

/** Product of the probabilities of the first shown line's tokens, with the end's where it was generated. */
function firstLineConfidence(generation: Generation, shown: string): number {
  const firstLine = shown.startsWith("\n") ? shown.indexOf("\n", 1) : shown.indexOf("\n");
  const length = firstLine < 0 ? shown.length : firstLine;
  let product = 1;
  let position = 0;
  for (const token of generation.tokens) {
    if (position > length || (position === length && token.text.trim() !== "")) break;
    product *= token.probability;
    position += token.text.length;
  }
  const reachedEnd = position <= length && generation.endProbability !== null;
  return reachedEnd ? product * (generation.endProbability ?? 1) : product;
}
