import * as vscode from "vscode";
import type { HeadSource } from "../core/completion/complete";
import type { Snapshot } from "../core/completion/snapshot";
import { editedPlaces, LINES_AROUND, rememberEdit, type RecentEdit } from "../core/context/recentEdits";
import type { PromptChunk } from "../protocol/engine";
import { relativePath } from "./documentSnapshot";

/** Characters of other files' text in the prompt. */
const HEAD_CHARACTERS = 3_000;

/** Decides whether a path may stand in a prompt, from what is known already; unknown paths may not. */
export interface KnownExclusions {
  mayBeUsed(path: string): boolean;
}

/** Recently edited places of other open files, for the stable head of the prompt. */
export class PromptHead implements HeadSource, vscode.Disposable {
  readonly #subscription: vscode.Disposable;
  #edits: readonly RecentEdit[] = [];

  constructor(private readonly exclusions: KnownExclusions) {
    this.#subscription = vscode.workspace.onDidChangeTextDocument((event) => {
      const [change] = event.contentChanges;
      if (!change || event.document.uri.scheme !== "file") return;
      this.#edits = rememberEdit(this.#edits, { path: relativePath(event.document.uri), line: change.range.start.line });
    });
  }

  head(snapshot: Snapshot): readonly PromptChunk[] {
    return editedPlaces(this.#edits, snapshot.path, (edit) => this.#textAround(edit), HEAD_CHARACTERS);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #textAround(edit: RecentEdit): string | undefined {
    const document = vscode.workspace.textDocuments.find((open) => relativePath(open.uri) === edit.path);
    if (!document || !this.exclusions.mayBeUsed(edit.path)) return undefined;
    const last = Math.min(document.lineCount, edit.line + LINES_AROUND + 1);
    return document.getText(new vscode.Range(Math.max(0, edit.line - LINES_AROUND), 0, last, 0));
  }
}
