import { join } from "node:path";
import type { RecallVoice } from "../core/completion/complete";
import { createRecallVoice, type FolderRecall } from "../services/index/recallVoice";
import type { CommonOptions } from "./arguments";
import { EXTENSION_FOLDER, logFor, requireFolder } from "./session";

/** Recall for one command. Nothing is stored, and nothing beside the folder is looked at. */
export interface RecallSession {
  /** The voice for a document that stands on disk as it is asked about. */
  readonly voice: RecallVoice;
  /** The voice for a text that stands in for whatever the disk holds under its path: no older or newer copy of it is heard. */
  standIn(path: string, text: string, signal: AbortSignal): Promise<RecallVoice>;
  dispose(): void;
}

/**
 * Recall over a command's workspace, or over the open document alone without one; undefined where the command lets the
 * model speak alone. Resolves when the index is built. Throws `BadInputError` for a folder that is not there.
 */
export async function openRecall(options: CommonOptions, signal: AbortSignal): Promise<RecallSession | undefined> {
  if (options.engine === "model") return undefined;
  const recall = folderRecall(options);
  try {
    await recall.ready(signal);
  } catch (error) {
    recall.dispose();
    throw error;
  }
  let standsIn: string | undefined;
  return {
    voice: recall,
    async standIn(path, text, caseSignal) {
      if (standsIn !== undefined && standsIn !== path) await recall.take(standsIn, null, caseSignal);
      standsIn = path;
      await recall.take(path, text, caseSignal);
      return recall;
    },
    dispose: () => { recall.dispose(); },
  };
}

function folderRecall(options: CommonOptions): FolderRecall {
  return createRecallVoice({
    root: options.workspace === undefined ? null : requireFolder(options.workspace),
    workerPath: join(EXTENSION_FOLDER, "dist", "recallWorker.js"),
    weightsPath: join(EXTENSION_FOLDER, "models", "recall", "weights.json"),
    storageFolder: null,
    version: "",
    editorExcludes: [],
    userGlobs: [],
    readAbove: false,
    openFiles: [],
    log: logFor(options),
  });
}
