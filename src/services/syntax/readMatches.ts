import type { Node, QueryMatch } from "web-tree-sitter";
import { commentBefore, docstringText } from "../../core/context/documentation";
import { importsOf } from "../../core/context/importText";
import type { CallSite, Definition, DefinitionKind, FileOutline, ImportSite, LanguageName } from "../../protocol/indexWorker";

const KINDS: ReadonlySet<string> = new Set<DefinitionKind>(["function", "method", "class", "interface", "type", "enum", "constant", "variable", "field", "module", "macro", "section"]);
const MAXIMUM_SIGNATURE_LINES = 6;
const MAXIMUM_SIGNATURE_LENGTH = 400;

/** A definition before it knows its container. Rows are 0-based. */
interface Found {
  readonly name: string;
  /** undefined: it only names a container. */
  readonly kind: DefinitionKind | undefined;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly startRow: number;
  readonly endRow: number;
  readonly signature: string;
  readonly docstring: string;
  readonly receiver: string;
}

/** Turns the matches of `queries.ts` into the definitions, calls and imports of an outline. */
export function readMatches(matches: readonly QueryMatch[], text: string, language: LanguageName): Pick<FileOutline, "lineCount" | "definitions" | "calls" | "imports"> {
  const found = new Map<number, Found>();
  const calls: CallSite[] = [];
  const imports: ImportSite[] = [];
  const imported = new Set<number>();
  for (const { captures } of matches) {
    const name = captures.find((capture) => capture.name === "name")?.node;
    for (const { name: label, node } of captures) {
      if (label === "call") calls.push({ name: node.text.replace(/^#/, ""), line: node.startPosition.row + 1 });
      else if (label === "import") {
        imports.push(...importsOf(node.text, language, node.startPosition.row + 1));
        imported.add(node.startIndex);
      }
      else if (name && (label === "scope" || KINDS.has(label))) {
        const receiver = captures.find((capture) => capture.name === "receiver")?.node.text ?? "";
        add(found, definitionOf(label, name, node, text, receiver));
      }
    }
  }
  // `const fs = require("fs")` is an import and no definition.
  for (const [key, item] of found) if (imported.has(item.startIndex) && (item.kind === "constant" || item.kind === "variable")) found.delete(key);
  const lines = text.split("\n");
  return { lineCount: lines.length, definitions: withContainers([...found.values()], lines), calls, imports };
}

/** One definition for one name: a pattern that tells more (a class, a function) beats a plain one (a constant). */
function add(found: Map<number, Found>, next: Found & { readonly nameIndex: number }): void {
  const known = found.get(next.nameIndex);
  const plain = known?.kind === "constant" || known?.kind === "variable" || known?.kind === "type" || known?.kind === "field";
  if (!known || plain || (known.kind === "function" && next.kind === "method")) {
    const keep = known && (next.kind === "constant" || next.kind === "variable" || (next.kind === "type" && known.kind !== "type"));
    if (!keep) found.set(next.nameIndex, next);
  }
}

function definitionOf(label: string, name: Node, node: Node, text: string, receiver: string): Found & { readonly nameIndex: number } {
  const whole = wholeOf(node);
  const body = bodyOf(node);
  return {
    nameIndex: name.startIndex,
    name: name.text.replace(/^["'#]|["']$/g, ""),
    kind: label === "scope" ? undefined : (label as DefinitionKind),
    startIndex: node.startIndex,
    endIndex: whole.endIndex,
    startRow: whole.startPosition.row,
    endRow: whole.endPosition.column === 0 && whole.endPosition.row > whole.startPosition.row ? whole.endPosition.row - 1 : whole.endPosition.row,
    signature: signatureOf(text, whole.startIndex, body?.startIndex ?? headEnd(text, whole, label), whole.startPosition.column),
    docstring: docstringOf(body),
    receiver: receiver.replace(/[*&]|<.*$|\[.*$/g, "").trim(),
  };
}

/** The statement around a declarator: `export const x = ...` rather than `x = ...`; decorators of Python stay outside. */
function wholeOf(node: Node): Node {
  let whole = node;
  for (let parent = node.parent; parent && /^(export_statement|lexical_declaration|variable_declaration|type_declaration|const_declaration|var_declaration|template_declaration|expression_statement|assignment)$/.test(parent.type); parent = parent.parent) {
    if (parent.namedChildCount > 2 && /declaration$/.test(parent.type) && parent.startPosition.row !== whole.startPosition.row) break;
    whole = parent;
  }
  return whole;
}

function bodyOf(node: Node): Node | undefined {
  const value = node.childForFieldName("value");
  const holder = value?.childForFieldName("body") ?? node.childForFieldName("right")?.childForFieldName("body");
  return holder ?? node.childForFieldName("body") ?? node.childForFieldName("type")?.children.find((child) => child?.type === "field_declaration_list") ?? undefined;
}

/** Go's interfaces have no body of their own in the grammar: a type's head ends before its first brace. */
function headEnd(text: string, whole: Node, label: string): number {
  const brace = label === "interface" || label === "class" ? text.indexOf("{", whole.startIndex) : -1;
  return brace < 0 ? whole.endIndex : Math.min(brace, whole.endIndex);
}

const ANNOTATION_LINE = /^(@[\w.]+(\(.*\))?|\[[^\]]*\])[ \t]*\n\s*/;

/** Comments between a head and its body belong to the body. */
const TRAILING_COMMENTS = /(\s*\n[ \t]*(#|\/\/)[^\n]*)+\s*$/;

function signatureOf(text: string, start: number, end: number, column: number): string {
  const head = text.slice(start, Math.min(end, start + MAXIMUM_SIGNATURE_LENGTH * 4)).replace(TRAILING_COMMENTS, "");
  const lines = head.trimEnd().replace(/\s*(=>|[{=]|:)?\s*$/, (tail) => (/=>/.test(tail) ? " =>" : "")).split("\n");
  const dedented = lines.slice(0, MAXIMUM_SIGNATURE_LINES).map((line, index) => (index === 0 ? line : line.slice(Math.min(column, line.length - line.trimStart().length))));
  let signature = dedented.join("\n").replaceAll("\r", "").trim();
  while (ANNOTATION_LINE.test(signature)) signature = signature.replace(ANNOTATION_LINE, "");
  const cut = signature.length > MAXIMUM_SIGNATURE_LENGTH || lines.length > MAXIMUM_SIGNATURE_LINES;
  return cut ? `${signature.slice(0, MAXIMUM_SIGNATURE_LENGTH).trimEnd()} …` : signature.replace(/;$/, "");
}

function docstringOf(body: Node | undefined): string {
  const first = body?.type === "block" ? body.firstNamedChild : null;
  const literal = first?.type === "expression_statement" ? first.firstNamedChild : null;
  return literal?.type === "string" ? docstringText(literal.text) : "";
}

function withContainers(found: readonly Found[], lines: readonly string[]): Definition[] {
  const ordered = [...found].sort((a, b) => a.startIndex - b.startIndex || b.endIndex - a.endIndex);
  const open: Found[] = [];
  const definitions: Definition[] = [];
  for (const item of ordered) {
    while (open.length > 0 && (open.at(-1)?.endIndex ?? 0) <= item.startIndex) open.pop();
    if (item.kind) definitions.push(definition(item, item.kind, open, lines));
    // Members hold nothing; two declared in one statement (`int a, b`) would seem to hold each other.
    if (item.kind !== "field" && item.kind !== "variable") open.push(item);
  }
  return definitions;
}

function definition(item: Found, kind: DefinitionKind, open: readonly Found[], lines: readonly string[]): Definition {
  const comment = commentBefore(lines, item.startRow);
  const scope = open.at(-1);
  const inClass = scope && (scope.kind === undefined || scope.kind === "class" || scope.kind === "interface");
  return {
    name: item.name,
    kind: kind === "function" && inClass ? "method" : kind,
    startLine: item.startRow + 1,
    endLine: item.endRow + 1,
    signature: item.signature,
    documentation: comment?.text ?? item.docstring,
    documentationLine: (comment?.startRow ?? item.startRow) + 1,
    container: [...open.map(({ name }) => name.replace(/<.*$/s, "")), item.receiver].filter(Boolean).join("."),
  };
}
