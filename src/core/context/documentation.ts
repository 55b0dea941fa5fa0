/** Comments that stand before a definition, read line by line: the same for every language. */

export interface LeadingComment {
  /** Without comment marks, lines joined by `\n`; at most 40 lines. */
  readonly text: string;
  /** 0-based row of its first line. */
  readonly startRow: number;
}

const DECORATION = /^\s*(@[\w.]|#\[|\[[A-Z])/;
const LINE_COMMENT = /^\s*(\/\/[/!]?|#(?!\[|!|include|define|if|endif|pragma|region|undef|else)|--)/;
const BLOCK_END = /\*\/\s*$/;
const MAXIMUM_LINES = 40;

/** The comment that ends right above `row` (0-based), over decorators and attributes; undefined when there is none. */
export function commentBefore(lines: readonly string[], row: number): LeadingComment | undefined {
  let end = row - 1;
  while (end >= 0 && DECORATION.test(lines[end] ?? "")) end--;
  const last = lines[end];
  if (last === undefined || last.trim() === "") return undefined;
  const start = BLOCK_END.test(last) ? blockStart(lines, end) : lineCommentStart(lines, end);
  if (start === undefined) return undefined;
  const text = lines.slice(start, end + 1).slice(0, MAXIMUM_LINES).map(withoutMarks).join("\n").trim();
  return text === "" ? undefined : { text, startRow: start };
}

function lineCommentStart(lines: readonly string[], end: number): number | undefined {
  let start = end + 1;
  while (start > 0 && LINE_COMMENT.test(lines[start - 1] ?? "")) start--;
  return start <= end ? start : undefined;
}

function blockStart(lines: readonly string[], end: number): number | undefined {
  for (let row = end; row >= 0 && end - row < 400; row--) {
    const line = lines[row] ?? "";
    if (/^\s*\/\*/.test(line)) return row;
    if (line.includes("/*")) return undefined; // A comment behind code belongs to that code.
  }
  return undefined;
}

function withoutMarks(line: string): string {
  return line
    .replace(/^\s*(\/\*\*?!?|\*\/|\*(?!\/)|\/\/[/!]?|#+|--)\s?/, "")
    .replace(/\s*\*\/\s*$/, "")
    .replace(/<\/?(summary|remarks|para|returns?|param[^>]*)>/g, "")
    .replace(/\{@link\w* ([^}|\s]+)(?:[|\s]+([^}]*))?\}/g, (_whole, target: string, label?: string) => label || target)
    .replace(/^@(summary|description)\s+/, "")
    .replace(/^@(public|private|protected|internal|class|constructor|memberof|api|ignore|function|static|async)\b.*$/, "")
    .trimEnd();
}

/** The text of a Python docstring without its quotes and common indentation. */
export function docstringText(literal: string): string {
  const inner = literal.replace(/^[rRuUbB]*("""|'''|"|')/, "").replace(/("""|'''|"|')$/, "");
  return inner.split("\n").slice(0, MAXIMUM_LINES).map((line) => line.trim()).join("\n").trim();
}

/** The first sentence or line of a comment, at most `limit` characters: for lists. */
export function firstSentence(documentation: string, limit = 160): string {
  const paragraph = (documentation.split(/\n\s*\n|\n\s*@/)[0] ?? "").replace(/\s+/g, " ").trim();
  const sentence = /^.*?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph;
  return sentence.length > limit ? `${sentence.slice(0, limit - 1).trimEnd()}…` : sentence;
}
