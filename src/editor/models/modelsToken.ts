import * as vscode from "vscode";
import { HUB } from "../../core/models/links";
import { readDestination } from "../../core/outgoing/origin";
import type { Settings } from "../../core/settings/settings";
import type { EndpointKeys } from "../outgoing/endpointKeys";

/** Registers the command that stores a token for where models are fetched from: the hub, or the mirror that is set. */
export function registerModelsToken({ settings, keys }: { readonly settings: () => Settings; readonly keys: EndpointKeys }): vscode.Disposable {
  return vscode.commands.registerCommand("ghostlight.setModelsToken", async () => {
    const { modelsMirror } = settings();
    const destination = readDestination(modelsMirror === "" ? HUB : modelsMirror);
    if ("refused" in destination) return void vscode.window.showWarningMessage(`Ghostlight: ghostlight.models.mirror cannot be used. ${destination.refused}`, "OK");
    const token = await vscode.window.showInputBox({ title: `Token for ${destination.origin}`, prompt: "Kept in the editor's secret store, and sent to this address only. Leave it empty to remove the token that is there.", password: true, ignoreFocusOut: true });
    if (token === undefined) return;
    await (token === "" ? keys.delete(destination.origin) : keys.set(destination.origin, token));
    void vscode.window.showInformationMessage(`Ghostlight: the token for ${destination.origin} was ${token === "" ? "removed" : "stored"}.`, "OK");
  });
}
