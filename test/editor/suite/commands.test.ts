import assert from "node:assert/strict";
import * as vscode from "vscode";
import { acceptGhostText, activatedExtension, closeEditors, readyEngine, showSampleFile, typeAt, until } from "./extension";

const loop = "  for (let i = 0; i < items.length; ";

describe("commands", () => {
  before(activatedExtension);
  afterEach(closeEditors);

  it("opens the panel and the log without an error", async () => {
    await vscode.commands.executeCommand("ghostlight.openChat");
    await vscode.commands.executeCommand("ghostlight.showLog");
  });

  it("completes again after the engine was restarted", async () => {
    const api = await readyEngine();
    const before = api.engineProcessId();
    await vscode.commands.executeCommand("ghostlight.restartEngine");
    await readyEngine();
    assert.notEqual(api.engineProcessId(), before);
    const editor = await showSampleFile("src/totals.ts");
    await typeAt(editor, 25, 0, loop);
    assert.match(await acceptGhostText(editor), /i\+\+\)/);
  });

  it("switches ghost text off and on for the language of the editor", async () => {
    const enabled = (): Record<string, boolean> => vscode.workspace.getConfiguration("ghostlight").get<Record<string, boolean>>("completion.enabled") ?? {};
    const editor = await showSampleFile("src/totals.ts");
    await vscode.commands.executeCommand("ghostlight.toggleCompletion");
    assert.equal(enabled()["typescript"], false);
    await vscode.commands.executeCommand("ghostlight.toggleCompletion");
    assert.equal(enabled()["typescript"], true);
    await typeAt(editor, 25, 0, loop);
    assert.match(await acceptGhostText(editor), /i\+\+\)/);
  });
});

describe("the engine's death", () => {
  afterEach(closeEditors);

  it("costs no key press: what is typed stays and ghost text comes back", async () => {
    const api = await readyEngine();
    const killed = api.engineProcessId();
    assert.ok(killed, "there is an engine process");
    const editor = await showSampleFile("src/totals.ts");
    await typeAt(editor, 25, 0, "  for (let i = 0; ");
    process.kill(killed, "SIGKILL");
    await typeAt(editor, 25, editor.selection.active.character, "i < items.length; ");
    assert.equal(editor.document.lineAt(25).text.startsWith(loop), true);
    await until(() => api.engineProcessId() !== killed, () => "another engine process");
    await readyEngine();
    assert.match(await acceptGhostText(editor), /i\+\+\)/);
  });
});
