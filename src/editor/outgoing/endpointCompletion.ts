import * as vscode from "vscode";
import type { Snapshot } from "../../core/completion/snapshot";
import { hasHiddenCharacters } from "../../core/context/hiddenCharacters";
import { estimateTokens } from "../../core/chat/tokens";
import type { Endpoint } from "../../core/outgoing/endpoint";
import type { Log } from "../../core/util/log";
import type { EndpointClient } from "../../services/network/endpointClient";
import { cancellableProgress } from "../cancellableProgress";
import { snapshotOf } from "../documentSnapshot";

/** What the command acts on. */
export interface EndpointCompletionParts {
  readonly client: EndpointClient;
  readonly endpoint: () => Endpoint | undefined;
  readonly log: Log;
}

/** Tokens asked for at most: a function, not a file. */
const MOST_TOKENS = 256;
/** Characters of a token, for cutting the window; estimates are made by `estimateTokens`. */
const CHARACTERS_A_TOKEN = 3;
/** Share of the window that stands before the cursor. */
const BEFORE_SHARE = 0.75;

/** A completion that has come and waits to be shown where it was asked for. */
interface Pending {
  readonly document: string;
  readonly version: number;
  readonly position: vscode.Position;
  readonly text: string;
}

/**
 * Registers the command that asks the endpoint to complete at the cursor, and shows what came as ghost text. Only the
 * command asks: a key press never does, and never opens a dialog.
 */
export function registerEndpointCompletion(parts: EndpointCompletionParts): vscode.Disposable {
  let pending: Pending | undefined;
  const provider: vscode.InlineCompletionItemProvider = {
    provideInlineCompletionItems: (document, position) => {
      if (pending?.document !== document.uri.toString() || pending.version !== document.version || !pending.position.isEqual(position)) return undefined;
      return [new vscode.InlineCompletionItem(pending.text, new vscode.Range(position, position))];
    },
  };
  return vscode.Disposable.from(
    vscode.languages.registerInlineCompletionItemProvider({ pattern: "**" }, provider),
    vscode.commands.registerCommand("ghostlight.completeWithEndpoint", async () => {
      pending = await ask(parts);
      if (pending !== undefined) await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
    }),
  );
}

async function ask({ client, endpoint, log }: EndpointCompletionParts): Promise<Pending | undefined> {
  const editor = vscode.window.activeTextEditor;
  const chosen = endpoint();
  if (chosen === undefined || chosen.fim === "none") return void offerSetup(chosen);
  if (editor === undefined) return void vscode.window.showInformationMessage("Ghostlight: open a file and put the cursor where the text is missing.", "OK");
  const { document } = editor;
  const position = editor.selection.active;
  const { version } = document;
  const request = requestFor(snapshotOf(document, position), position, chosen);
  const answer = await cancellableProgress(`Asking ${chosen.name}`, (signal) => {
    return client.complete(chosen, request, signal).catch(() => undefined);
  });
  if (answer === undefined || (answer.outcome === "refused" && answer.by === "person")) return undefined;
  if (answer.outcome !== "done") return void vscode.window.showWarningMessage(`Ghostlight: ${answer.outcome === "failed" ? answer.cause : answer.because}`, "OK");
  if (answer.text.trim() === "" || hasHiddenCharacters(answer.text)) return void vscode.window.showInformationMessage(`Ghostlight: ${chosen.name} had nothing to add here that can be shown.`, "OK");
  if (document.version !== version) return void vscode.window.showInformationMessage("Ghostlight: the file has changed meanwhile, so the completion does not fit any more.", "OK");
  log.info(`endpoint completion: ${String(answer.text.length)} characters`);
  return { document: document.uri.toString(), version, position, text: answer.text };
}

/** What stands around the cursor, cut at line ends to what the endpoint's context has room for. */
function requestFor(snapshot: Snapshot, position: vscode.Position, { contextSize }: Endpoint): Parameters<EndpointClient["complete"]>[1] {
  const room = (contextSize - MOST_TOKENS) * CHARACTERS_A_TOKEN;
  const prefix = fromLineStart(snapshot.before, Math.floor(room * BEFORE_SHARE));
  const suffix = toLineEnd(snapshot.after, Math.floor(room * (1 - BEFORE_SHARE)));
  const startLine = position.line + 1 - lineBreaks(prefix);
  return {
    path: snapshot.path,
    prefix,
    suffix,
    maxTokens: MOST_TOKENS,
    files: [{ path: snapshot.path, file: snapshot.file ?? null, startLine, endLine: position.line + 1 + lineBreaks(suffix), tokens: estimateTokens(prefix + suffix) }],
  };
}

function fromLineStart(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(-most);
  return cut.slice(cut.indexOf("\n") + 1);
}

function toLineEnd(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most);
  const end = cut.lastIndexOf("\n");
  return end < 0 ? cut : cut.slice(0, end);
}

function lineBreaks(text: string): number {
  return text.split("\n").length - 1;
}

function offerSetup(endpoint: Endpoint | undefined): void {
  const [words, action, command] = endpoint === undefined
    ? ["no endpoint is set up that could be asked.", "Add an Endpoint", "ghostlight.addEndpoint"]
    : [`${endpoint.name} is set up for answers in the panel only. Set its "fim" where it can complete.`, "Open Settings", "workbench.action.openSettings"];
  void vscode.window.showInformationMessage(`Ghostlight: ${words}`, action).then((choice) => choice === undefined ? undefined : vscode.commands.executeCommand(command, ...(command.startsWith("workbench") ? ["ghostlight.endpoints"] : [])));
}
