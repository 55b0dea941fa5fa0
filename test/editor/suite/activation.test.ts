import assert from "node:assert/strict";
import * as vscode from "vscode";
import { activatedExtension } from "./extension";

describe("activation", () => {
  it("activates without an error", async () => {
    const extension = await activatedExtension();
    assert.equal(extension.isActive, true);
  });

  it("needs no file of a language and no command: it starts by itself", async () => {
    const extension = await activatedExtension();
    const events = (extension.packageJSON as { activationEvents?: string[] }).activationEvents ?? [];
    assert.ok(events.includes("onStartupFinished"), `activation events: ${events.join(", ")}`);
  });

  it("registers every command that its manifest names", async () => {
    const extension = await activatedExtension();
    const manifest = extension.packageJSON as { contributes: { commands: { command: string }[] } };
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands.map(({ command }) => command).filter((command) => !known.has(command));
    assert.deepEqual(missing, []);
    for (const command of ["openChat", "toggleCompletion", "restartEngine", "showLog", "forgetRecall"]) assert.ok(known.has(`ghostlight.${command}`), command);
  });

  it("contributes the panel's view", async () => {
    await activatedExtension();
    assert.ok((await vscode.commands.getCommands(true)).includes("ghostlight.chat.focus"));
  });
});
