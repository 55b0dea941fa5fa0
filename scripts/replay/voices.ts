import { existsSync } from "node:fs";
import path from "node:path";
import { BadInputError, type CommonOptions } from "../../src/cli/arguments";
import { openRecall } from "../../src/cli/recallSession";
import { completionPorts, EXTENSION_FOLDER, openKnowledge, outlineForHead, startEngine, type EngineSession } from "../../src/cli/session";
import type { Judged } from "../../src/core/completion/decide";
import type { CompletionPorts, Engines } from "../../src/core/completion/complete";
import type { ReplayCase } from "../../src/core/evaluation/replayCase";
import { PlainError } from "../project";
import type { EngineName } from "./options";

/** Somebody who answers cases: one for a whole run, opened for one workspace after another. */
export interface Voice {
  readonly name: EngineName;
  /** Words for the report: the model's name. */
  readonly words: string;
  open(workspace: string): Promise<VoiceInWorkspace>;
  dispose(): void;
}

/** Told what each judgement over both voices stood on, for fitting their weights. */
export type OnJudged = (replayCase: ReplayCase, judged: readonly Judged[]) => void;

export interface VoiceInWorkspace {
  readonly engines: Engines;
  /** The pipeline's ports for one case. */
  ports(replayCase: ReplayCase, signal: AbortSignal): Promise<CompletionPorts>;
  /** After an answer: brings a dead engine back and says whether that was needed. */
  revive(): Promise<boolean>;
  dispose(): void;
}

/** The voice of a name. Throws `PlainError` where the build or the model file is not usable. */
export async function createVoice(name: EngineName, model: string | undefined, signal: AbortSignal, onJudged?: OnJudged): Promise<Voice> {
  const options: CommonOptions = { workspace: undefined, model, engine: name, threshold: 0, json: false, verbose: false };
  const session = name === "recall" ? undefined : await startBuiltEngine(options, signal);
  return {
    name,
    words: session?.model.name ?? "no model",
    open: (workspace) => openVoice({ ...options, workspace }, session, signal, onJudged),
    dispose: () => { session?.dispose(); },
  };
}

async function openVoice(options: CommonOptions, session: EngineSession | undefined, signal: AbortSignal, onJudged: OnJudged | undefined): Promise<VoiceInWorkspace> {
  const knowledge = openKnowledge(options);
  const recall = await openRecall(options, signal);
  return {
    engines: options.engine,
    async ports(replayCase, caseSignal) {
      const text = replayCase.before + replayCase.after;
      const outline = await outlineForHead(session, knowledge, replayCase.path, text, caseSignal);
      // The workspace holds the old copy of the edited file: what stands there now is the text of the case.
      const voice = await recall?.standIn(replayCase.path, text, caseSignal);
      const ports = completionPorts(session, knowledge, { fresh: () => true, standsIn: true, outline, recall: voice });
      return onJudged ? { ...ports, onJudged: (judged) => { onJudged(replayCase, judged); } } : ports;
    },
    async revive() {
      if (!session || session.supervisor.loaded("completion") !== undefined) return false;
      await session.ready();
      return true;
    },
    dispose: () => {
      recall?.dispose();
      knowledge.dispose();
    },
  };
}

/** The engine process and the index worker run as they are built; what the caller got wrong is said in one line. */
async function startBuiltEngine(options: CommonOptions, signal: AbortSignal): Promise<EngineSession> {
  const missing = ["engine.mjs", "indexWorker.js", "recallWorker.js"].find((file) => !existsSync(path.join(EXTENSION_FOLDER, "dist", file)));
  if (missing !== undefined) throw new PlainError(`dist/${missing} is missing: npm run build`);
  try {
    return await startEngine(options, "completion", signal);
  } catch (error) {
    throw error instanceof BadInputError ? new PlainError(error.message) : error;
  }
}
