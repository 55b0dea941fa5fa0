import * as vscode from "vscode";
import type { HeadSource, LineWindow } from "../core/completion/complete";
import type { Snapshot } from "../core/completion/snapshot";
import { LINES_AROUND, rememberEdit, type RecentEdit } from "../core/context/recentEdits";
import { relatedChunks, type RecentPlace } from "../core/context/relatedOutline";
import { isAbortError } from "../core/util/abort";
import type { Log } from "../core/util/log";
import type { PromptChunk } from "../protocol/engine";
import type { FileOutline } from "../protocol/indexWorker";
import { fileOf, relativePath } from "./documentSnapshot";
import { isSmall, type WorkspaceKnowledge } from "./workspaceKnowledge";

/** Characters of the head: the current file's outline and other files' edited places. */
const HEAD_CHARACTERS = 3_000;

/** Files whose outline is kept. */
const MOST_OUTLINES = 16;

/** What the head is made from. */
export interface PromptHeadParts {
  readonly knowledge: WorkspaceKnowledge;
  /** Whether the loaded model's prompts have a head at all. */
  readonly wanted: () => boolean;
  readonly log: Log;
}

/**
 * The stable head of the prompt, from what is known already: recently edited places of other open files and the current
 * file's outline. Outlines are made while the person rests, never on a key press.
 */
export class PromptHead implements HeadSource, vscode.Disposable {
  readonly #subscriptions: vscode.Disposable;
  readonly #outlines = new Map<string, FileOutline>();
  readonly #ended = new AbortController();
  #edits: readonly RecentEdit[] = [];

  constructor(private readonly parts: PromptHeadParts) {
    this.#subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument((event) => { this.#remember(event); }),
      vscode.window.onDidChangeActiveTextEditor((editor) => { if (editor) void this.#outline(editor.document); }),
      parts.knowledge.onRest((document) => { void this.#outline(document); }),
    );
  }

  head(snapshot: Snapshot, window: LineWindow): readonly PromptChunk[] {
    if (!this.parts.wanted()) return [];
    const recent = this.#edits.map((edit) => this.#placeOf(edit)).filter((place) => place !== undefined);
    return relatedChunks({ path: snapshot.path, outline: this.#outlines.get(snapshot.path), window, recent, budgetCharacters: HEAD_CHARACTERS }).chunks;
  }

  dispose(): void {
    this.#ended.abort();
    this.#subscriptions.dispose();
  }

  #remember(event: vscode.TextDocumentChangeEvent): void {
    const [change] = event.contentChanges;
    if (!change || event.document.uri.scheme !== "file") return;
    this.#edits = rememberEdit(this.#edits, { path: event.document.uri.toString(), line: change.range.start.line });
  }

  async #outline(document: vscode.TextDocument): Promise<void> {
    const path = relativePath(document.uri);
    if (!this.parts.wanted() || !isSmall(document) || !this.parts.knowledge.mayBeUsed(fileOf(document.uri))) return;
    try {
      const outline = await this.parts.knowledge.current.outline({ path, text: document.getText() }, this.#ended.signal);
      this.#outlines.delete(path);
      this.#outlines.set(path, outline);
      const [oldest] = this.#outlines.keys();
      if (this.#outlines.size > MOST_OUTLINES && oldest !== undefined) this.#outlines.delete(oldest);
    } catch (error) {
      if (!isAbortError(error)) this.parts.log.warn(`outline: ${String(error)}`);
    }
  }

  #placeOf(edit: RecentEdit): RecentPlace | undefined {
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === edit.path);
    if (!document || !this.parts.knowledge.mayBeUsed(fileOf(document.uri))) return undefined;
    const first = Math.max(0, edit.line - LINES_AROUND);
    const last = Math.min(document.lineCount, edit.line + LINES_AROUND + 1);
    return { path: relativePath(document.uri), startLine: first + 1, text: document.getText(new vscode.Range(first, 0, last, 0)) };
  }
}
