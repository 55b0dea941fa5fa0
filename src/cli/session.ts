import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CompletionEngine, CompletionPorts, RecallVoice } from "../core/completion/complete";
import { exitCodeWords, libraryHint } from "../core/engine/processEnd";
import type { ModelFailure } from "../core/engine/engineState";
import { silentLog, type Log } from "../core/util/log";
import { createWait } from "../core/util/wait";
import { relatedChunks } from "../core/context/relatedOutline";
import { EXIT_LIBRARY_FAILED, type LoadedModelInfo, type ModelRole } from "../protocol/engine";
import type { FileOutline } from "../protocol/indexWorker";
import { createCompletionEngine } from "../services/engine/completionEngine";
import { EngineSupervisor } from "../services/engine/engineSupervisor";
import { automaticThreads } from "../services/engine/threads";
import { createCodeKnowledge, type CodeKnowledge } from "../services/index/codeKnowledge";
import { findStarterModel } from "../services/models/starterModel";
import { readTogether } from "../services/models/togetherFile";
import { BadInputError, type CommonOptions } from "./arguments";
import { writeError } from "./output";

/** The folder that holds `dist`, `models` and `media`, wherever this bundle was put. Scripts run this file from its source, one folder deeper. */
export const EXTENSION_FOLDER = resolve(__dirname, __dirname.endsWith(join("src", "cli")) ? "../.." : "..");

const CONTEXT_SIZE = 2_048;
/** Characters of the head, as in the editor. */
const HEAD_CHARACTERS = 3_000;
const CHAT_CONTEXT_SIZE = 4_096;

/** One engine process for one command, ended with it. */
export interface EngineSession {
  readonly supervisor: EngineSupervisor;
  readonly model: LoadedModelInfo;
  /** Resolves when the model is loaded again after a crash; rejects when the engine stays away. */
  ready(): Promise<void>;
  dispose(): void;
}

/** Starts an engine with the named model, or the starter. Throws `BadInputError` when the file cannot be used. */
export async function startEngine(options: CommonOptions, role: ModelRole, signal: AbortSignal): Promise<EngineSession> {
  const path = options.model === undefined ? await starterPath(signal) : resolve(options.model);
  const supervisor = new EngineSupervisor({
    entry: join(EXTENSION_FOLDER, "dist", "engine.mjs"),
    runtime: "editor",
    threads: automaticThreads(),
    memory: { lastDied: () => undefined, remember: () => undefined },
    log: logFor(options),
    clock: () => performance.now(),
    wait: (milliseconds) => createWait(timers)(milliseconds, signal),
  });
  const failures: ModelFailure[] = [];
  supervisor.onModelFailure.on((failure) => failures.push(failure));
  const use = (): Promise<void> => supervisor.use(role, { path, contextSize: role === "chat" ? CHAT_CONTEXT_SIZE : CONTEXT_SIZE });
  await use();
  const model = supervisor.loaded(role);
  if (model) return { supervisor, model, ready: () => readyAgain(supervisor, role, path, use), dispose: () => { supervisor.dispose(); } };
  const { state } = supervisor;
  supervisor.dispose();
  const [failure] = failures;
  if (failure) throw new BadInputError(`${path}: ${failure.detail}`);
  if (state.state === "restarting" && state.cause === exitCodeWords(EXIT_LIBRARY_FAILED)) throw new Error(`the engine did not start: ${state.cause}. ${libraryHint(process.platform)}`);
  if (state.state === "restarting") throw new BadInputError(`${path}: the engine process ended while it loaded this file (${state.cause})`);
  throw new Error(state.state === "failed" ? state.cause : "the engine did not start; see --verbose");
}

/** The engine for the voices that a command lets speak: none is started where recall speaks alone. */
export async function startCompletionEngine(options: CommonOptions, signal: AbortSignal): Promise<EngineSession | undefined> {
  const { problem } = readTogether(EXTENSION_FOLDER);
  if (problem !== undefined) logFor(options).error(problem);
  return options.engine === "recall" ? undefined : await startEngine(options, "completion", signal);
}

/** Does not wait for the back-off: whoever runs a batch sits and waits. Three crashes in five minutes end it all the same. */
async function readyAgain(supervisor: EngineSupervisor, role: ModelRole, path: string, use: () => Promise<void>): Promise<void> {
  if (supervisor.state.state !== "failed") await use();
  if (!supervisor.loaded(role)) throw new Error(`${path}: the engine process ended and did not come back`);
}

async function starterPath(signal: AbortSignal): Promise<string> {
  const starter = await findStarterModel(EXTENSION_FOLDER, signal);
  if (starter.path === undefined) throw new BadInputError(starter.reason);
  return starter.path;
}

/** Node's timers in the shape that the core's `createWait` needs. */
export const timers = { setTimeout, clearTimeout: (timer: unknown) => { clearTimeout(timer as NodeJS.Timeout); } };

/** Standard error with `--verbose`, nothing otherwise. */
export function logFor(options: CommonOptions): Log {
  if (!options.verbose) return silentLog;
  const write = (message: string): void => void writeError(message);
  return { debug: write, info: write, warn: write, error: write };
}

/** The code knowledge of a workspace, or of no workspace. Throws `BadInputError` for a folder that is not there. */
export function openKnowledge(options: CommonOptions): CodeKnowledge {
  return createCodeKnowledge({
    root: options.workspace === undefined ? null : requireFolder(options.workspace),
    workerPath: join(EXTENSION_FOLDER, "dist", "indexWorker.js"),
    grammarsPath: join(EXTENSION_FOLDER, "dist", "grammars"),
    editorExcludes: [],
    userGlobs: [],
    // Batches come with the promise that nothing beside the folder is looked at.
    readAbove: false,
    log: logFor(options),
  });
}

/** An absolute path of an existing folder, or `BadInputError`. */
export function requireFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw new BadInputError(`${path}: no such folder`);
  return resolve(path);
}

/** How the ports of one command differ. */
export interface PortOptions {
  readonly fresh: () => boolean;
  readonly standsIn: boolean;
  readonly outline?: FileOutline | undefined;
  /** The voice of the person's own code; without it the model speaks alone. */
  readonly recall?: RecallVoice | undefined;
}

/**
 * The completion pipeline's ports without an editor. `fresh` makes each request forget the cache first; `standsIn` says
 * that the text stands in for whatever the disk holds; `outline` is the current file's, where prompts have room for it.
 */
export function completionPorts(session: EngineSession | undefined, knowledge: CodeKnowledge, { fresh, standsIn, outline, recall }: PortOptions): CompletionPorts {
  return {
    engine: session ? createCompletionEngine(session.supervisor, fresh) : NO_ENGINE,
    recall,
    together: readTogether(EXTENSION_FOLDER).weights,
    heads: { head: (snapshot, window) => relatedChunks({ path: snapshot.path, outline, window, recent: [], budgetCharacters: HEAD_CHARACTERS }).chunks },
    exclusions: {
      excludedBecause: async (snapshot) => {
        const decision = await (standsIn ? knowledge.isTextExcluded(snapshot.path, snapshot.before + snapshot.after) : knowledge.isExcluded(snapshot.file ?? snapshot.path));
        return decision.excluded ? decision.reason : undefined;
      },
    },
    wait: createWait(timers),
    clock: () => performance.now(),
  };
}

const NO_ENGINE: CompletionEngine = { contextSize: () => undefined, family: () => undefined, complete: () => Promise.reject(new Error("no model is loaded")) };

/** The outline of a text for the head of its prompt; undefined where the model's prompts have none. */
export async function outlineForHead(session: EngineSession | undefined, knowledge: CodeKnowledge, path: string, text: string, signal: AbortSignal): Promise<FileOutline | undefined> {
  return session?.model.usesHead === true ? await knowledge.outline({ path, text }, signal) : undefined;
}
