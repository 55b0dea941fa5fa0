import type { RedactedTexts } from "./gatekeeper";
import { createPlaceholders } from "./placeholders";
import { isPlainValue } from "./plainValues";

/** A secret in a text: `text.slice(start, end)`, in UTF-16 units. `kind` in words, as a disclosure shows it. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** A value that is masked wherever it stands; short ones and mere letters only where they are a word of their own. */
export interface KnownValue {
  readonly value: string;
  readonly kind: string;
}

/** Masking could not be done as asked, so nothing may leave. The message is a sentence for the person; it holds no text of theirs. */
export class RedactionError extends Error {}

/** Shorter values are masked where a rule found them and nowhere else: `pass` in an address is part of too much code. */
const SHORTEST_EVERYWHERE = 6;
/** From this length on a value is masked inside longer words too. */
const LONG = 12;

/**
 * Replaces findings by placeholders, in all texts of a call: the same value has the same placeholder. A value found in
 * one place is masked in every other place too, if it is long enough to be told from ordinary words. Findings that
 * overlap or touch inside one another become one.
 */
export function maskFindings(texts: readonly string[], findings: readonly (readonly Finding[])[]): RedactedTexts {
  const everywhere = valuesWorthMaskingEverywhere(texts, findings);
  const placeholders = createPlaceholders(texts);
  const kinds = new Map<string, string>();
  const masked = texts.map((text, index) => {
    const all = joined([...(findings[index] ?? []), ...findValues(text, everywhere)]);
    let written = "";
    let done = 0;
    for (const { start, end, kind } of all) {
      const value = text.slice(start, end);
      written += text.slice(done, start) + placeholders.of(value, kind);
      if (!kinds.has(value)) kinds.set(value, kind);
      done = end;
    }
    return written + text.slice(done);
  });
  return {
    texts: masked,
    masked: countByKind([...kinds.values()]),
    restorer: placeholders.restorer(),
  };
}

/** Values that a later text may hold without the words around them that told the rule what they are. */
export function valuesWorthMaskingEverywhere(texts: readonly string[], findings: readonly (readonly Finding[])[]): KnownValue[] {
  const kinds = new Map<string, string>();
  findings.forEach((list, index) => {
    for (const { start, end, kind } of list) {
      const value = (texts[index] ?? "").slice(start, end);
      if (isWorthMaskingEverywhere(value) && !kinds.has(value)) kinds.set(value, kind);
    }
  });
  return [...kinds].map(([value, kind]) => ({ value, kind }));
}

/** Every place of the values in a text. */
export function findValues(text: string, values: readonly KnownValue[]): Finding[] {
  const found: Finding[] = [];
  for (const { value, kind } of values) {
    if (value === "") continue;
    const wordOnly = value.length < LONG || isLetters(value);
    // One further each time, not one value further: `aaa` stands twice in `aaaa`.
    for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + 1)) {
      if (!wordOnly || isWholeWord(text, start, start + value.length)) found.push({ start, end: start + value.length, kind });
    }
  }
  return found;
}

function isWorthMaskingEverywhere(value: string): boolean {
  return value.length >= SHORTEST_EVERYWHERE && !isPlainValue(value) && !(isLetters(value) && value.length < SHORTEST_EVERYWHERE + 2);
}

function isLetters(value: string): boolean {
  return /^\p{L}+$/u.test(value);
}

/** Whether no letter, digit or underscore goes on where the range begins and ends with one. */
function isWholeWord(text: string, start: number, end: number): boolean {
  const word = /[\p{L}\p{N}_]/u;
  const joins = (left: number): boolean => left >= 0 && left + 1 < text.length && word.test(text[left] ?? "") && word.test(text[left + 1] ?? "");
  // In source text `\\n` is a line break, not the letter before the value.
  const escaped = /\\[nrtbfv]/.test(text.slice(Math.max(0, start - 2), start));
  return (escaped || !joins(start - 1)) && !joins(end - 1);
}

function countByKind(kinds: readonly string[]): { kind: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

/** Sorted, without overlaps; of those that overlap the longest names the kind. Empty and impossible ranges fall out. */
function joined(findings: readonly Finding[]): Finding[] {
  const sorted = findings.filter(({ start, end }) => start >= 0 && end > start).sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: { start: number; end: number; kind: string; longest: number }[] = [];
  for (const { start, end, kind } of sorted) {
    const last = merged.at(-1);
    if (!last || start >= last.end) {
      merged.push({ start, end, kind, longest: end - start });
      continue;
    }
    if (end - start > last.longest) {
      last.kind = kind;
      last.longest = end - start;
    }
    last.end = Math.max(last.end, end);
  }
  return merged;
}
