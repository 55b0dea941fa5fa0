import type { Definition } from "../../protocol/indexWorker";
import { cite, citeFile, code, counted, type AnswerDraft } from "./answerText";
import { createImportResolver, importersOfFile, importersOfModule, type ImportUse } from "./importGraph";
import type { NamedSubject } from "./questionSubjects";
import { rankedSymbols } from "./symbolAnswers";
import type { SymbolIndex } from "./symbolIndex";
import { usagesOf, type Usage } from "./usages";

const SHOWN_PLACES = 40;

/** Where a name is used: calls first, then other mentions, by file, with the enclosing definition and the line itself. */
export function answerUsage(subject: NamedSubject, index: SymbolIndex, draft: AnswerDraft, within?: readonly string[]): void {
  const { places, unread } = usagesOf(subject.name, index, within);
  const calls = places.filter(({ kind }) => kind === "call");
  const mentions = places.filter(({ kind }) => kind === "mention");
  const imports = places.filter(({ kind }) => kind === "import");
  const comments = places.filter(({ kind }) => kind === "comment");
  const definition = rankedSymbols(subject.symbols)[0];
  const defined = definition ? ` (defined in ${cite(definition.file, definition.definition.startLine)})` : "";
  const used = [...calls, ...mentions];
  if (places.length === 0) draft.blocks.push(`${code(subject.name)} stands nowhere in the indexed files.`);
  else if (used.length + imports.length === 0 && comments.length > 0) draft.blocks.push(`${code(subject.name)}${defined} stands in comments only.`);
  else if (used.length === 0) draft.blocks.push(`${code(subject.name)}${defined} is not used in the indexed files.`);
  else draft.blocks.push(`${code(subject.name)}${defined} is used on ${counted(used.length, "line")} in ${counted(filesIn(used).length, "file")}.`);
  addPlaces("Called", calls, draft);
  addPlaces(calls.length > 0 ? "Otherwise used" : "Used", mentions, draft);
  if (imports.length > 0) draft.blocks.push(`Imported in ${counted(filesIn(imports).length, "file")}: ${listed(imports.map((use) => cite(use.file, use.line)))}.`);
  if (comments.length > 0) draft.blocks.push(`Named in comments: ${listed(comments.map((use) => cite(use.file, use.line)))}.`);
  if (definition) draft.places.push({ file: definition.file, startLine: definition.definition.startLine, endLine: definition.definition.endLine });
  tellLimits(subject, unread, draft);
}

/** Who calls a name: one line for each calling definition. */
export function answerCallers(subject: NamedSubject, index: SymbolIndex, draft: AnswerDraft): void {
  const { places, unread } = usagesOf(subject.name, index);
  const calls = places.filter(({ kind }) => kind === "call");
  if (calls.length === 0) {
    draft.blocks.push(`No call of ${code(subject.name)} was found.`);
    answerUsage(subject, index, draft);
    return;
  }
  const callers = new Map<string, { readonly file: string; readonly caller: Definition | undefined; readonly lines: number[] }>();
  for (const { file, enclosing, line } of calls) {
    const key = `${file}:${enclosing?.startLine ?? 0}`;
    const known = callers.get(key);
    if (known) known.lines.push(line);
    else callers.set(key, { file, caller: enclosing, lines: [line] });
  }
  const lines = [...callers.values()].slice(0, SHOWN_PLACES).map(({ file, caller, lines: at }) => `- ${caller ? code(caller.name) : "top level of the file"} at ${at.slice(0, 6).map((line) => cite(file, line)).join(", ")}${at.length > 6 ? ` and ${at.length - 6} more` : ""}`);
  draft.blocks.push(`${code(subject.name)} is called by ${counted(callers.size, "caller")}, ${counted(calls.length, "call")} in all:`, lines.join("\n"));
  draft.places.push(...calls.slice(0, SHOWN_PLACES).map((use) => ({ file: use.file, startLine: use.line, endLine: use.line })));
  const definition = rankedSymbols(subject.symbols)[0];
  if (definition) draft.blocks.push(`Defined in ${cite(definition.file, definition.definition.startLine, definition.definition.endLine)}.`);
  if (callers.size > SHOWN_PLACES) draft.leftOut.push({ file: "", reason: `${callers.size - SHOWN_PLACES} more callers` });
  tellLimits(subject, unread, draft);
}

/** Which files import a file, a folder's file, a module or a name. */
export function answerImporters(target: { readonly file?: string; readonly module?: string; readonly subject?: NamedSubject }, index: SymbolIndex, draft: AnswerDraft): void {
  const { file, module, subject } = target;
  const uses = file ? importersOfFile(file, index) : module ? importersOfModule(module, index) : [];
  const what = file ? citeFile(file) : code(module ?? subject?.name ?? "");
  if (subject && uses.length === 0) {
    const places = usagesOf(subject.name, index).places.filter(({ kind }) => kind === "import");
    draft.blocks.push(places.length > 0 ? `${what} is imported in ${counted(filesIn(places).length, "file")}:` : `No file imports ${what}.`);
    addPlaces("", places, draft);
    return;
  }
  if (uses.length === 0) {
    draft.blocks.push(`No indexed file imports ${what}.`);
    return;
  }
  draft.blocks.push(`${counted(new Set(uses.map((use) => use.file)).size, "file")} import${new Set(uses.map((use) => use.file)).size === 1 ? "s" : ""} ${what}:`, uses.slice(0, 60).map(importLine).join("\n"));
  draft.places.push(...uses.slice(0, 60).map((use) => ({ file: use.file, startLine: use.site.line, endLine: use.site.line })));
  if (uses.length > 60) draft.leftOut.push({ file: "", reason: `${uses.length - 60} more imports` });
}

/** What a file imports, with the workspace's file behind each import where it can be told. */
export function answerImports(file: string, index: SymbolIndex, draft: AnswerDraft): void {
  const imports = index.outline(file)?.imports ?? [];
  draft.places.push({ file, startLine: imports[0]?.line ?? 1, endLine: imports.at(-1)?.line ?? 1 });
  if (imports.length === 0) {
    draft.blocks.push(`${citeFile(file)} imports nothing.`);
    return;
  }
  const resolve = createImportResolver(index);
  const lines = imports.slice(0, 80).map((site) => {
    const target = resolve(site, file);
    return `- ${code(site.module)} ${cite(file, site.line)}${target ? ` → ${citeFile(target)}` : ""}${site.names.length > 0 ? `: ${site.names.slice(0, 12).map(code).join(", ")}` : ""}`;
  });
  draft.blocks.push(`${citeFile(file)} has ${counted(imports.length, "import")}:`, lines.join("\n"));
}

function importLine({ file, site }: ImportUse): string {
  return `- ${cite(file, site.line)}${site.names.length > 0 ? `: ${site.names.slice(0, 8).map(code).join(", ")}` : ""}`;
}

function addPlaces(heading: string, places: readonly Usage[], draft: AnswerDraft): void {
  if (places.length === 0) return;
  const shown = places.slice(0, SHOWN_PLACES);
  const lines = shown.map((use) => `- ${cite(use.file, use.line)}${use.enclosing ? ` in ${code(use.enclosing.name)}` : ""}: ${code(use.text)}`);
  const more = places.length > shown.length ? [`- … and ${places.length - shown.length} more lines`] : [];
  draft.blocks.push(`${heading ? `${heading}:\n\n` : ""}${[...lines, ...more].join("\n")}`);
  draft.places.push(...shown.map((use) => ({ file: use.file, startLine: use.line, endLine: use.line })));
  if (places.length > shown.length) draft.leftOut.push({ file: "", reason: `${places.length - shown.length} more lines` });
}

function tellLimits(subject: NamedSubject, unread: number, draft: AnswerDraft): void {
  const solid = subject.symbols.filter(({ definition }) => definition.kind !== "field");
  if (solid.length > 1) draft.blocks.push(`Matched by name: ${counted(solid.length, "definition")} called ${code(subject.name)} cannot be told apart here.`);
  if (unread > 0) draft.leftOut.push({ file: "", reason: `${unread} more files that mention ${subject.name} were not read` });
}

function filesIn(places: readonly Usage[]): string[] {
  return [...new Set(places.map((use) => use.file))];
}

function listed(items: readonly string[]): string {
  return items.length > 12 ? `${items.slice(0, 12).join(", ")} and ${items.length - 12} more` : items.join(", ");
}
