import type { Finding } from "./redaction";

const KIND = "private key";
const BEGIN = /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z0-9 ]{0,20} ?-{4,5}/g;
const END = /-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z0-9 ]{0,20} ?-{4,5}/g;
/** A line of a key file, also within quotes, comments and concatenations. */
const KEY_LINE = /^[\s"'`+*#/,;|>-]{0,40}[A-Za-z0-9+/=]{16,80}(?:\\r)?(?:\\n)?["'`+,;)\s\\]{0,12}$/;
const LONGEST_BLOCK = 20_000;
const MOST_LINES = 400;

/**
 * Private keys in armour (RFC 7468, OpenSSH, PGP, PuTTY). A key that a window of context cut in two shows only its
 * beginning, its end or lines from its middle: those are found too.
 */
export function findKeyBlocks(text: string): Finding[] {
  return [...findArmoured(text), ...findEnds(text), ...findLinesOfKeys(text), ...findPuttyKeys(text)];
}

function findArmoured(text: string): Finding[] {
  const found: Finding[] = [];
  const ends = [...text.matchAll(END)];
  let next = 0;
  let done = 0;
  for (const { 0: begin, index } of text.matchAll(BEGIN)) {
    if (index < done) continue;
    while (next < ends.length && (ends[next]?.index ?? 0) < index) next++;
    const close = ends[next];
    const whole = close && close.index - index < LONGEST_BLOCK;
    const end = whole ? close.index + close[0].length : endOfKeyLines(text, index + begin.length);
    found.push({ start: index, end, kind: KIND });
    done = end;
  }
  return found;
}

/** The lines before an end whose beginning is not there. */
function findEnds(text: string): Finding[] {
  return [...text.matchAll(END)].map(({ 0: mark, index }) => ({ start: startOfKeyLines(text, index), end: index + mark.length, kind: KIND }));
}

/** Where the key goes on after its first line: to the first line that cannot be of a key, or for a key in one line to its end. */
function endOfKeyLines(text: string, from: number): number {
  const armour = text.indexOf("-----", from);
  const inline = /^(?:[A-Za-z0-9+/=\s:,-]|\\[nr])*/.exec(text.slice(from, Math.min(armour < 0 ? text.length : armour, from + LONGEST_BLOCK)))?.[0].length ?? 0;
  let end = from;
  let line = text.indexOf("\n", from) + 1;
  for (let count = 0; line > 0 && count < MOST_LINES; count++) {
    const close = text.indexOf("\n", line);
    const content = text.slice(line, close < 0 ? text.length : close);
    // Header lines such as `Proc-Type: 4,ENCRYPTED`, the blank one after them, and the last short line of the key.
    if (!KEY_LINE.test(content) && !/^[\w-]{4,20}: .{1,80}$|^\s*$|^[\s"'`+*#]{0,12}[A-Za-z0-9+/]{1,76}={0,2}["'\\n+,;)\s]{0,8}$/.test(content)) break;
    end = line + content.length;
    line = close < 0 ? 0 : close + 1;
  }
  return Math.max(end, from + (/[A-Za-z0-9+/]{16}/.test(text.slice(from, from + inline)) ? inline : 0));
}

function startOfKeyLines(text: string, from: number): number {
  // In one line: the base64 right before it.
  let start = from;
  const floor = Math.max(0, from - LONGEST_BLOCK);
  while (start > floor && /[A-Za-z0-9+/=\\\s]/.test(text[start - 1] ?? "") && text[start - 1] !== "\n") start--;
  let lineEnd = text.lastIndexOf("\n", from - 1);
  for (let count = 0; lineEnd >= 0 && count < MOST_LINES; count++) {
    const lineStart = lineEnd === 0 ? 0 : text.lastIndexOf("\n", lineEnd - 1) + 1;
    const content = text.slice(lineStart, lineEnd);
    const shortLast = count === 0 && /^[\s"'`+*#]{0,12}[A-Za-z0-9+/]{1,76}={0,2}["'\\n+,;)\s]{0,8}$/.test(content);
    if (!KEY_LINE.test(content) && !shortLast) break;
    start = Math.min(start, lineStart);
    lineEnd = lineStart - 1;
  }
  return start;
}

/** Lines from the middle of a key: three or more of the same armour's width, of mixed letters and digits. */
function findLinesOfKeys(text: string): Finding[] {
  const found: Finding[] = [];
  for (const { 0: lines, index } of text.matchAll(/(?<![^\n])(?:[ \t"'`+#*]{0,16}[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{6}|[A-Za-z0-9+/]{12})?(?:\\n)?["'`+,;\s\\]{0,4}\r?\n){3,400}(?:[ \t"'`+#*]{0,16}[A-Za-z0-9+/]{1,76}={0,2})?/g)) {
    if (/[a-z]/.test(lines) && /[A-Z]/.test(lines) && /\d/.test(lines)) found.push({ start: index, end: index + lines.length, kind: "key material" });
  }
  return found;
}

function findPuttyKeys(text: string): Finding[] {
  return [...text.matchAll(/Private-Lines: \d{1,4}\r?\n((?:[A-Za-z0-9+/=]{1,80}\r?\n){1,200})/g)].map(({ 0: whole, index }) => ({ start: index, end: index + whole.length, kind: KIND }));
}
