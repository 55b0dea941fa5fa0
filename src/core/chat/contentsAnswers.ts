import type { Definition, DefinitionKind, FileOutline } from "../../protocol/indexWorker";
import { firstSentence } from "../context/documentation";
import { cite, citeFile, code, counted, definitionLine, inText, kindWord, qualified, type AnswerDraft } from "./answerText";
import { createImportResolver, importersOfFile } from "./importGraph";
import { placeOf } from "./symbolAnswers";
import type { IndexedSymbol, SymbolIndex } from "./symbolIndex";

const SHOWN_DEFINITIONS = 80;
const SHOWN_FILES = 60;

/** What a file holds: its language, imports in a line, and the outline with one line for each definition. */
export function answerFile(file: string, index: SymbolIndex, draft: AnswerDraft): void {
  const outline = index.outline(file);
  if (!outline) return;
  draft.places.push({ file, startLine: 1, endLine: outline.lineCount });
  const method = outline.method === "tree-sitter" ? "" : ` (outlined line by line: ${outline.note})`;
  const summary = fileSummary(file, index);
  draft.blocks.push(`${citeFile(file)}: ${outline.language ? `${outline.language}, ` : ""}${counted(outline.lineCount, "line")}${method}.${summary ? ` ${inText(summary)}` : ""}`);
  const shown = outline.definitions.filter((item) => !isLocal(item, outline));
  const wide = shown.length > SHOWN_DEFINITIONS ? shown.filter((item) => item.kind !== "field") : shown;
  if (wide.length > 0) draft.blocks.push(wide.slice(0, SHOWN_DEFINITIONS).map((item) => outlineLine(file, item)).join("\n"));
  else draft.blocks.push("No definitions were recognised in it.");
  const missing = shown.length - Math.min(wide.length, SHOWN_DEFINITIONS);
  if (missing > 0) draft.leftOut.push({ file, reason: `${missing} more definitions of the file are not listed` });
  if (missing > 0) draft.blocks.push(`… and ${missing} more, mostly members.`);
  draft.blocks.push(...importLines(file, outline, index));
}

/** What a folder holds: its folders with counts, its files with a sentence each. Empty string: the whole workspace. */
export function answerFolder(folder: string, index: SymbolIndex, draft: AnswerDraft): void {
  const inside = filesUnder(folder, index);
  const start = folder === "" ? 0 : folder.length + 1;
  const direct = inside.filter((file) => !file.slice(start).includes("/"));
  const folders = new Map<string, number>();
  for (const file of inside) {
    const slash = file.indexOf("/", start);
    if (slash > 0) folders.set(file.slice(0, slash), (folders.get(file.slice(0, slash)) ?? 0) + 1);
  }
  draft.blocks.push(`${folder === "" ? "The workspace" : code(`${folder}/`)} holds ${counted(inside.length, "indexed file")}.`);
  if (folders.size > 0) draft.blocks.push(`Folders:\n\n${[...folders].slice(0, SHOWN_FILES).map(([name, count]) => `- ${code(`${name}/`)} – ${counted(count, "file")}${about(name, index)}`).join("\n")}`);
  if (direct.length > 0) draft.blocks.push(`Files:\n\n${direct.slice(0, SHOWN_FILES).map((file) => `- ${citeFile(file)}${fileSentence(file, index)}`).join("\n")}`);
  draft.places.push(...direct.slice(0, SHOWN_FILES).map((file) => ({ file, startLine: 1, endLine: index.outline(file)?.lineCount ?? 1 })));
  if (direct.length > SHOWN_FILES) draft.leftOut.push({ file: folder, reason: `${direct.length - SHOWN_FILES} more files` });
}

/** Definitions of some kinds, or files, or test files, in the given files. */
export function answerListing(of: readonly DefinitionKind[] | "files" | "tests", files: readonly string[], where: string, index: SymbolIndex, draft: AnswerDraft): void {
  if (typeof of === "string") {
    const wanted = of === "files" ? files : files.filter((file) => /\.\w+$/.test(file) && /[._-](test|spec)\.|_test\.|(^|\/)test_|(^|\/)(tests?|specs?|__tests__)\//i.test(file));
    draft.blocks.push(`${counted(wanted.length, of === "tests" ? "test file" : "file")} ${where}:`, wanted.slice(0, 150).map((file) => `- ${citeFile(file)}${fileSentence(file, index)}`).join("\n"));
    draft.places.push(...wanted.slice(0, 20).map((file) => ({ file, startLine: 1, endLine: index.outline(file)?.lineCount ?? 1 })));
    if (wanted.length > 150) draft.leftOut.push({ file: "", reason: `${wanted.length - 150} more files` });
    return;
  }
  const found = files.flatMap((file) => symbolsOf(file, of, index));
  const words = of.map((kind) => kindWord(kind)).join(" or ");
  if (found.length === 0) {
    draft.blocks.push(`No ${words} is defined ${where}.`);
    return;
  }
  draft.blocks.push(`${counted(found.length, words, `${words} definitions`)} ${where}:`, found.slice(0, 100).map(definitionLine).join("\n"));
  draft.places.push(...found.slice(0, 40).map(placeOf));
  if (found.length > 100) {
    draft.blocks.push(`… and ${found.length - 100} more. Name a file or folder to see all of it.`);
    draft.leftOut.push({ file: "", reason: `${found.length - 100} more definitions` });
  }
}

/** What the workspace is: its read-me's first words, its manifest, languages, folders and most used files. */
export function answerOverview(index: SymbolIndex, draft: AnswerDraft): void {
  const files = index.files();
  const readme = files.find((file) => /^readme(\.\w+)?$/i.test(file));
  if (readme) {
    const text = (index.text(readme) ?? "").split("\n").filter((line) => !/^\s*(!\[|<|\[!\[)/.test(line)).join("\n").trim();
    draft.blocks.push(`${citeFile(readme)} says:`, text.slice(0, 700).split("\n").slice(0, 14).map((line) => `> ${line.replace(/^#+\s*/, "")}`).join("\n"));
    draft.places.push({ file: readme, startLine: 1, endLine: 20 });
  }
  const manifest = files.find((file) => /^(package\.json|pyproject\.toml|cargo\.toml|go\.mod|pom\.xml|build\.gradle(\.kts)?|cmakelists\.txt|makefile|[^/]+\.(sln|csproj))$/i.test(file));
  if (manifest) draft.blocks.push(`Manifest: ${citeFile(manifest)}${manifestSummary(index.text(manifest) ?? "")}.`);
  draft.blocks.push(`Languages: ${languageCounts(index)}.`);
  answerFolder("", index, draft);
  const central = centralFiles(index);
  if (central.length > 0) draft.blocks.push(`Imported most:\n\n${central.map(([file, count]) => `- ${citeFile(file)} – by ${counted(count, "file")}${fileSentence(file, index)}`).join("\n")}`);
}

/** Files below a folder; all of them for the empty string. */
export function filesUnder(folder: string, index: SymbolIndex): readonly string[] {
  return folder === "" ? index.files() : index.files().filter((file) => file.startsWith(`${folder}/`));
}

function symbolsOf(file: string, kinds: readonly DefinitionKind[], index: SymbolIndex): IndexedSymbol[] {
  const outline = index.outline(file);
  const wanted = (outline?.definitions ?? []).filter((item) => kinds.includes(item.kind) && outline && !isLocal(item, outline));
  return wanted.map((definition) => ({ file, definition }));
}

function outlineLine(file: string, item: Definition): string {
  const depth = item.container === "" || item.kind === "section" ? 0 : Math.min(3, item.container.split(".").length);
  const text = inText(firstSentence(item.documentation, 110));
  const range = cite(file, item.startLine, item.kind === "section" ? item.startLine : item.endLine);
  return `${"  ".repeat(depth)}- ${code(item.name)} (${kindWord(item.kind)}) ${range}${text ? ` – ${text}` : ""}`;
}

/** A definition inside a function's body: no part of what a file offers. */
function isLocal(item: Definition, outline: FileOutline): boolean {
  if (item.container === "") return false;
  return outline.definitions.some((outer) => (outer.kind === "function" || outer.kind === "method") && outer.startLine <= item.startLine && outer.endLine >= item.endLine && (item.container === qualified(outer) || item.container.startsWith(`${qualified(outer)}.`)));
}

function importLines(file: string, outline: FileOutline, index: SymbolIndex): string[] {
  const lines: string[] = [];
  const resolve = createImportResolver(index);
  const inside = [...new Set(outline.imports.flatMap((site) => resolve(site, file) ?? []))];
  const outside = [...new Set(outline.imports.filter((site) => resolve(site, file) === undefined).map((site) => site.module))];
  if (inside.length > 0) lines.push(`Imports from here: ${inside.slice(0, 20).map(citeFile).join(", ")}.`);
  if (outside.length > 0) lines.push(`Imports from outside: ${outside.slice(0, 20).map(code).join(", ")}.`);
  const users = [...new Set(importersOfFile(file, index).map((use) => use.file))];
  if (users.length > 0) lines.push(`Imported by ${counted(users.length, "file")}: ${users.slice(0, 8).map(citeFile).join(", ")}${users.length > 8 ? ", …" : ""}`);
  return lines;
}

/** A file's own first comment, where it is not a licence and not the first definition's. */
function fileSummary(file: string, index: SymbolIndex): string {
  const outline = index.outline(file);
  const first = outline?.definitions[0];
  const text = (index.text(file) ?? "").slice(0, 3_000).replace(/^#!.*\n/, "");
  if (outline?.language === "markdown") return first ? `${first.name}.` : "";
  const comment = /^\s*(?:\/\*+!?([\s\S]*?)\*\/|((?:(?:\/\/+|#+|--|;+)[^\n]*\n)+)|"""([\s\S]*?)""")/.exec(text);
  const raw = comment?.[1] ?? comment?.[2] ?? comment?.[3] ?? "";
  const plain = raw.split("\n").map((line) => line.replace(/^\s*(\*|\/\/+|#+|--|;+)\s?/, "").trim()).join("\n").trim();
  const said = /copyright|licen[cs]e|spdx|eslint|@ts-|-\*-/i.test(plain.slice(0, 300)) ? "" : firstSentence(plain);
  return said;
}

/** What a file is about, with a dash before it: its first comment, else its largest definitions; empty when it has neither. */
export function fileSentence(file: string, index: SymbolIndex): string {
  const own = fileSummary(file, index);
  if (own) return ` – ${inText(own)}`;
  const outline = index.outline(file);
  const main = (outline?.definitions ?? []).filter((item) => item.container === "" && item.kind !== "variable" && item.kind !== "section");
  const large = [...main].sort((a, b) => b.endLine - b.startLine - (a.endLine - a.startLine)).slice(0, 3);
  return large.length > 0 ? ` – ${large.map((item) => code(item.name)).join(", ")}${main.length > 3 ? ", …" : ""}` : "";
}

function about(folder: string, index: SymbolIndex): string {
  const readme = index.files().find((file) => file.startsWith(`${folder}/`) && /^readme\.\w+$/i.test(file.slice(folder.length + 1)));
  const title = readme ? index.outline(readme)?.definitions[0]?.name : undefined;
  return title ? `: ${inText(title)}` : "";
}

function languageCounts(index: SymbolIndex): string {
  const counts = new Map<string, number>();
  for (const file of index.files()) {
    const language = index.outline(file)?.language || "other";
    counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([language, count]) => `${language} (${counted(count, "file")})`).join(", ");
}

function manifestSummary(text: string): string {
  const name = /"name"\s*:\s*"([^"]+)"|^name\s*=\s*"([^"]+)"|^module\s+(\S+)/m.exec(text);
  const description = /"description"\s*:\s*"([^"]+)"|^description\s*=\s*"([^"]+)"/m.exec(text);
  const parts = [name?.[1] ?? name?.[2] ?? name?.[3], description?.[1] ?? description?.[2]].filter((part): part is string => Boolean(part));
  return parts.length > 0 ? ` – ${parts.map(inText).join(": ")}` : "";
}

function centralFiles(index: SymbolIndex): [string, number][] {
  const files = index.files();
  const resolve = createImportResolver(index);
  const counts = new Map<string, number>();
  for (const importer of files) {
    const targets = new Set((index.outline(importer)?.imports ?? []).flatMap((site) => resolve(site, importer) ?? []));
    for (const target of targets) counts.set(target, (counts.get(target) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 6);
}
