import * as vscode from "vscode";
import type { ExclusionCheck } from "../core/completion/complete";
import { neverAborted } from "../core/util/abort";
import type { Log } from "../core/util/log";
import type { Snapshot } from "../core/completion/snapshot";
import type { MeaningComparer } from "../core/chat/meaning";
import type { ExclusionDecision } from "../core/context/exclusions";
import { createCodeKnowledge, type CodeKnowledge } from "../services/index/codeKnowledge";
import { createWorkspaceExclusions, type WorkspaceExclusions } from "../services/index/workspaceExclusions";
import { relativePath } from "./documentSnapshot";

/** Where the worker's parts lie, and what orders by meaning. */
export interface WorkspaceKnowledgeParts {
  readonly workerPath: string;
  readonly grammarsPath: string;
  readonly meaning: MeaningComparer;
  readonly log: Log;
}

/** What the first folder's files are read by, as settings and trust stand. */
export interface FolderRules {
  /** Absolute path of the folder; null without one or before the workspace is trusted. */
  readonly root: string | null;
  readonly editorExcludes: readonly string[];
}

/** Something beside the index that keeps in step with the first folder's files. Paths are relative to it. */
export interface FolderFollower {
  /** Begins, or begins anew: another folder, trust, other exclude settings. */
  reopen(folder: FolderRules): void;
  update(path: string, text: string | null): void;
  remove(path: string): void;
}

/** Milliseconds of rest after which an edited document is told to the index. */
const REST_MS = 800;

/**
 * The code knowledge of the first workspace folder, kept in step with the editor. Before the workspace is trusted
 * nothing on disk is read: the knowledge then has no root and knows name rules only (security table V3).
 */
export class WorkspaceKnowledge implements vscode.Disposable, ExclusionCheck {
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #decisions = new Map<string, string | undefined>();
  readonly #resting = new Map<string, NodeJS.Timeout>();
  readonly #rest = new vscode.EventEmitter<vscode.TextDocument>();
  /** A document has not been edited for a while: the time for work that a key press must not wait for. */
  readonly onRest = this.#rest.event;
  /** Exclusions of further folders, and of no folder under `null`. */
  readonly #otherFolders = new Map<string | null, WorkspaceExclusions>();
  readonly #followers = new Set<FolderFollower>();
  #knowledge: CodeKnowledge;

  constructor(private readonly parts: WorkspaceKnowledgeParts) {
    this.#knowledge = this.#open();
    const watcher = vscode.workspace.createFileSystemWatcher("**/*");
    this.#subscriptions.push(
      this.#rest,
      watcher,
      watcher.onDidCreate((uri) => { this.#changedOnDisk(uri); }),
      watcher.onDidChange((uri) => { this.#changedOnDisk(uri); }),
      watcher.onDidDelete((uri) => { this.#deleted(uri); }),
      vscode.workspace.onDidChangeTextDocument((event) => { this.#edited(event.document); }),
      vscode.workspace.onDidCloseTextDocument((document) => { this.#closed(document); }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => { this.#reopen(); }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => { this.#reopen(); }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("files.exclude") || event.affectsConfiguration("search.exclude")) this.#reopen();
      }),
    );
  }

  /** The knowledge as it stands; another object after trust was granted or folders changed. */
  get current(): CodeKnowledge {
    return this.#knowledge;
  }

  /** Has `follower` reopened now, and told of every change that the index is told of. */
  follow(follower: FolderFollower): vscode.Disposable {
    this.#followers.add(follower);
    follower.reopen(folderRules());
    return { dispose: () => this.#followers.delete(follower) };
  }

  /** Starts the index in the background. */
  warm(): void {
    if (workspaceRoot() !== null) void this.#knowledge.ready(neverAborted).catch((error: unknown) => { this.parts.log.warn(`index: ${String(error)}`); });
  }

  async excludedBecause(snapshot: Pick<Snapshot, "path" | "file">): Promise<string | undefined> {
    const file = snapshot.file ?? snapshot.path;
    const decision = await this.#decide(file);
    const reason = decision.excluded ? decision.reason : undefined;
    this.#decisions.set(file, reason);
    return reason;
  }

  /** Whether a path may stand in a prompt, from what is known already. A path not asked about before may not, yet. */
  mayBeUsed(file: string): boolean {
    if (!this.#decisions.has(file)) void this.excludedBecause({ path: file });
    return this.#decisions.has(file) && this.#decisions.get(file) === undefined;
  }

  /** A file's path as the index and its citations name it; undefined outside of the indexed folder. */
  indexPath(uri: vscode.Uri): string | undefined {
    const root = workspaceRoot();
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return uri.scheme === "file" && root !== null && folder?.uri.fsPath === root ? relativePath(uri) : undefined;
  }

  /** Where a file that the index names lies on disk; null where there is no folder to look in. */
  placeOf(path: string): string | null {
    const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === workspaceRoot());
    return folder === undefined ? null : vscode.Uri.joinPath(folder.uri, path).fsPath;
  }

  dispose(): void {
    for (const timer of this.#resting.values()) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#knowledge.dispose();
  }

  #open(): CodeKnowledge {
    return createCodeKnowledge({ ...this.parts, ...folderRules(), userGlobs: [], readAbove: true });
  }

  #reopen(): void {
    this.#knowledge.dispose();
    this.#decisions.clear();
    this.#otherFolders.clear();
    this.#knowledge = this.#open();
    this.warm();
    for (const follower of this.#followers) follower.reopen(folderRules());
  }

  #update(path: string, text: string | null): void {
    for (const follower of [this.#knowledge, ...this.#followers]) follower.update(path, text);
  }

  /** Each folder of the workspace has its own ignore files; a file outside of all is judged by its name and content. */
  #decide(file: string): Promise<ExclusionDecision> {
    // Before the workspace is trusted nothing on disk is opened: the name alone decides.
    if (!vscode.workspace.isTrusted) return this.#exclusionsOf(null).decideName(file);
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file));
    const root = folder?.uri.scheme === "file" ? folder.uri.fsPath : null;
    return root !== null && root === workspaceRoot() ? this.#knowledge.isExcluded(file) : this.#exclusionsOf(root).decide(file);
  }

  #exclusionsOf(root: string | null): WorkspaceExclusions {
    const known = this.#otherFolders.get(root);
    if (known) return known;
    const exclusions = createWorkspaceExclusions({ root, editorExcludes: editorExcludes(), userGlobs: [], recheck: true, readAbove: true });
    this.#otherFolders.set(root, exclusions);
    return exclusions;
  }

  #deleted(uri: vscode.Uri): void {
    this.#decisions.clear();
    const path = this.indexPath(uri);
    if (path === undefined) return;
    for (const follower of [this.#knowledge, ...this.#followers]) follower.remove(path);
  }

  #changedOnDisk(uri: vscode.Uri): void {
    this.#decisions.clear();
    const path = this.indexPath(uri);
    if (path !== undefined) this.#update(path, null);
  }

  /** What was typed and not saved is gone with its document: the file on disk counts again. */
  #closed(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#resting.get(key));
    this.#resting.delete(key);
    this.#changedOnDisk(document.uri);
  }

  #edited(document: vscode.TextDocument): void {
    if (document.uri.scheme !== "file") return;
    const key = document.uri.toString();
    clearTimeout(this.#resting.get(key));
    this.#resting.set(key, setTimeout(() => {
      this.#resting.delete(key);
      if (document.isClosed || !isSmall(document)) return;
      const path = this.indexPath(document.uri);
      if (path !== undefined) this.#update(path, document.getText());
      this.#rest.fire(document);
    }, REST_MS));
  }
}

/**
 * Whether a document's text may be taken whole on the extension host's thread: joining and posting 5 MB takes up to
 * 90 ms, 1 MB well under 16. Larger files are read from disk by the index's own thread when they are saved.
 */
export function isSmall(document: vscode.TextDocument): boolean {
  return document.offsetAt(document.lineAt(document.lineCount - 1).range.end) <= 1024 * 1024;
}

function folderRules(): FolderRules {
  return { root: workspaceRoot(), editorExcludes: editorExcludes() };
}

/** Absolute path of the first folder on disk; null without one or before the workspace is trusted. */
function workspaceRoot(): string | null {
  const folder = vscode.workspace.workspaceFolders?.find((candidate) => candidate.uri.scheme === "file");
  return vscode.workspace.isTrusted && folder ? folder.uri.fsPath : null;
}

/** Globs of `files.exclude` and `search.exclude` that are switched on. */
function editorExcludes(): string[] {
  return ["files", "search"].flatMap((section) => {
    const globs = vscode.workspace.getConfiguration(section).get<Record<string, unknown>>("exclude") ?? {};
    return Object.entries(globs).filter(([, on]) => on === true).map(([glob]) => glob);
  });
}
