import * as vscode from "vscode";
import type { EngineState } from "../core/engine/engineState";
import type { Settings } from "../core/settings/settings";
import { completionEnabledFor } from "../core/settings/settings";

/** What the commands act on. */
export interface MenuParts {
  readonly engineState: () => EngineState;
  readonly settings: () => Settings;
  readonly restartEngine: () => Promise<void>;
  readonly showLog: () => void;
}

interface MenuItem extends vscode.QuickPickItem {
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/** Registers the commands behind the status item: the menu, switching ghost text, restarting, the log. */
export function registerMenu(parts: MenuParts): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("ghostlight.showMenu", () => showMenu(parts)),
    vscode.commands.registerCommand("ghostlight.toggleCompletion", () => toggleCompletion(parts.settings())),
    vscode.commands.registerCommand("ghostlight.restartEngine", () => parts.restartEngine()),
    vscode.commands.registerCommand("ghostlight.showLog", () => { parts.showLog(); }),
  );
}

async function showMenu(parts: MenuParts): Promise<void> {
  const choice = await vscode.window.showQuickPick(menuItems(parts), { title: "Ghostlight", placeHolder: "What would you like to do?" });
  if (choice) await vscode.commands.executeCommand(choice.command, ...(choice.arguments ?? []));
}

function menuItems(parts: MenuParts): MenuItem[] {
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  const on = languageId === undefined || completionEnabledFor(parts.settings(), languageId);
  const toggle: MenuItem = { label: `$(${on ? "circle-slash" : "lightbulb"}) Turn ghost text ${on ? "off" : "on"}${languageId === undefined ? "" : ` for ${languageId}`}`, command: "ghostlight.toggleCompletion" };
  const restart: MenuItem = { label: "$(debug-restart) Restart the engine", command: "ghostlight.restartEngine" };
  const others: MenuItem[] = [
    { label: "$(comment-discussion) Ask about your code", command: "ghostlight.openChat" },
    { label: "$(shield) What left this machine", command: "ghostlight.showLedger" },
    { label: "$(cloud) Choose the endpoint to ask", command: "ghostlight.chooseEndpoint" },
    { label: "$(gear) Settings", command: "workbench.action.openSettings", arguments: ["@ext:ghostlight.ghostlight"] },
    { label: "$(output) Show the log", command: "ghostlight.showLog" },
  ];
  return parts.engineState().state === "failed" ? [restart, toggle, ...others] : [toggle, ...others, restart];
}

/** Switches ghost text for the active editor's language, or for all languages without one; kept in the user's settings. */
async function toggleCompletion(settings: Settings): Promise<void> {
  const key = vscode.window.activeTextEditor?.document.languageId ?? "*";
  const enabled = { ...settings.completionEnabled, [key]: !completionEnabledFor(settings, key) };
  await vscode.workspace.getConfiguration("ghostlight").update("completion.enabled", enabled, vscode.ConfigurationTarget.Global);
}
