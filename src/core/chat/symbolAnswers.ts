import { enclosingDefinition, usagesOf, type Usage } from "./usages";
import { cite, code, codeBlock, counted, definitionLine, inText, kindWord, qualified, type AnswerDraft } from "./answerText";
import type { NamedSubject } from "./questionSubjects";
import type { IndexedSymbol, SymbolIndex } from "./symbolIndex";

const SHOWN_WHOLE = 3;
const SHOWN_LINES = 12;
const SHOWN_MEMBERS = 24;
const SHOWN_DOCUMENTATION = 25;

/** Where a name is defined: signature, comment, lines, members, and in a line who uses it. */
export function answerDefinition(subject: NamedSubject, index: SymbolIndex, draft: AnswerDraft): void {
  const ranked = rankedSymbols(subject.symbols);
  const whole = ranked.slice(0, ranked.length > SHOWN_WHOLE + 2 ? 1 : SHOWN_WHOLE);
  if (ranked.length > 1) draft.blocks.push(`${code(subject.name)} is defined in ${counted(ranked.length, "place")}.`);
  for (const symbol of whole) describe(symbol, index, draft);
  const rest = ranked.slice(whole.length);
  if (rest.length > 0) {
    draft.blocks.push(`Also defined:\n\n${rest.slice(0, SHOWN_LINES).map(definitionLine).join("\n")}`);
    draft.places.push(...rest.slice(0, SHOWN_LINES).map(placeOf));
  }
  if (rest.length > SHOWN_LINES) draft.leftOut.push({ file: "", reason: `${rest.length - SHOWN_LINES} more definitions of ${subject.name}` });
  const summary = usageSummary(subject.name, index);
  if (summary) draft.blocks.push(summary);
}

/** One definition in full. */
export function describe(symbol: IndexedSymbol, index: SymbolIndex, draft: AnswerDraft): void {
  const { file, definition } = symbol;
  const language = index.outline(file)?.language ?? "";
  draft.places.push(placeOf(symbol));
  const inside = definition.container === "" ? "" : ` in ${code(definition.container)}`;
  draft.blocks.push(`**${code(definition.name)}** – ${kindWord(definition.kind)}${inside}, ${cite(file, definition.startLine, definition.endLine)}`);
  if (definition.kind === "section") {
    if (definition.documentation) draft.blocks.push(quoted(definition.documentation));
    return;
  }
  draft.blocks.push(codeBlock(definition.signature, language));
  if (definition.documentation) draft.blocks.push(quoted(definition.documentation));
  const members = membersOf(symbol, index);
  if (members.length === 0) return;
  const shown = members.slice(0, SHOWN_MEMBERS).map((member) => `- ${code(oneLine(member.definition.signature))} ${cite(file, member.definition.startLine)}`);
  const more = members.length > SHOWN_MEMBERS ? `\n- … and ${members.length - SHOWN_MEMBERS} more` : "";
  draft.blocks.push(`Members:\n\n${shown.join("\n")}${more}`);
}

/** What other functions a definition calls, those defined in the workspace with their place. */
export function answerCallees(subject: NamedSubject, index: SymbolIndex, draft: AnswerDraft): void {
  for (const { file, definition } of rankedSymbols(subject.symbols).slice(0, 2)) {
    draft.places.push(placeOf({ file, definition }));
    const outline = index.outline(file);
    const calls = new Map<string, number>();
    for (const call of outline?.calls ?? []) if (call.line >= definition.startLine && call.line <= definition.endLine && !calls.has(call.name)) calls.set(call.name, call.line);
    const own: string[] = [];
    const others: string[] = [];
    for (const [name, line] of calls) {
      const target = rankedSymbols(index.named(name).filter((symbol) => symbol.definition.kind !== "field"), file)[0];
      if (!target || target.definition === definition) others.push(code(name));
      else own.push(`- ${code(name)} at ${cite(file, line)}, defined in ${cite(target.file, target.definition.startLine)}`);
    }
    draft.blocks.push(`${code(qualified(definition))} ${cite(file, definition.startLine, definition.endLine)} calls ${counted(calls.size, "thing")}.`);
    if (own.length > 0) draft.blocks.push(own.slice(0, 40).join("\n"));
    if (others.length > 0) draft.blocks.push(`Not defined in this workspace: ${others.slice(0, 40).join(", ")}.`);
  }
}

/** Types whose declaration names this one after `extends`, `implements`, `:` or `for`. */
export function answerImplementers(subject: NamedSubject, index: SymbolIndex, draft: AnswerDraft): void {
  const places = usagesOf(subject.name, index).places;
  const relation = new RegExp(`(extends|implements|\\bfor|:|,|\\(|<:|impl(<[^>]*>)?)\\s*[^;={]*?(?<![\\w$])${subject.name.replace(/[^\w]/g, "\\$&")}(?![\\w$])`);
  const found = new Map<string, IndexedSymbol>();
  for (const { file, line } of places) {
    const types = (index.outline(file)?.definitions ?? []).filter(({ kind }) => kind === "class" || kind === "interface" || kind === "enum");
    const type = types.find((item) => item.name !== subject.name && item.startLine <= line && line < item.startLine + item.signature.split("\n").length && relation.test(item.signature));
    if (type) found.set(`${file}:${type.startLine}`, { file, definition: type });
  }
  // Rust's `impl Trait for Type`, and `inherits(Child, Parent)` of older JavaScript.
  const impls = places.filter(({ text }) => (/^\s*(unsafe )?impl\b/.test(text) && relation.test(text)) || /\binherits\(|\.prototype\s*=|setPrototypeOf\(/.test(text));
  draft.places.push(...impls.map(({ file, line }) => ({ file, startLine: line, endLine: line })));
  const lines = [...[...found.values()].map(definitionLine), ...impls.map((use) => `- ${code(use.text.replace(/\s*\{?$/, ""))} ${cite(use.file, use.line)}`)];
  draft.places.push(...[...found.values()].map(placeOf));
  draft.blocks.push(lines.length > 0 ? `${counted(lines.length, "type")} extend${lines.length === 1 ? "s" : ""} or implement${lines.length === 1 ? "s" : ""} ${code(subject.name)}:\n\n${lines.slice(0, 40).join("\n")}` : `No type in the index names ${code(subject.name)} in its declaration.`);
  const definition = rankedSymbols(subject.symbols)[0];
  if (definition) draft.blocks.push(`${code(subject.name)} itself: ${cite(definition.file, definition.definition.startLine, definition.definition.endLine)}.`);
}

/** The definitions a person most likely means first: not tests, not members, whole before small, near `beside`. */
export function rankedSymbols(symbols: readonly IndexedSymbol[], beside?: string): readonly IndexedSymbol[] {
  const weight = ({ file, definition }: IndexedSymbol) =>
    (/(^|\/)(tests?|specs?|__tests__|fixtures?|examples?|mocks?|dist|build|vendor)(\/|$)|[._-](test|spec)\.|_test\./i.test(file) ? 8 : 0) +
    (definition.kind === "field" || definition.kind === "section" ? 4 : 0) +
    (definition.container === "" ? 0 : 1) +
    (definition.endLine > definition.startLine ? 0 : 1) +
    (/\.d\.[cm]?ts$/.test(file) ? 2 : 0) -
    (file === beside ? 16 : 0);
  return [...symbols].sort((a, b) => weight(a) - weight(b) || (a.file < b.file ? -1 : a.file > b.file ? 1 : a.definition.startLine - b.definition.startLine));
}

/** A definition's place, its comment included. */
export function placeOf({ file, definition }: IndexedSymbol): { file: string; startLine: number; endLine: number } {
  return { file, startLine: definition.documentationLine, endLine: definition.endLine };
}

/** What stands directly in a type. */
export function membersOf({ file, definition }: IndexedSymbol, index: SymbolIndex): IndexedSymbol[] {
  const constructs = definition.kind === "function" && /^\p{Lu}/u.test(definition.name); // Methods on a prototype.
  if (!constructs && !["class", "interface", "enum", "module", "type"].includes(definition.kind)) return [];
  const path = qualified(definition);
  const inside = (index.outline(file)?.definitions ?? []).filter((item) => item.container === path || item.container === definition.name);
  const members = constructs ? inside.filter((item) => item.kind === "method") : inside;
  return members.map((item) => ({ file, definition: item }));
}

function oneLine(signature: string): string {
  const line = signature.replace(/\s+/g, " ");
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function quoted(documentation: string): string {
  const lines = documentation.split("\n");
  const more = lines.length > SHOWN_DOCUMENTATION ? ["…"] : [];
  return [...lines.slice(0, SHOWN_DOCUMENTATION).map(inText), ...more].map((line) => (line.trim() === "" ? ">" : `> ${line}`)).join("\n");
}

function usageSummary(name: string, index: SymbolIndex): string {
  const used = usagesOf(name, index).places.filter((place) => place.kind === "call" || place.kind === "mention");
  if (used.length === 0) return `No use of ${code(name)} was found outside of its definition.`;
  const files = new Set(used.map((place) => place.file)).size;
  const callers = used.filter((place) => place.kind === "call").slice(0, 4).map(callerText);
  return `Used on ${counted(used.length, "line")} in ${counted(files, "file")}${callers.length > 0 ? `; called by ${callers.join(", ")}` : ""}.`;
}

function callerText(place: Usage): string {
  return `${place.enclosing ? `${code(place.enclosing.name)} ` : ""}${cite(place.file, place.line)}`;
}

/** The definition around a line of a file, for "what does this do". */
export function symbolAt(file: string, line: number, index: SymbolIndex): IndexedSymbol | undefined {
  const outline = index.outline(file);
  if (!outline) return undefined;
  const around = enclosingDefinition(outline, line) ?? outline.definitions.find((item) => item.documentationLine <= line && line <= item.endLine);
  return around && { file, definition: around };
}
