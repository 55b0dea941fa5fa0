/** Code blocks of an answer, taken from the host's own copy of its text: the webview only says which lines. */

/** Lines of the markdown that hold a fenced block, fences included: 0-based, end exclusive. */
export interface FencedLines {
  readonly start: number;
  readonly end: number;
}

/** Line ends as the markdown parser counts them. */
const lineBreak = /\r\n?|\n/;

/**
 * The code between the fences at `lines`, without the indentation or quote marks of a list or quotation around it,
 * ending in a line break unless empty. Undefined where no fence opens at `lines.start`.
 */
export function fencedCode(markdown: string, lines: FencedLines): string | undefined {
  const block = markdown.split(lineBreak).slice(lines.start, lines.end);
  const opening = /^(.*?)(`{3,}|~{3,})/.exec(block[0] ?? "");
  if (opening === null) return undefined;
  const [, container = "", fence = ""] = opening;
  const body = block.slice(1).map((line) => withoutContainer(line, container));
  if (closes(body.at(-1), fence)) body.pop();
  return body.map((line) => `${line}\n`).join("");
}

/**
 * Every fenced block of a markdown text with the language its tag names, in order; blocks without a tag are left out.
 * An answer that was cut inside a block gives what is there of it.
 */
export function taggedBlocks(markdown: string): { readonly tag: string; readonly code: string }[] {
  const lines = markdown.split(lineBreak);
  const blocks: { tag: string; code: string }[] = [];
  for (let start = 0; start < lines.length; start++) {
    const [, container, fence, tag] = /^([\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)?)(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^`]*$/.exec(lines[start] ?? "") ?? [];
    if (container === undefined || fence === undefined) continue;
    let end = start + 1;
    while (end < lines.length && !closes(withoutContainer(lines[end] ?? "", container), fence)) end++;
    if (tag) blocks.push({ tag, code: fencedCode(markdown, { start, end: Math.min(end + 1, lines.length) }) ?? "" });
    start = end;
  }
  return blocks;
}

/** The code as it is to be inserted where the line so far is `before`: later lines keep that line's indentation. */
export function indentedFor(code: string, before: string): string {
  const trimmed = code.replace(/\n$/, "");
  if (before.trim() !== "" || before === "") return trimmed;
  return trimmed
    .split("\n")
    .map((line, index) => (index === 0 || line === "" ? line : before + line))
    .join("\n");
}

function withoutContainer(line: string, container: string): string {
  const quotes = [...container].filter((character) => character === ">").length;
  let rest = line;
  for (let depth = 0; depth < quotes; depth++) rest = rest.replace(/^\s*>/, "");
  const inner = container.slice(container.lastIndexOf(">") + 1).length;
  let indentation = 0;
  while (indentation < inner && rest[indentation] === " ") indentation++;
  return rest.slice(indentation);
}

function closes(line: string | undefined, fence: string): boolean {
  const trimmed = line?.trim() ?? "";
  return trimmed.length >= fence.length && [...trimmed].every((character) => character === fence[0]);
}
