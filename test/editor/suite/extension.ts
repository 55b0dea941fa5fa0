import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { ModelRole } from "../../../src/protocol/engine";
import { loopPlace } from "../support/surePlace";

const extensionId = "ghostlight.ghostlight";

/** What the extension returns to tests: the part of `GhostlightApi` they use. */
export interface TestApi {
  readonly engineState: () => { readonly state: string };
  readonly engineProcessId: () => number | undefined;
  readonly onEngineState: (listener: (state: { readonly state: string }) => void) => () => void;
  readonly standIn: (role: ModelRole) => string | undefined;
}

/** The extension under test, activated. Throws when VS Code does not know it. */
export async function activatedExtension(): Promise<vscode.Extension<TestApi>> {
  const extension = vscode.extensions.getExtension<TestApi>(extensionId);
  if (!extension) throw new Error(`${extensionId} is not installed`);
  await extension.activate();
  return extension;
}

/** Waits until the engine has loaded its model; returns what the extension lets tests see. */
export async function readyEngine(): Promise<TestApi> {
  const api = (await activatedExtension()).exports;
  await until(() => api.engineState().state === "ready", () => `the engine to be ready; it is ${api.engineState().state}`);
  return api;
}

/** Waits for a condition that VS Code has no event for; rejects with the words after `patienceMs`. */
export async function until(condition: () => boolean, what: () => string, patienceMs = 45_000): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A file of the opened sample project. */
function sampleFile(relativePath: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("no folder is open");
  return vscode.Uri.joinPath(folder.uri, relativePath);
}

/** Opens a file of the sample project in an editor. */
export async function showSampleFile(relativePath: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(sampleFile(relativePath));
  return vscode.window.showTextDocument(document);
}

/** Opens the sure place's file and types there what makes ghost text come. */
export async function typeAtSurePlace(text = loopPlace.typed): Promise<vscode.TextEditor> {
  const place = new vscode.Position(loopPlace.line - 1, 0);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const editor = await showSampleFile(loopPlace.file);
    editor.selection = new vscode.Selection(place, place);
    await type(text);
    // The log is an editor too: one that opens late takes the focus, and the keys with it.
    if (editor.document.lineAt(place.line).text.startsWith(text)) return editor;
    await vscode.commands.executeCommand("workbench.action.closePanel");
  }
  throw new Error(`what was typed never arrived in ${loopPlace.file}`);
}

const MOST_ATTEMPTS = 20;

/** Types text at the cursor of the active editor, as a keyboard does. */
export async function type(text: string): Promise<void> {
  await vscode.commands.executeCommand("type", { text });
}

/** Accepts ghost text at the sure place and checks that it is the expected one, with what was typed before it untouched. */
export async function expectGhostText(editor: vscode.TextEditor): Promise<void> {
  const line = await acceptGhostText(editor);
  assert.ok(line.startsWith(loopPlace.typed), line);
  assert.match(line.slice(loopPlace.typed.length), loopPlace.expected);
}

/**
 * Asks for ghost text and accepts it as soon as it is there: resolves with the line's text once it differs from before.
 * VS Code tells an extension neither that ghost text is shown nor what it says, so this accepts until something changes;
 * accepting with nothing shown does nothing. Rejects when `patienceMs` pass first.
 */
async function acceptGhostText(editor: vscode.TextEditor, patienceMs = 45_000): Promise<string> {
  const line = editor.selection.active.line;
  const before = editor.document.lineAt(line).text;
  const deadline = Date.now() + patienceMs;
  let round = 0;
  while (Date.now() < deadline) {
    if (round % 20 === 0) {
      // The log is an editor too, and one that opens late takes the focus with it.
      await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
      await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
    }
    await vscode.commands.executeCommand("editor.action.inlineSuggest.commit");
    const now = editor.document.lineAt(line).text;
    if (now !== before) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
    round += 1;
  }
  throw new Error(`no ghost text came on the line ${JSON.stringify(before)}`);
}

/** Throws away what a test typed and closes every editor. */
export async function closeEditors(): Promise<void> {
  for (const document of vscode.workspace.textDocuments) {
    // Not the settings file, which "update" leaves open and dirty for a moment.
    if (document.isDirty && vscode.workspace.getWorkspaceFolder(document.uri)) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand("workbench.action.files.revert");
    }
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** Sets user settings for the length of one test and takes them back afterwards. */
export async function withSettings(values: Readonly<Record<string, unknown>>, body: () => Promise<void>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const names = Object.keys(values);
  for (const name of names) await configuration.update(name, values[name], vscode.ConfigurationTarget.Global);
  try {
    await body();
  } finally {
    for (const name of names) await configuration.update(name, undefined, vscode.ConfigurationTarget.Global);
  }
}
