import { join } from "node:path";
import type { Log } from "../core/util/log";
import { createRecallVoice, type FolderRecall } from "../services/index/recallVoice";
import { EXTENSION_FOLDER, requireFolder } from "./session";

/**
 * Recall over a workspace, or over the open document alone without one. Nothing is stored, and nothing beside the folder
 * is looked at; `ready` resolves when the index is built. Throws `BadInputError` for a folder that is not there.
 */
export function openFolderRecall(workspace: string | undefined, log: Log): FolderRecall {
  return createRecallVoice({
    root: workspace === undefined ? null : requireFolder(workspace),
    workerPath: join(EXTENSION_FOLDER, "dist", "recallWorker.js"),
    weightsPath: join(EXTENSION_FOLDER, "models", "recall", "weights.json"),
    storageFolder: null,
    version: "",
    editorExcludes: [],
    userGlobs: [],
    readAbove: false,
    openFiles: [],
    log,
  });
}
