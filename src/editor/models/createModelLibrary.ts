import path from "node:path";
import * as vscode from "vscode";
import type { Settings } from "../../core/settings/settings";
import type { Log } from "../../core/util/log";
import { createWait } from "../../core/util/wait";
import type { ModelRole } from "../../protocol/engine";
import { readCatalog } from "../../services/models/catalogFile";
import type { DownloadParts } from "../../services/models/downloadParts";
import { createInstalledModels } from "../../services/models/installedModels";
import { createModelDownloads } from "../../services/models/modelDownloads";
import type { ModelIdentities } from "../../services/models/modelIdentity";
import { ModelLibrary } from "../../services/models/modelLibrary";
import { placesHere } from "../../services/models/modelPlaces";
import { whyPartsDoNotFitInThread } from "../../services/models/modelsThread";
import type { Network } from "../../services/network/network";
import type { AirGapParts } from "./airGapKit";

/** What the library takes from the editor. */
export interface ModelLibraryEnvironment {
  readonly context: vscode.ExtensionContext;
  readonly settings: () => Settings;
  /** What does a role's work in place of the model of the settings; undefined where nothing stands in. */
  readonly standIn: (role: ModelRole) => string | undefined;
  /** Sets a role's model in the settings. */
  readonly use: (role: ModelRole, path: string) => Promise<void>;
  readonly network: Network;
  /** Told of every hash, so that a model that was checked when it came is known when it is loaded. */
  readonly identities: ModelIdentities;
  readonly log: Log;
}

/** The library, and what carrying models to another machine needs of it. */
export interface Models {
  readonly library: ModelLibrary;
  readonly kit: AirGapParts;
}

/** The library with its files in the editor's storage. Reads the catalog, and nothing else, by itself. */
export function createModels({ context, settings, standIn, use, network, identities, log }: ModelLibraryEnvironment): Models {
  const storage = context.globalStorageUri.fsPath;
  // As it stands when the window opens: what is under way must not lose its place.
  const folder = settings().modelsFolder === "" ? path.join(storage, "models") : settings().modelsFolder;
  const catalog = readCatalog(context.extensionUri.fsPath);
  if (catalog.problem !== undefined) log.error(catalog.problem);
  const wait = createWait({ setTimeout, clearTimeout: (timer) => { clearTimeout(timer as ReturnType<typeof setTimeout>); } });
  const installed = createInstalledModels({ listFile: path.join(storage, "installed.json"), modelsFolder: folder, identities, clock: Date.now });
  const workerPath = vscode.Uri.joinPath(context.extensionUri, "dist", "modelsWorker.js").fsPath;
  const whyPartsDoNotFit: DownloadParts["whyPartsDoNotFit"] = (files, count, signal) => whyPartsDoNotFitInThread(workerPath, files, count, signal);
  const library = new ModelLibrary({
    catalog: catalog.models,
    folder,
    places: () => placesHere(settings().modelsSearchFolders),
    installed,
    mirror: () => (settings().modelsMirror === "" ? undefined : settings().modelsMirror),
    downloads: createModelDownloads({ gate: network.gate, transport: network.transport, wait, now: () => performance.now(), clock: Date.now, random: Math.random, log, whyPartsDoNotFit }, folder),
    workerPath,
    inUse: () => ({ completion: settings().completionModel, chat: settings().chatModel, embedding: settings().embeddingModel }),
    standIn,
    use,
    contextSizes: () => ({ completion: settings().engineContextSize, chat: Math.max(settings().engineContextSize, 4_096) }),
    offlineOnly: () => settings().offlineOnly,
    log,
  });
  return { library, kit: { installed, library, catalog: catalog.models, catalogFile: vscode.Uri.joinPath(context.extensionUri, "models", "catalog.json").fsPath, modelsFolder: folder } };
}
