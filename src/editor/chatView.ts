/** The chat panel's editor side: the webview view, its commands, and what the panel may ask of the editor. */
import { randomBytes, randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { EditorFocus } from "../core/chat/answer";
import type { Answerer } from "../core/chat/answerer";
import { fencedCode, type FencedLines } from "../core/chat/codeBlock";
import { Conversation } from "../core/chat/conversation";
import type { Corrector } from "../core/chat/correction";
import type { Routing } from "../core/chat/offers";
import { Outbox } from "../core/chat/outbox";
import type { TranscriptJournal } from "../core/chat/transcript";
import { DisposableStore } from "../core/util/dispose";
import type { Log } from "../core/util/log";
import { CHAT_PROTOCOL_VERSION, parseViewMessage, type TurnPart, type ViewMessage } from "../protocol/chatView";
import { panelHtml } from "./chat/html";
import { insertCode } from "./chat/insertCode";
import { openSource } from "./chat/openSource";
import { relativePath } from "./documentSnapshot";

/** The view's id in package.json. */
export const CHAT_VIEW_ID = "ghostlight.chat";

export interface ChatViewParts {
  readonly extensionUri: vscode.Uri;
  readonly answerer: Answerer;
  /** Asks an endpoint to correct an answer; absent where none ever can be asked. */
  readonly corrector?: Corrector;
  /** What is remembered about offers, and the check of an answer's code; absent: nothing is offered. */
  readonly routing?: Routing;
  readonly journal: TranscriptJournal;
  readonly log: Log;
  /** Name of the model that writes answers; undefined while the index answers. */
  readonly chatModel: () => string | undefined;
  /** Fires where the chat model or the endpoint may have become another one. */
  readonly onDidChangeChatModel: vscode.Event<unknown>;
}

/** Registers the view and its commands. Disposing ends the answer under way. */
export function registerChatView(parts: ChatViewParts): vscode.Disposable {
  const provider = new ChatViewProvider(parts);
  return vscode.Disposable.from(
    provider,
    vscode.window.registerWebviewViewProvider(CHAT_VIEW_ID, provider),
    vscode.commands.registerCommand("ghostlight.openChat", () => provider.focus()),
    vscode.commands.registerCommand("ghostlight.clearChat", () => provider.clear()),
    vscode.commands.registerCommand("ghostlight.stopChat", () => provider.stop()),
    parts.onDidChangeChatModel(() => provider.modelChanged()),
  );
}

class ChatViewProvider implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #parts: ChatViewParts;
  readonly #outbox: Outbox;
  readonly #conversation: Conversation;
  #view: vscode.WebviewView | undefined;
  #focusWhenReady = false;
  #shownModel: string | undefined;
  #shownEndpoint: string | undefined;

  constructor(parts: ChatViewParts) {
    this.#parts = parts;
    this.#outbox = new Outbox({ deliver: (message) => void this.#view?.webview.postMessage(message), after });
    this.#conversation = new Conversation({
      answerer: parts.answerer,
      ...(parts.corrector === undefined ? {} : { corrector: parts.corrector }),
      ...(parts.routing === undefined ? {} : { routing: parts.routing }),
      journal: parts.journal,
      log: parts.log,
      newId: randomUUID,
      now: Date.now,
      post: (message) => this.#outbox.post(message),
      refresh: () => this.postState(),
      onAnswering: (answering) => void vscode.commands.executeCommand("setContext", "ghostlight.chatAnswering", answering),
    });
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { extensionUri } = this.#parts;
    const folders = { dist: vscode.Uri.joinPath(extensionUri, "dist"), media: vscode.Uri.joinPath(extensionUri, "media") };
    view.webview.options = { enableScripts: true, enableForms: false, localResourceRoots: [folders.dist, folders.media] };
    const ends = new DisposableStore();
    ends.add(view.webview.onDidReceiveMessage((data: unknown) => this.#receive(data)));
    // A hidden view has been taken down; it says `ready` again when it comes back.
    ends.add(view.onDidChangeVisibility(() => { if (!view.visible) this.#outbox.close(); }));
    view.onDidDispose(() => {
      ends.dispose();
      if (this.#view === view) this.#forgetView();
    });
    this.#view = view;
    const address = (folder: vscode.Uri, file: string): string => view.webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
    view.webview.html = panelHtml({
      nonce: randomBytes(18).toString("base64url"),
      cspSource: view.webview.cspSource,
      scriptUri: address(folders.dist, "chat.js"),
      styleUris: ["chat.css", "answer.css", "correction.css"].map((sheet) => address(folders.media, sheet)),
    });
  }

  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${CHAT_VIEW_ID}.focus`);
    if (this.#outbox.isOpen) this.#outbox.post({ type: "focus" });
    else this.#focusWhenReady = true;
  }

  stop(): void {
    this.#conversation.stop();
  }

  async clear(): Promise<void> {
    await this.#onDisk(this.#conversation.clear());
  }

  /** The event may come for other reasons too; the panel is drawn afresh only for another name. */
  modelChanged(): void {
    if (this.#parts.chatModel() !== this.#shownModel || this.#parts.corrector?.endpoint() !== this.#shownEndpoint) this.postState();
  }

  /** Shows everything afresh. */
  postState(): void {
    const model = this.#parts.chatModel();
    this.#shownModel = model;
    const state = this.#conversation.state();
    this.#shownEndpoint = state.endpoint;
    this.#outbox.post({ type: "state", version: CHAT_PROTOCOL_VERSION, ...state, ...(model === undefined ? {} : { model }) });
  }

  dispose(): void {
    this.#conversation.stop();
    this.#outbox.dispose();
  }

  #forgetView(): void {
    this.#view = undefined;
    this.#outbox.close();
  }

  #receive(data: unknown): void {
    const message = parseViewMessage(data);
    if (message === undefined) {
      this.#parts.log.warn("chat: the panel sent a message that was refused");
      return;
    }
    this.#act(message).catch((error: unknown) => {
      this.#parts.log.error(`chat: ${message.type} failed (${error instanceof Error ? error.name : "unknown"})`);
    });
  }

  async #act(message: ViewMessage): Promise<void> {
    switch (message.type) {
      case "ready":
        return this.#show(message.version);
      case "ask":
        return this.#conversation.ask(message.text, editorFocus());
      case "askAgain":
        return this.#conversation.askAgain(message.turn, editorFocus());
      case "stop":
        return this.stop();
      case "clear":
        return this.clear();
      case "undoClear":
        return this.#onDisk(this.#conversation.undoClear());
      case "openSource":
        return this.#openSource(message);
      case "copy":
        return this.#copy(message.turn, message.of, message.block);
      case "insertAtCursor":
        return this.#insert(message.turn, message.of, message.block);
      case "askEndpoint":
        return this.#conversation.askEndpoint(message.turn);
      case "declineEndpoint":
        return this.#conversation.declineEndpoint(message.turn);
      case "chooseModel":
        return void (await vscode.commands.executeCommand("workbench.action.openSettings", "ghostlight.chat.model"));
      default:
        return message satisfies never;
    }
  }

  async #show(version: number): Promise<void> {
    await this.#conversation.load();
    this.#outbox.open();
    if (version !== CHAT_PROTOCOL_VERSION) {
      this.#outbox.post({ type: "otherVersion" });
      this.#outbox.close();
      return;
    }
    this.postState();
    if (this.#focusWhenReady) this.#outbox.post({ type: "focus" });
    this.#focusWhenReady = false;
  }

  /** The person must know when what they asked to be deleted is still there. */
  async #onDisk(change: Promise<void>): Promise<void> {
    try {
      await change;
    } catch (error) {
      this.#parts.log.warn(`chat: the transcript on disk could not be changed (${error instanceof Error ? error.name : "unknown"})`);
      void vscode.window.showErrorMessage("Ghostlight: the conversation on disk could not be changed.", "OK");
    }
  }

  async #openSource(place: Extract<ViewMessage, { type: "openSource" }>): Promise<void> {
    if (await openSource(place).catch(() => false)) return;
    void vscode.window.showInformationMessage(`Ghostlight: ${place.file} is not a file of this workspace.`, "OK");
  }

  async #copy(turn: string, of: TurnPart | undefined, block: FencedLines | undefined): Promise<void> {
    const text = this.#text(turn, of, block);
    if (text !== undefined) await vscode.env.clipboard.writeText(text);
  }

  async #insert(turn: string, of: TurnPart | undefined, block: FencedLines): Promise<void> {
    const code = this.#text(turn, of, block);
    if (code === undefined || (await insertCode(code))) return;
    const choice = await vscode.window.showInformationMessage("Ghostlight: open a file that can be edited to insert the code into.", "Copy Instead");
    if (choice !== undefined) await vscode.env.clipboard.writeText(code);
  }

  #text(turn: string, of: TurnPart | undefined, block: FencedLines | undefined): string | undefined {
    const found = this.#conversation.turn(turn);
    const text = found && (of === "correction" ? found.correction?.text : found.text);
    return block === undefined || text === undefined ? text : fencedCode(text, block);
  }
}

/** Where the person stands: the webview takes the focus, but the last text editor stays the active one. */
function editorFocus(): EditorFocus | undefined {
  const editor = vscode.window.activeTextEditor;
  const folder = editor && vscode.workspace.getWorkspaceFolder(editor.document.uri);
  // The index knows the first folder: a place in another one would be looked for in the wrong files.
  if (editor === undefined || folder === undefined || folder.index !== 0) return undefined;
  const { selection } = editor;
  return {
    file: relativePath(editor.document.uri),
    line: selection.active.line + 1,
    ...(selection.isEmpty ? {} : { selection: { startLine: selection.start.line + 1, endLine: selection.end.line + 1 } }),
  };
}

function after(milliseconds: number, callback: () => void): vscode.Disposable {
  const timer = setTimeout(callback, milliseconds);
  return new vscode.Disposable(() => clearTimeout(timer));
}
