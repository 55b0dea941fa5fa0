/** Puts a code block of an answer into the active editor. */
import * as vscode from "vscode";
import { indentedFor } from "../../core/chat/codeBlock";

/** Replaces the selection in one undo step and shows the editor; false where there is no editor that takes it. */
export async function insertCode(code: string): Promise<boolean> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return false;
  const { start } = editor.selection;
  const before = editor.document.lineAt(start.line).text.slice(0, start.character);
  const text = indentedFor(code, before);
  const taken = await editor.edit((builder) => builder.replace(editor.selection, text), {
    undoStopBefore: true,
    undoStopAfter: true,
  });
  if (taken) await vscode.window.showTextDocument(editor.document, editor.viewColumn);
  return taken;
}
