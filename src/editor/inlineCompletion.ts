import * as vscode from "vscode";
import { complete, freshMemory, type CompletionMemory, type CompletionPorts } from "../core/completion/complete";
import { describeOutcome, type Outcome } from "../core/completion/outcome";
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
}

/** Documents whose memory is kept; the oldest is forgotten first. */
const MOST_DOCUMENTS = 16;

/** Registers ghost text for every file on disk, untitled document and notebook cell. Nothing here ever shows a message. */
export function registerInlineCompletion(parts: InlineCompletionParts): vscode.Disposable {
  const memories = new Map<string, CompletionMemory>();
  const provider: vscode.InlineCompletionItemProvider = {
    provideInlineCompletionItems: (document, position, context, token) => provide(parts, memoryOf(memories, document), document, position, context, token),
  };
  const schemes = ["file", "untitled", "vscode-notebook-cell", "vscode-remote", "vscode-vfs"];
  return vscode.Disposable.from(
    vscode.languages.registerInlineCompletionItemProvider(schemes.map((scheme) => ({ scheme })), provider),
    vscode.workspace.onDidCloseTextDocument((document) => memories.delete(document.uri.toString())),
  );
}

async function provide(parts: InlineCompletionParts, memory: CompletionMemory, document: vscode.TextDocument, position: vscode.Position, context: vscode.InlineCompletionContext, token: vscode.CancellationToken): Promise<vscode.InlineCompletionItem[]> {
  const settings = parts.settings();
  if (!completionEnabledFor(settings, document.languageId)) return [];
  const selected = context.selectedCompletionInfo;
  const snapshot = snapshotOf(document, position, selected);
  const explicit = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
  const ended = parts.onRequest();
  const outcome = await complete(snapshot, { explicit, threshold: PRESET_THRESHOLDS[settings.completionPreset] }, memory, parts.ports, signalOf(token));
  ended(outcome);
  const record = `completion: ${describeOutcome(outcome)}`;
  if (outcome.outcome === "cancelled") parts.log.debug(record);
  else parts.log.info(record);
  if (outcome.outcome !== "shown" || token.isCancellationRequested) return [];
  const text = (selected?.text ?? "") + outcome.text;
  return [new vscode.InlineCompletionItem(text, selected?.range ?? new vscode.Range(position, position))];
}

function memoryOf(memories: Map<string, CompletionMemory>, document: vscode.TextDocument): CompletionMemory {
  const key = document.uri.toString();
  const memory = memories.get(key) ?? freshMemory();
  memories.delete(key);
  memories.set(key, memory);
  const [oldest] = memories.keys();
  if (memories.size > MOST_DOCUMENTS && oldest !== undefined) memories.delete(oldest);
  return memory;
}

/** An editor's cancellation token as an abort signal. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => { controller.abort(); });
  return controller.signal;
}
