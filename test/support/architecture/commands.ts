import ts from "typescript";
import type { SourceFile } from "./facts.js";

/** Ids given to `registerCommand` anywhere in `files`: literals, and constants that hold a literal in any of them. Sorted. */
export function registeredCommands(files: readonly SourceFile[]): string[] {
  const sources = files.map((file) => ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true));
  const constants = new Map(sources.flatMap(stringConstants));
  const found = new Set<string>();
  for (const source of sources) {
    visitAll(source, (node) => {
      if (!ts.isCallExpression(node) || !/^register(TextEditor)?Command$/.test(calledName(node))) return;
      const [id] = node.arguments;
      if (id === undefined) return;
      const name = ts.isStringLiteralLike(id) ? id.text : constants.get(id.getText());
      // A helper that hands its own parameter on is called with the literals itself.
      if (name !== undefined) found.add(name);
    });
  }
  return [...found].sort();
}

/** String literals in `files` that have the shape of an id of ours, such as `ghostlight.openChat`. Sorted. */
export function mentionedCommands(files: readonly SourceFile[]): string[] {
  const found = new Set<string>();
  for (const file of files) {
    visitAll(ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true), (node) => {
      if (ts.isStringLiteralLike(node) && /^ghostlight\.[a-zA-Z]+$/.test(node.text)) found.add(node.text);
    });
  }
  return [...found].sort();
}

/** `NAME` → text for `const NAME = "text"`, and `NAME.key` for the members of a constant object. */
function stringConstants(source: ts.SourceFile): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  visitAll(source, (node) => {
    if (!ts.isVariableDeclaration(node) || node.initializer === undefined) return;
    const name = node.name.getText();
    const value = ts.isAsExpression(node.initializer) ? node.initializer.expression : node.initializer;
    if (ts.isStringLiteralLike(value)) found.push([name, value.text]);
    if (!ts.isObjectLiteralExpression(value)) return;
    for (const member of value.properties) {
      if (ts.isPropertyAssignment(member) && ts.isStringLiteralLike(member.initializer)) found.push([`${name}.${member.name.getText()}`, member.initializer.text]);
    }
  });
  return found;
}

function calledName(call: ts.CallExpression): string {
  if (ts.isIdentifier(call.expression)) return call.expression.text;
  return ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : "";
}

function visitAll(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visitAll(child, see));
}
