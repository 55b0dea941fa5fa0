import * as vscode from "vscode";
import type { Snapshot } from "../core/completion/snapshot";
import type { RecallAnswer } from "../core/recall/suggestion";
import { neverAborted } from "../core/util/abort";
import type { Log } from "../core/util/log";
import { createRecallVoice, type FolderRecall } from "../services/index/recallVoice";
import type { FolderFollower, FolderRules, WorkspaceKnowledge } from "./workspaceKnowledge";

/** Where recall's parts lie, and what it follows. */
export interface WorkspaceRecallParts {
  readonly knowledge: Pick<WorkspaceKnowledge, "follow">;
  /** `dist/recallWorker.js`. */
  readonly workerPath: string;
  /** `models/recall/weights.json`. */
  readonly weightsPath: string;
  /** The extension's storage for this workspace; null without one. */
  readonly storageFolder: string | null;
  readonly version: string;
  readonly log: Log;
}

/**
 * Recall over the first workspace folder, kept in step with the editor. Before the workspace is trusted nothing on disk
 * is read or stored: the open document answers alone.
 */
export class WorkspaceRecall implements vscode.Disposable, FolderFollower {
  readonly #following: vscode.Disposable;
  #voice: FolderRecall | undefined;
  /** Resolves when the one before has stored its index: both write the same file. */
  #ending: Promise<unknown> = Promise.resolve();
  #warm = false;

  constructor(private readonly parts: WorkspaceRecallParts) {
    this.#following = parts.knowledge.follow(this);
  }

  /** The rest of the line from the person's own code. The exclusions are asked before, by the pipeline. */
  async suggest(snapshot: Snapshot, signal: AbortSignal): Promise<RecallAnswer> {
    return (await this.#voice?.suggest(snapshot, signal)) ?? { candidates: [] };
  }

  /** Starts the index in the background, now and whenever the folder is another one. */
  warm(): void {
    this.#warm = true;
    const voice = this.#voice;
    voice?.ready(neverAborted).catch((error: unknown) => { this.parts.log.warn(`recall: ${String(error)}`); });
  }

  /** Deletes the index, in memory and on disk, and begins a new one. Rejects when a file could not be deleted. */
  async forget(): Promise<void> {
    await this.#ending;
    await this.#voice?.forget();
  }

  reopen({ root, editorExcludes }: FolderRules): void {
    this.#end();
    const { workerPath, weightsPath, storageFolder, version, log } = this.parts;
    this.#voice = createRecallVoice({ root, workerPath, weightsPath, storageFolder, version, editorExcludes, userGlobs: [], readAbove: true, openFiles: openFiles(), log });
    if (this.#warm) this.warm();
  }

  update(path: string, text: string | null): void {
    this.#voice?.update(path, text);
  }

  remove(path: string): void {
    this.#voice?.remove(path);
  }

  /** Ends it and resolves when the index is stored: whoever ends the process waits for that. */
  async end(): Promise<void> {
    this.dispose();
    await this.#ending;
  }

  dispose(): void {
    this.#following.dispose();
    this.#end();
  }

  #end(): void {
    const voice = this.#voice;
    voice?.dispose();
    this.#ending = Promise.all([this.#ending, voice?.closed]);
  }
}

/** Paths of the files in tabs, the visible ones first. */
function openFiles(): string[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const files = [...tabs].sort((left, right) => Number(right.isActive) - Number(left.isActive)).map((tab) => tab.input);
  return files.flatMap((input) => (input instanceof vscode.TabInputText && input.uri.scheme === "file" ? [input.uri.fsPath] : []));
}
