import type { Definition, FileOutline } from "../../protocol/indexWorker";
import type { PromptChunk } from "../../protocol/engine";
import { withoutHiddenCharacters } from "./hiddenCharacters";

/** Lines somebody edited a short while ago in another file. `text` is those lines as they are now. */
export interface RecentPlace {
  readonly path: string;
  /** 1-based. */
  readonly startLine: number;
  readonly text: string;
}

export interface RelatedInput {
  readonly path: string;
  readonly outline: FileOutline | undefined;
  /** Lines of the current file that the prompt holds anyhow, 1-based inclusive. */
  readonly window: { readonly startLine: number; readonly endLine: number };
  /** Newest first. Places of the current file are passed over. Asked of the exclusions before they come here. */
  readonly recent: readonly RecentPlace[];
  /** Characters of all chunks together, paths included. */
  readonly budgetCharacters: number;
}

export interface RelatedChunks {
  readonly chunks: readonly PromptChunk[];
  /** What did not fit, in words. */
  readonly leftOut: readonly string[];
}

const OUTLINE_SHARE = 0.5;
const OUTLINED = new Set<Definition["kind"]>(["function", "method", "class", "interface", "type", "enum", "constant", "variable", "macro", "field"]);

/**
 * The stable head of a completion prompt: recently edited places of other files, then what the current file defines outside
 * of the prompt's window. Chosen by recency, ordered by path and line, so that the order (and with it the KV cache)
 * does not change with each edit. The same input gives the same chunks.
 */
export function relatedChunks(input: RelatedInput): RelatedChunks {
  const recent = chosenPlaces(input, Math.floor(input.budgetCharacters * (input.outline ? 1 - OUTLINE_SHARE : 1)));
  const used = recent.chunks.reduce((sum, chunk) => sum + cost(chunk), 0);
  const own = outlineChunk(input, input.budgetCharacters - used);
  return { chunks: own.chunk ? [...recent.chunks, own.chunk] : recent.chunks, leftOut: [...recent.leftOut, ...own.leftOut] };
}

function chosenPlaces({ recent, path }: RelatedInput, budget: number): RelatedChunks {
  const chosen: { place: RecentPlace; chunk: PromptChunk }[] = [];
  const leftOut: string[] = [];
  let left = budget;
  for (const place of recent) {
    if (place.path === path || place.text.trim() === "" || chosen.some((other) => overlaps(other.place, place))) continue;
    const chunk: PromptChunk = { path: place.path, text: withoutHiddenCharacters(place.text).text };
    if (cost(chunk) > left) {
      leftOut.push(`${place.path}:${place.startLine}: no room for this recently edited place`);
      continue;
    }
    left -= cost(chunk);
    chosen.push({ place, chunk });
  }
  chosen.sort((a, b) => (a.place.path === b.place.path ? a.place.startLine - b.place.startLine : a.place.path < b.place.path ? -1 : 1));
  return { chunks: chosen.map(({ chunk }) => chunk), leftOut };
}

function overlaps(a: RecentPlace, b: RecentPlace): boolean {
  return a.path === b.path && a.startLine < b.startLine + lineCount(b.text) && b.startLine < a.startLine + lineCount(a.text);
}

/** Signatures in file order; where room is short the ones nearest to the window stay. */
function outlineChunk({ outline, window, path }: RelatedInput, budget: number): { chunk?: PromptChunk; leftOut: string[] } {
  const outside = (outline?.definitions ?? []).filter(
    (item) => OUTLINED.has(item.kind) && !isLocal(item, outline) && (item.endLine < window.startLine || item.startLine > window.endLine),
  );
  const entries = outside.map((item, order) => ({ order, text: entryText(item), distance: distance(item, window) }));
  const kept: typeof entries = [];
  let left = budget - path.length;
  for (const entry of [...entries].sort((a, b) => a.distance - b.distance || a.order - b.order)) {
    if (entry.text.length + 1 > left) continue;
    left -= entry.text.length + 1;
    kept.push(entry);
  }
  const missing = entries.length - kept.length;
  const leftOut = missing > 0 ? [`${path}: ${missing} of ${entries.length} outlined definitions`] : [];
  if (kept.length === 0) return { leftOut };
  const text = kept.sort((a, b) => a.order - b.order).map((entry) => entry.text).join("\n");
  return { chunk: { path, text: withoutHiddenCharacters(`${text}\n`).text }, leftOut };
}

/** What is defined inside a function is of no use outside of it. */
function isLocal(item: Definition, outline: FileOutline | undefined): boolean {
  return (outline?.definitions ?? []).some((outer) => (outer.kind === "function" || outer.kind === "method") && outer !== item && outer.startLine <= item.startLine && outer.endLine >= item.endLine && item.container.endsWith(outer.name));
}

function entryText(item: Definition): string {
  return item.container === "" ? item.signature : `  ${item.signature.replaceAll("\n", "\n  ")}`;
}

function distance(item: Definition, window: RelatedInput["window"]): number {
  return item.endLine < window.startLine ? window.startLine - item.endLine : item.startLine - window.endLine;
}

function cost(chunk: PromptChunk): number {
  return chunk.path.length + chunk.text.length;
}

function lineCount(text: string): number {
  return text.split("\n").length;
}
