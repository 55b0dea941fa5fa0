/** Opens a cited place. The path comes from a webview, so it is held to the workspace, symbolic links resolved. */
import * as vscode from "vscode";
import { isWorkspaceRelative } from "../../protocol/chatView";
import { liesWithin } from "./liesWithin";

export interface CitedPlace {
  /** Relative to the workspace; with several folders it may begin with a folder's name. */
  readonly file: string;
  /** 1-based, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
}

/** Shows the place and selects nothing; false where it is no file inside the workspace. */
export async function openSource(place: CitedPlace): Promise<boolean> {
  const uri = await findInWorkspace(place.file);
  if (uri === undefined) return false;
  const document = await vscode.workspace.openTextDocument(uri);
  const last = document.lineCount - 1;
  const start = Math.min(place.startLine - 1, last);
  const end = Math.min(Math.max(place.endLine - 1, start), last);
  const editor = await vscode.window.showTextDocument(document, { preview: true });
  const cursor = new vscode.Position(start, 0);
  editor.selection = new vscode.Selection(cursor, cursor);
  const range = new vscode.Range(cursor, document.lineAt(end).range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return true;
}

/** The file's address, where it exists and truly lies in a workspace folder. */
export async function findInWorkspace(file: string): Promise<vscode.Uri | undefined> {
  if (!isWorkspaceRelative(file)) return undefined;
  for (const { folder, path } of candidates(file)) {
    const uri = vscode.Uri.joinPath(folder.uri, path);
    if (await isFileWithin(uri, folder.uri)) return uri;
  }
  return undefined;
}

function candidates(file: string): { folder: vscode.WorkspaceFolder; path: string }[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const named = folders
    .filter(({ name }) => folders.length > 1 && file.startsWith(`${name}/`))
    .map((folder) => ({ folder, path: file.slice(folder.name.length + 1) }));
  return [...named, ...folders.map((folder) => ({ folder, path: file }))];
}

async function isFileWithin(uri: vscode.Uri, folder: vscode.Uri): Promise<boolean> {
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0) return false;
    // Only real disks have links that lead elsewhere; other file systems answer for themselves.
    return uri.scheme !== "file" || (await liesWithin(uri.fsPath, folder.fsPath));
  } catch {
    return false;
  }
}
