import * as vscode from "vscode";
import type { CatalogModel } from "../../core/models/catalog";
import { modelsOfKit, type KitModel } from "../../core/models/kitManifest";
import { bytesInWords } from "../../core/util/bytes";
import { exportKit, type KitProgress } from "../../services/models/airGap";
import { importKit, readKit } from "../../services/models/airGapImport";
import type { InstalledModels } from "../../services/models/installedModels";
import type { ModelLibrary } from "../../services/models/modelLibrary";
import { cancellableProgress } from "../cancellableProgress";

/** What the commands act on. */
export interface AirGapParts {
  readonly installed: InstalledModels;
  readonly library: ModelLibrary;
  readonly catalog: readonly CatalogModel[];
  /** Path of `models/catalog.json`. */
  readonly catalogFile: string;
  /** Ghostlight's own folder for models. */
  readonly modelsFolder: string;
}

/** Registers the commands that carry extension, models and catalog to a machine that never sees a network. */
export function registerAirGapKit(parts: AirGapParts): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("ghostlight.exportKit", () => exportTo(parts)),
    vscode.commands.registerCommand("ghostlight.importKit", () => importFrom(parts)),
  );
}

async function exportTo(parts: AirGapParts): Promise<void> {
  const listed = (await parts.installed.list()).filter(({ standing }) => standing === "sound");
  const items = listed.map(({ model }) => ({ label: model.name, description: bytesInWords(model.size), picked: true, model }));
  const chosen = items.length === 0 ? [] : await vscode.window.showQuickPick(items, { title: "Export a kit (1 of 3): which models?", canPickMany: true, ignoreFocusOut: true });
  if (chosen === undefined) return;
  const extensions = await vscode.window.showOpenDialog({ title: "Export a kit (2 of 3): the VSIX files of the systems it is for", openLabel: "Take Along", canSelectMany: true, filters: { "VSIX": ["vsix"] } });
  if (extensions === undefined) return;
  const [folder] = (await vscode.window.showOpenDialog({ title: "Export a kit (3 of 3): an empty folder", openLabel: "Write the Kit Here", canSelectFiles: false, canSelectFolders: true })) ?? [];
  if (folder === undefined) return;
  const outcome = await withProgress("Writing the kit", (report, signal) => exportKit({ extensions: extensions.map(({ fsPath }) => fsPath), models: chosen.map(({ model }) => ({ ...model, origin: model.source.url })), catalog: parts.catalogFile }, folder.fsPath, Date.now, report, signal));
  if (outcome.outcome === "done") void vscode.window.showInformationMessage(`Ghostlight: the kit is in ${outcome.folder}, with the hash of every file. Its README.txt says what to do on the other machine.`, "OK");
  else if (outcome.outcome === "failed") void vscode.window.showErrorMessage(`Ghostlight: ${outcome.because}`, "OK");
}

async function importFrom(parts: AirGapParts): Promise<void> {
  const [folder] = (await vscode.window.showOpenDialog({ title: "Import a kit: its folder", openLabel: "Check and Import", canSelectFiles: false, canSelectFolders: true })) ?? [];
  if (folder === undefined) return;
  const kit = await readKit(folder.fsPath);
  if ("refused" in kit) return void vscode.window.showErrorMessage(`Ghostlight: ${kit.refused}`, "OK");
  const models = modelsOfKit(kit.manifest).map(({ model, size }) => ({ label: model.name, description: `${bytesInWords(size)}, ${model.licence ?? "licence not known"}`, picked: true, model }));
  if (models.length === 0) return void vscode.window.showInformationMessage("Ghostlight: this kit holds no models. Its VSIX files are installed with \"Extensions: Install from VSIX…\".", "OK");
  const chosen = await vscode.window.showQuickPick(models, { title: "Import a kit: which models?", canPickMany: true, ignoreFocusOut: true });
  if (chosen === undefined || chosen.length === 0) return;
  const restricted = chosen.filter(({ model }) => parts.catalog.find(({ id }) => id === model.id)?.restricted === true);
  if (restricted.length > 0 && !(await acceptLicences(restricted.map(({ model }) => model)))) return;
  const ids = new Set(chosen.map(({ model }) => model.id));
  const catalogHashes = new Map(parts.catalog.map(({ id, sha256 }) => [id, sha256]));
  const licenceAcceptedAt = restricted.length > 0 ? new Date().toISOString() : null;
  const outcome = await withProgress("Checking and importing the kit", (report, signal) => importKit({ models: parts.installed, modelsFolder: parts.modelsFolder, catalogHashes, licenceAcceptedAt }, kit, ({ id }) => ids.has(id), report, signal));
  await parts.library.look(new AbortController().signal).catch(() => undefined);
  if (outcome.outcome === "failed") return void vscode.window.showErrorMessage(`Ghostlight: ${outcome.because}`, "OK");
  if (outcome.outcome === "done") void vscode.window.showInformationMessage(`Ghostlight: ${String(outcome.models.length)} ${outcome.models.length === 1 ? "model was" : "models were"} checked and imported.`, "Show Models").then((choice) => (choice === undefined ? undefined : vscode.commands.executeCommand("ghostlight.models.focus")));
}

async function acceptLicences(models: readonly KitModel[]): Promise<boolean> {
  const accept = "Accept and Import";
  const choice = await vscode.window.showWarningMessage("Licences of this kit limit what its models may be used for.", { modal: true, detail: models.map(({ name, licence }) => `${name}: ${licence ?? "not known"}`).join("\n") }, accept);
  return choice === accept;
}

function withProgress<T>(title: string, run: (report: (progress: KitProgress) => void, signal: AbortSignal) => Promise<T>): Thenable<T> {
  return cancellableProgress(title, (signal, progress) => {
    let done = 0;
    return run(({ file, bytes, total }) => {
      const share = (100 * bytes) / Math.max(1, total);
      progress.report({ message: file, increment: share - done });
      done = share;
    }, signal);
  });
}
