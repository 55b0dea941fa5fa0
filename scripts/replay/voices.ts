import { existsSync } from "node:fs";
import path from "node:path";
import { BadInputError, type CommonOptions } from "../../src/cli/arguments";
import { completionPorts, EXTENSION_FOLDER, openKnowledge, outlineForHead, startEngine, type EngineSession } from "../../src/cli/session";
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

export interface VoiceInWorkspace {
  readonly engines: Engines;
  /** The pipeline's ports for one case. */
  ports(replayCase: ReplayCase, signal: AbortSignal): Promise<CompletionPorts>;
  /** After an answer: brings a dead engine back and says whether that was needed. */
  revive(): Promise<boolean>;
  dispose(): void;
}

/** The one place that knows which voices there are. Throws `PlainError` for one that this version does not have. */
export function createVoice(name: EngineName, model: string | undefined, signal: AbortSignal): Promise<Voice> {
  switch (name) {
    case "model": return modelVoice(model, signal);
    case "recall":
    case "both": throw new PlainError(`--engine ${name}: this version has no recall yet; --engine model works`);
  }
}

async function modelVoice(model: string | undefined, signal: AbortSignal): Promise<Voice> {
  const options: CommonOptions = { workspace: undefined, model, engine: "model", threshold: 0, json: false, verbose: false };
  const session = await startBuiltEngine(options, signal);
  return {
    name: "model",
    words: session.model.name,
    async open(workspace) {
      const knowledge = openKnowledge({ ...options, workspace });
      return {
        engines: "model",
        async ports(replayCase, caseSignal) {
          const outline = await outlineForHead(session, knowledge, replayCase.path, replayCase.before + replayCase.after, caseSignal);
          return completionPorts(session, knowledge, { fresh: () => true, standsIn: true, outline });
        },
        async revive() {
          if (session.supervisor.loaded("completion") !== undefined) return false;
          await session.ready();
          return true;
        },
        dispose: () => { knowledge.dispose(); },
      };
    },
    dispose: () => { session.dispose(); },
  };
}

/** The engine process and the index worker run as they are built; what the caller got wrong is said in one line. */
async function startBuiltEngine(options: CommonOptions, signal: AbortSignal): Promise<EngineSession> {
  const missing = ["engine.mjs", "indexWorker.js"].find((file) => !existsSync(path.join(EXTENSION_FOLDER, "dist", file)));
  if (missing !== undefined) throw new PlainError(`dist/${missing} is missing: npm run build`);
  try {
    return await startEngine(options, "completion", signal);
  } catch (error) {
    throw error instanceof BadInputError ? new PlainError(error.message) : error;
  }
}
