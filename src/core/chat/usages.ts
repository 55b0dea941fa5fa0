import type { Definition, FileOutline } from "../../protocol/indexWorker";
import type { SymbolIndex } from "./symbolIndex";

export type UsageKind = "call" | "import" | "mention" | "comment" | "definition";

/** One line on which a name stands. */
export interface Usage {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly kind: UsageKind;
  /** The line, trimmed and cut to 160 characters. */
  readonly text: string;
  /** The innermost function, method or class around it; undefined at the top level. */
  readonly enclosing: Definition | undefined;
}

export interface Usages {
  readonly places: readonly Usage[];
  /** Files not read because too many mention the name. */
  readonly unread: number;
}

/** Reading a few hundred files takes some tens of milliseconds, in the worker. */
const MAXIMUM_FILES = 400;
const MAXIMUM_PLACES = 2_000;

/** Every line on which `name` stands as a word, in the newest text of each file. By name: two things of one name are not told apart. */
export function usagesOf(name: string, index: SymbolIndex, within?: readonly string[]): Usages {
  const candidates = within ?? index.filesMentioning(name);
  const places: Usage[] = [];
  for (const file of candidates.slice(0, MAXIMUM_FILES)) {
    const text = index.text(file);
    const outline = index.outline(file);
    if (text === undefined || outline === undefined || !text.includes(name) || places.length > MAXIMUM_PLACES) continue;
    places.push(...usagesIn(file, text, outline, name));
  }
  return { places, unread: Math.max(0, candidates.length - MAXIMUM_FILES) };
}

function usagesIn(file: string, text: string, outline: FileOutline, name: string): Usage[] {
  const word = new RegExp(`(?<![\\w$])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w$])`);
  const calls = new Set(outline.calls.filter((call) => call.name === name).map((call) => call.line));
  const found: Usage[] = [];
  for (const [row, line] of text.split("\n").entries()) {
    if (!line.includes(name) || !word.test(line.slice(0, 4_000))) continue;
    const kind = kindOf(line, row + 1, name, outline, calls, word);
    found.push({ file, line: row + 1, kind, text: line.trim().slice(0, 160), enclosing: enclosingDefinition(outline, row + 1, kind === "definition" ? name : undefined) });
  }
  return found;
}

function kindOf(line: string, at: number, name: string, outline: FileOutline, calls: ReadonlySet<number>, word: RegExp): UsageKind {
  if (outline.definitions.some((item) => item.name === name && item.startLine <= at && at <= item.startLine + item.signature.split("\n").length - 1 && word.test(line))) return "definition";
  if (calls.has(at)) return "call";
  if (/^\s*(\/\/|\/?\*|#(?!include|define|\[)|--|<!--|""")/.test(line)) return "comment";
  if (outline.imports.some((item) => item.line === at) || /^\s*(import|from|use|using|#include|require|export \{)\b/.test(line)) return "import";
  return outline.imports.some((item) => item.line < at && at - item.line < 30 && item.names.includes(name)) && /^\s*(type\s+)?[\w$]+( as \w+)?,?\s*$/.test(line) ? "import" : "mention";
}

/** The innermost definition that has a body and holds the line. */
export function enclosingDefinition(outline: FileOutline, line: number, except?: string): Definition | undefined {
  const holds = outline.definitions.filter((item) => item.startLine <= line && line <= item.endLine && item.endLine > item.startLine && item.name !== except && item.kind !== "field" && item.kind !== "variable");
  return holds.sort((a, b) => a.endLine - a.startLine - (b.endLine - b.startLine))[0];
}
