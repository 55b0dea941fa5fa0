import * as vscode from "vscode";
import { complete, freshMemory, type CompletionMemory, type CompletionPorts } from "../core/completion/complete";
import { describeFollowUp, describeOutcome, type FollowUp, type Outcome, type Voice } from "../core/completion/outcome";
import { PRESET_THRESHOLDS } from "../core/completion/presets";
import { completionEnabledFor, type Settings } from "../core/settings/settings";
import type { Log } from "../core/util/log";
import { snapshotOf } from "./documentSnapshot";

/** What ghost text needs of the rest. */
export interface InlineCompletionParts {
  readonly ports: CompletionPorts;
  readonly settings: () => Settings;
  readonly log: Log;
  /** Told when a request begins and how it ended: for the status item. */
  readonly onRequest: () => (outcome: Outcome) => void;
  /** Told what the model made of a text that is shown already. */
  readonly onFollowUp: (followUp: FollowUp) => void;
  /** Told of each text that is shown and was not before, with who spoke it. */
  readonly onShown: (voice: Voice, path: string) => void;
  /** Told of each text that was accepted whole, with who spoke it and the path as the snapshot names it. */
  readonly onAccepted: (voice: Voice, text: string, path: string) => void;
}

/** Documents whose memory is kept; the oldest is forgotten first. */
const MOST_DOCUMENTS = 16;

/** Runs after an item was accepted. Internal: it is not contributed, so no palette lists it. */
const ACCEPTED = "ghostlight.accepted";

/**
 * Asks for the items anew and goes on to the next one. With `editor.action.inlineSuggest.trigger` the editor keeps the
 * shown item on top of what the provider returns (`itemToPreserve` of its InlineCompletionsModel), so the longer text
 * would stand second and unseen; `showNext` does the same explicit request and then selects it, without a blank between.
 * It wants a visible suggestion: what Escape has sent away does not come back. A place that was asked about explicitly
 * is not asked again by the editor: there the longer text comes with the next key.
 */
const SHOW_EXTENDED = "editor.action.inlineSuggest.showNext";

/** A document as ghost text knows it: its memory, and where the person was when they were last answered. */
interface DocumentState {
  readonly memory: CompletionMemory;
  place: { readonly version: number; readonly position: vscode.Position } | undefined;
}

/** Registers ghost text for every file on disk, untitled document and notebook cell. Nothing here ever shows a message. */
export function registerInlineCompletion(parts: InlineCompletionParts): vscode.Disposable {
  const states = new Map<string, DocumentState>();
  const provider: vscode.InlineCompletionItemProvider = {
    provideInlineCompletionItems: (document, position, context, token) => provide(parts, stateOf(states, document), document, position, context, token),
  };
  const schemes = ["file", "untitled", "vscode-notebook-cell", "vscode-remote", "vscode-vfs"];
  return vscode.Disposable.from(
    vscode.languages.registerInlineCompletionItemProvider(schemes.map((scheme) => ({ scheme })), provider),
    vscode.workspace.onDidCloseTextDocument((document) => { forget(states, document.uri.toString()); }),
    vscode.commands.registerCommand(ACCEPTED, (voice: Voice, text: string, path: string) => { parts.onAccepted(voice, text, path); }),
    { dispose: () => { for (const key of [...states.keys()]) forget(states, key); } },
  );
}

async function provide(parts: InlineCompletionParts, state: DocumentState, document: vscode.TextDocument, position: vscode.Position, context: vscode.InlineCompletionContext, token: vscode.CancellationToken): Promise<vscode.InlineCompletionItem[]> {
  const settings = parts.settings();
  if (!completionEnabledFor(settings, document.languageId)) return [];
  const selected = context.selectedCompletionInfo;
  const snapshot = snapshotOf(document, position, selected);
  const options = { explicit: context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke, threshold: PRESET_THRESHOLDS[settings.completionPreset], engines: settings.completionEngines };
  state.place = { version: document.version, position };
  const ports: CompletionPorts = { ...parts.ports, onFollowUp: (followUp) => { followedUp(parts, document, state, followUp); } };
  const ended = parts.onRequest();
  const outcome = await complete(snapshot, options, state.memory, ports, signalOf(token));
  ended(outcome);
  const record = `completion: ${describeOutcome(outcome)}`;
  if (outcome.outcome === "cancelled") parts.log.debug(record);
  else parts.log.info(record);
  if (outcome.outcome !== "shown" || token.isCancellationRequested) return [];
  if (!outcome.held) parts.onShown(outcome.voice, snapshot.path);
  const text = (selected?.text ?? "") + outcome.text;
  const accepted: vscode.Command = { command: ACCEPTED, title: "Accepted", arguments: [outcome.voice, outcome.text, snapshot.path] };
  return [new vscode.InlineCompletionItem(text, selected?.range ?? new vscode.Range(position, position), accepted)];
}

/** The model has spoken about what recall is shown with: a longer text is shown where the person still rests at that place. */
function followedUp(parts: InlineCompletionParts, document: vscode.TextDocument, state: DocumentState, followUp: FollowUp): void {
  const record = `completion: ${describeFollowUp(followUp)}`;
  if (followUp.followUp === "cancelled") parts.log.debug(record);
  else parts.log.info(record);
  parts.onFollowUp(followUp);
  if (followUp.followUp !== "extended" || !rests(document, state)) return;
  vscode.commands.executeCommand(SHOW_EXTENDED).then(undefined, (error: unknown) => { parts.log.warn(`extended text: ${String(error)}`); });
}

/** Whether the person is still where they were last answered, with nothing typed since. Otherwise the longer text comes with the next answer. */
function rests(document: vscode.TextDocument, { place }: DocumentState): boolean {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document !== document || document.version !== place?.version) return false;
  return editor.selections.length === 1 && editor.selection.isEmpty && editor.selection.active.isEqual(place.position);
}

function stateOf(states: Map<string, DocumentState>, document: vscode.TextDocument): DocumentState {
  const key = document.uri.toString();
  const state = states.get(key) ?? { memory: freshMemory(), place: undefined };
  states.delete(key);
  states.set(key, state);
  const [oldest] = states.keys();
  if (states.size > MOST_DOCUMENTS && oldest !== undefined) forget(states, oldest);
  return state;
}

/** What the model still works on for a document ends with its memory. */
function forget(states: Map<string, DocumentState>, key: string): void {
  states.get(key)?.memory.followUp?.stop.abort();
  states.delete(key);
}

/** An editor's cancellation token as an abort signal. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => { controller.abort(); });
  return controller.signal;
}
