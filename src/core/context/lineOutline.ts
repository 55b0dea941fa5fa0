import type { Definition, DefinitionKind, FileOutline, ImportSite } from "../../protocol/indexWorker";
import { commentBefore } from "./documentation";
import { extensionOf } from "./languages";

/** Lines looked at, and characters of each: one 5 MB line costs no more than any other. */
const MAXIMUM_LINES = 50_000;
const MAXIMUM_LINE_LENGTH = 400;
const MAXIMUM_DEFINITIONS = 5_000;

/** First match wins. Written for a glance at any language with words for its definitions. */
const PATTERNS: readonly (readonly [RegExp, DefinitionKind])[] = [
  [/^\s*(?:export\s+|default\s+|public\s+|private\s+|protected\s+|internal\s+|abstract\s+|final\s+|sealed\s+|static\s+|data\s+|open\s+|partial\s+)*(?:class|struct|record|object|union)\s+([A-Za-z_]\w*)/, "class"],
  [/^\s*(?:export\s+|pub(?:\([^)]*\))?\s+|public\s+|private\s+|internal\s+)*(?:interface|trait|protocol)\s+([A-Za-z_]\w*)/, "interface"],
  [/^\s*(?:export\s+|pub(?:\([^)]*\))?\s+|public\s+|private\s+|const\s+)*enum\s+(?:class\s+)?([A-Za-z_]\w*)/, "enum"],
  [/^\s*(?:export\s+|default\s+|pub(?:\([^)]*\))?\s+|public\s+|private\s+|protected\s+|internal\s+|static\s+|async\s+|suspend\s+|override\s+|unsafe\s+|local\s+|inline\s+)*(?:function\*?|fn|func|fun|def|sub|proc|defn|defp|defun)\s+(?:\([^)]*\)\s*)?(?:self\.)?([A-Za-z_][\w?!.:]*)/, "function"],
  [/^\s*(?:export\s+)?type\s+([A-Za-z_]\w*)\s*(?:<[^>]*>\s*)?=/, "type"],
  [/^(?:export\s+)?(?:const|let|var|val)\s+([A-Za-z_$][\w$]*)\s*[:=]/, "constant"],
  [/^\s*(?:module|namespace|package|defmodule)\s+([A-Za-z_][\w.:]*)\s*(?:do|\{|;|$)/, "module"],
  [/^([A-Za-z_][\w.-]*)\s*\(\)\s*\{/, "function"], // shell
  [/^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|FUNCTION|PROCEDURE|TYPE)\s+(?:IF\s+NOT\s+EXISTS\s+)?["`[]?([\w.]+)/i, "type"],
];

const MARKDOWN = new Set(["md", "mdx", "markdown", "rst", "adoc"]);

/** Definitions recognised line by line: for languages without a grammar and wherever parsing was given up (`note` says why). */
export function lineOutline(path: string, text: string, note: string): FileOutline {
  const lines = text.split("\n", MAXIMUM_LINES + 1).map((line) => line.slice(0, MAXIMUM_LINE_LENGTH));
  const lineCount = lines.length > MAXIMUM_LINES ? countLines(text) : lines.length;
  const extension = extensionOf(path);
  const definitions = MARKDOWN.has(extension) ? sectionsOf(lines) : definitionsOf(lines);
  const cut = lines.length > MAXIMUM_LINES ? `only the first ${MAXIMUM_LINES} lines were read` : "";
  return {
    path,
    language: MARKDOWN.has(extension) ? "markdown" : extension,
    method: "lines",
    note: [note, cut].filter(Boolean).join("; "),
    lineCount,
    definitions,
    calls: [],
    imports: MARKDOWN.has(extension) ? [] : importLines(lines),
  };
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function definitionsOf(lines: readonly string[]): Definition[] {
  const found: Definition[] = [];
  for (const [row, line] of lines.entries()) {
    if (found.length >= MAXIMUM_DEFINITIONS) break;
    const hit = firstMatch(line);
    if (!hit) continue;
    const comment = commentBefore(lines, row);
    found.push({
      name: hit.name,
      kind: hit.kind,
      startLine: row + 1,
      endLine: endByIndentation(lines, row) + 1,
      signature: line.replace(/\s*[{:]?\s*$/, "").trim(),
      documentation: comment?.text ?? "",
      documentationLine: (comment?.startRow ?? row) + 1,
      container: "",
    });
  }
  return found;
}

function firstMatch(line: string): { name: string; kind: DefinitionKind } | undefined {
  for (const [pattern, kind] of PATTERNS) {
    const name = pattern.exec(line)?.[1];
    if (name) return { name, kind };
  }
  return undefined;
}

/** A block ends before the next line that is indented no deeper, closing brackets and `end` included; at most 200 lines on. */
function endByIndentation(lines: readonly string[], start: number): number {
  const depth = indentation(lines[start] ?? "");
  let last = start;
  for (let row = start + 1; row < lines.length && row - start < 200; row++) {
    const line = lines[row] ?? "";
    if (line.trim() === "") continue;
    if (indentation(line) <= depth) return /^\s*([}\])]|end\b)/.test(line) ? row : last;
    last = row;
  }
  return last;
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}

/** Headings of a Markdown text as sections that last until the next heading of the same or a higher level. */
function sectionsOf(lines: readonly string[]): Definition[] {
  const headings: { row: number; level: number; name: string }[] = [];
  let fenced = false;
  for (const [row, line] of lines.entries()) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^(#{1,6})\s+(.+?)\s*#*$/.exec(line);
    if (heading?.[1] && heading[2]) headings.push({ row, level: heading[1].length, name: heading[2] });
  }
  return headings.slice(0, MAXIMUM_DEFINITIONS).map(({ row, level, name }, index) => {
    const next = headings.slice(index + 1).find((other) => other.level <= level);
    const until = headings[index + 1]?.row ?? lines.length;
    const documentation = lines.slice(row + 1, Math.min(until, row + 12)).join("\n").trim();
    const outer = headings.slice(0, index).filter((other) => other.level < level).pop();
    return { name, kind: "section", startLine: row + 1, endLine: next?.row ?? lines.length, signature: name, documentation, documentationLine: row + 1, container: outer?.name ?? "" };
  });
}

function importLines(lines: readonly string[]): ImportSite[] {
  const found: ImportSite[] = [];
  for (const [row, line] of lines.entries()) {
    const module = /^\s*(?:import|require|require_relative|use|using|include|source)\s*\(?\s*["'<]?([\w@./:\\-]+)/.exec(line)?.[1];
    if (module && found.length < 500) found.push({ module, line: row + 1, names: [] });
  }
  return found;
}
