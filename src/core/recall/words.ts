import { FIRST_WORD, WordKind, type Vocabulary } from "./vocabulary";

/**
 * Text as recall reads it: words with a mark for the blank before them, and line breaks that tell how the indentation
 * changes instead of how deep it is, so that the same code matches at any depth.
 *
 * A unit of the stream is `word * 2 + (a blank stands before it ? 1 : 0)`.
 */

/** Before the first word of a file. */
export const FILE_EDGE = 0;

/** Indentation changes beyond this many columns count as this many. */
const MOST_COLUMNS = 60;

/** The unit of a line break whose next line is indented by so many columns more (or less), with or without a blank line between. */
export function lineBreakUnit(columns: number, blankLine: boolean): number {
  const clamped = Math.max(-MOST_COLUMNS, Math.min(MOST_COLUMNS, columns));
  return (1 + (clamped + MOST_COLUMNS) * 2 + (blankLine ? 1 : 0)) * 2;
}

/** What `lineBreakUnit` was made from. */
export function lineBreakParts(unit: number): { readonly columns: number; readonly blankLine: boolean } {
  const code = (unit >>> 1) - 1;
  return { columns: (code >>> 1) - MOST_COLUMNS, blankLine: (code & 1) === 1 };
}

export function isLineBreak(unit: number): boolean {
  return unit > 1 && unit < FIRST_WORD * 2;
}

/** A list of units that grows. */
export class UnitList {
  units: Uint32Array;
  length = 0;

  constructor(capacity: number) {
    this.units = new Uint32Array(Math.max(16, capacity));
  }

  push(unit: number): void {
    if (this.length === this.units.length) {
      const larger = new Uint32Array(this.units.length * 2);
      larger.set(this.units);
      this.units = larger;
    }
    this.units[this.length++] = unit;
  }

  view(): Uint32Array {
    return this.units.subarray(0, this.length);
  }
}

/** How a scan ended: what has to be known to go on from there. */
export interface ScanEnd {
  /** Columns of indentation of the last line. */
  readonly indentation: number;
  /** Blanks at the very end that belong to no word yet. */
  readonly pendingBlanks: number;
}

/** A tab's width in columns where indentation is counted. */
export const TAB_COLUMNS = 4;
/** Longer words are data, not code: cut into pieces. */
const LONGEST_WORD = 64;

const CLASS = classTable();

/** Appends the units of a text to `out`. With an edge first where `out` is empty. */
export function scanWords(text: string, vocabulary: Vocabulary, out: UnitList): ScanEnd {
  if (out.length === 0) out.push(FILE_EDGE);
  let indentation = 0;
  let blanks = 0;
  let at = 0;
  // Indentation of the first line.
  const first = indentationAt(text, 0);
  if (first.end > 0 && text[first.end] !== "\n") {
    indentation = first.columns;
    at = first.end;
  }
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const kind = classOf(code);
    if (kind === WordKind.lineBreak) {
      const next = nextLine(text, at);
      out.push(lineBreakUnit(next.columns - indentation, next.blankLine));
      indentation = next.columns;
      blanks = 0;
      at = next.end;
      continue;
    }
    if (kind === WordKind.blanks) {
      const end = endOfBlanks(text, at);
      blanks = end - at;
      // A single blank is a mark of the next word; more of them are a word of their own, at the end of a line they are nothing.
      const atLineEnd = end >= text.length || text.charCodeAt(end) === 10 || text.charCodeAt(end) === 13;
      if (!atLineEnd && (blanks > 1 || code === 9)) {
        out.push(vocabulary.intern(text, at, Math.min(code === 9 ? end : end - 1, at + LONGEST_WORD), WordKind.blanks) * 2);
        blanks = code === 9 ? 0 : 1;
      }
      at = end;
      continue;
    }
    const end = endOfWord(text, at, kind);
    const wordKind = kind === WordKind.identifier && code >= 48 && code <= 57 ? WordKind.number : kind;
    out.push(vocabulary.intern(text, at, end, wordKind) * 2 + (blanks > 0 ? 1 : 0));
    blanks = 0;
    at = end;
  }
  return { indentation, pendingBlanks: blanks };
}

/** The text of a unit inside a line; empty for line breaks and edges. */
export function unitText(unit: number, vocabulary: Vocabulary): string {
  if (unit < FIRST_WORD * 2) return "";
  return (unit & 1 ? " " : "") + vocabulary.textOf(unit >>> 1);
}

function endOfWord(text: string, start: number, kind: WordKind): number {
  if (kind !== WordKind.identifier && kind !== WordKind.operator) return start + 1;
  let end = start + 1;
  const most = Math.min(text.length, start + LONGEST_WORD);
  while (end < most) {
    const code = text.charCodeAt(end);
    if (classOf(code) !== kind) break;
    end += 1;
  }
  return end;
}

function endOfBlanks(text: string, start: number): number {
  let end = start + 1;
  const first = text.charCodeAt(start);
  while (end < text.length && text.charCodeAt(end) === first) end += 1;
  return end;
}

function indentationAt(text: string, start: number): { columns: number; end: number } {
  let columns = 0;
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 32) columns += 1;
    else if (code === 9) columns += TAB_COLUMNS;
    else if (code !== 13 || text.charCodeAt(end + 1) !== 10) break;
  }
  return { columns, end };
}

/** The next line that is not blank, seen from a line break. At the text's end the last line counts, blank or not. */
function nextLine(text: string, lineBreak: number): { columns: number; blankLine: boolean; end: number } {
  let at = lineBreak;
  let breaks = 0;
  for (;;) {
    at += text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10 ? 2 : 1;
    breaks += 1;
    const { columns, end } = indentationAt(text, at);
    if (end >= text.length || text.charCodeAt(end) !== 10) return { columns, blankLine: breaks > 1, end };
    at = end;
  }
}

/** Letters beyond ASCII count as parts of names. */
function classOf(code: number): WordKind {
  return code < 128 ? ((CLASS[code] ?? WordKind.other) as WordKind) : WordKind.identifier;
}

function classTable(): Uint8Array {
  const table = new Uint8Array(128).fill(WordKind.other);
  const set = (characters: string, kind: number): void => { for (const character of characters) table[character.charCodeAt(0)] = kind; };
  set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$", WordKind.identifier);
  set("=<>!&|+-*/%^~?:.", WordKind.operator);
  set("()[]{}", WordKind.bracket);
  set("\"'`", WordKind.quote);
  set(" \t", WordKind.blanks);
  set("\n\r", WordKind.lineBreak);
  return table;
}
