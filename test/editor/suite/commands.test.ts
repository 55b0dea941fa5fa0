import assert from "node:assert/strict";
import * as vscode from "vscode";
import { acceptGhostText, activatedExtension, closeEditors, showSampleFile, typeAt } from "./extension";

describe("commands", () => {
  before(activatedExtension);
  afterEach(closeEditors);

  it("opens the panel and the log without an error", async () => {
    await vscode.commands.executeCommand("ghostlight.openChat");
    await vscode.commands.executeCommand("ghostlight.showLog");
  });

  it("completes again after the engine was restarted", async () => {
    await vscode.commands.executeCommand("ghostlight.restartEngine");
    const editor = await showSampleFile("src/totals.ts");
    await typeAt(editor, 25, 0, "  for (let i = 0; i < items.length; ");
    assert.match(await acceptGhostText(editor), /i\+\+\)/);
  });

  it("switches completion off and on again", async () => {
    const editor = await showSampleFile("src/totals.ts");
    await vscode.commands.executeCommand("ghostlight.toggleCompletion");
    await typeAt(editor, 25, 0, "  for (let i = 0; i < items.length; ");
    await assert.rejects(acceptGhostText(editor, 4_000), /no ghost text/);
    await vscode.commands.executeCommand("ghostlight.toggleCompletion");
    assert.match(await acceptGhostText(editor), /i\+\+\)/);
  });
});
