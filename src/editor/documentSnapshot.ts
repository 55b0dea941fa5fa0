import * as vscode from "vscode";
import { READ_AFTER, READ_BEFORE, type Snapshot } from "../core/completion/snapshot";

/**
 * A window of a document around a position as plain data; `vscode` types end here. Reads at most 33 kB whatever the
 * document's size. Line breaks become `\n`; the offset counts them so.
 */
export function snapshotOf(document: vscode.TextDocument, position: vscode.Position, selected?: vscode.SelectedCompletionInfo): Snapshot {
  const start = selected?.range.start ?? position;
  const cursorOffset = document.offsetAt(start);
  const before = document.getText(new vscode.Range(document.positionAt(Math.max(0, cursorOffset - READ_BEFORE)), start));
  const end = document.offsetAt(position);
  const after = document.getText(new vscode.Range(position, document.positionAt(end + READ_AFTER)));
  const extra = document.eol === vscode.EndOfLine.CRLF ? start.line : 0;
  const accepted = selected?.text ?? "";
  return {
    path: relativePath(document.uri),
    file: fileOf(document.uri),
    languageId: document.languageId,
    offset: cursorOffset - extra + accepted.length,
    line: start.line,
    before: withLineFeeds(before) + accepted,
    after: withLineFeeds(after),
  };
}

/** A document's path as prompts, citations and exclusions name it. */
export function relativePath(uri: vscode.Uri): string {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (!folder) return uri.path.split("/").at(-1) ?? uri.path;
  return uri.path.slice(folder.uri.path.length).replace(/^\/+/, "");
}

/** A document's place on disk as exclusions are asked about it; a document that has none gives its path. */
export function fileOf(uri: vscode.Uri): string {
  return uri.scheme === "file" ? uri.fsPath : uri.path;
}

function withLineFeeds(text: string): string {
  return text.replace(/\r\n/g, "\n");
}
