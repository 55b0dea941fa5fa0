import { lineAfter, lineBefore, type Snapshot } from "./snapshot";

/** Lines a suggestion may have where a block starts. */
export const BLOCK_LINES = 12;

/**
 * How many lines may be generated here: several only where a block starts, one everywhere else (peers' measurements:
 * multi-line suggestions elsewhere are mostly refused).
 */
export function linesToGenerate(snapshot: Snapshot): number {
  const left = lineBefore(snapshot);
  if (lineAfter(snapshot).trim() !== "") return 1;
  if (opensBlock(left)) return BLOCK_LINES;
  if (left.trim() === "" && opensBlock(previousLine(snapshot.before)) && !indentedTextFollows(snapshot, left)) return BLOCK_LINES;
  return 1;
}

/** Whether a line ends by opening a block: a bracket, a Python colon after a header, or an arrow. */
export function opensBlock(line: string): boolean {
  const code = line.trimEnd();
  if (/[{[(]$/.test(code) || /=>$/.test(code)) return true;
  return /^\s*(?:async\s+)?(?:def|class|if|elif|else|for|while|try|except|finally|with|match|case)\b.*:$/.test(code);
}

/** Where the block's own lines are already there, only the one missing line is wanted. */
function indentedTextFollows(snapshot: Snapshot, left: string): boolean {
  const next = firstNonBlankLine(snapshot.after);
  return next !== undefined && indentation(next) >= indentation(left) && indentation(left) > 0;
}

/** The first line of a text that is not blank; undefined where there is none. */
export function firstNonBlankLine(text: string): string | undefined {
  return text.split(/\r?\n/, 400).find((line) => line.trim() !== "");
}

/** Columns of leading white space; a tab counts four. */
export function indentation(line: string): number {
  const white = /^[ \t]*/.exec(line)?.[0] ?? "";
  return [...white].reduce((columns, character) => columns + (character === "\t" ? 4 : 1), 0);
}

/**
 * Index in generated text where the started block is over, or undefined while it goes on. A closing bracket at the
 * opener's own indentation belongs to the block and is kept, unless the text after the cursor has it already.
 */
export function blockEnd(text: string, typed: string, suffix: string): number | undefined {
  const opener = opensBlock(typed);
  const base = indentation(typed);
  const lines = text.split("\n");
  let position = lines[0]?.length ?? 0;
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const start = position;
    position += line.length + 1;
    const complete = index < lines.length - 1;
    if (line.trim() === "") continue;
    const outside = opener ? indentation(line) <= base : indentation(line) < base;
    if (!outside) continue;
    const closesHere = opener && indentation(line) === base && /^\s*[)\]}]/.test(line);
    if (!closesHere || suffixCloses(suffix, base)) return start;
    if (complete) return position;
  }
  return undefined;
}

function suffixCloses(suffix: string, base: number): boolean {
  const next = firstNonBlankLine(suffix);
  return next !== undefined && /^\s*[)\]}]/.test(next) && indentation(next) === base;
}

function previousLine(before: string): string {
  const lines = before.split("\n");
  return lines.slice(0, -1).findLast((line) => line.trim() !== "") ?? "";
}
