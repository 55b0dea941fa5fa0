import assert from "node:assert/strict";
import * as vscode from "vscode";
import { activatedExtension, closeEditors, expectGhostText, readyEngine, type, typeAtSurePlace, until } from "./extension";
import { loopPlace } from "../support/surePlace";

describe("commands", () => {
  before(activatedExtension);
  afterEach(closeEditors);

  it("opens the panel and the log without an error", async () => {
    await vscode.commands.executeCommand("ghostlight.openChat");
    await vscode.commands.executeCommand("ghostlight.showLog");
    await vscode.commands.executeCommand("workbench.action.closePanel");
  });

  it("forgets what recall knows, and tells so without waiting for an answer", async () => {
    await vscode.commands.executeCommand("ghostlight.forgetRecall");
    await vscode.commands.executeCommand("notifications.clearAll");
  });

  it("completes again after the engine was restarted", async () => {
    const api = await readyEngine();
    const before = api.engineProcessId();
    await vscode.commands.executeCommand("ghostlight.restartEngine");
    await readyEngine();
    assert.notEqual(api.engineProcessId(), before);
    await expectGhostText(await typeAtSurePlace());
  });

  it("switches ghost text off and on for the language of the editor", async () => {
    const enabled = (): Record<string, boolean> => vscode.workspace.getConfiguration("ghostlight").get<Record<string, boolean>>("completion.enabled") ?? {};
    const editor = await typeAtSurePlace();
    await vscode.commands.executeCommand("ghostlight.toggleCompletion");
    assert.equal(enabled()["typescript"], false);
    await vscode.commands.executeCommand("ghostlight.toggleCompletion");
    assert.equal(enabled()["typescript"], true);
    await expectGhostText(editor);
  });
});

describe("the engine's death", () => {
  afterEach(closeEditors);

  it("costs no key press: what is typed stays and ghost text comes back", async () => {
    const api = await readyEngine();
    const killed = api.engineProcessId();
    assert.ok(killed, "there is an engine process");
    const half = loopPlace.typed.length - 4;
    const editor = await typeAtSurePlace(loopPlace.typed.slice(0, half));
    process.kill(killed, "SIGKILL");
    await type(loopPlace.typed.slice(half));
    assert.ok(editor.document.lineAt(loopPlace.line - 1).text.startsWith(loopPlace.typed), "every key is there");
    await until(() => api.engineProcessId() !== killed, () => "another engine process");
    await readyEngine();
    await expectGhostText(editor);
  });
});
