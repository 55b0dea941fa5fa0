import type { Answer, Question, QuestionContext } from "../../core/chat/answer";
import type { ComparedPlace, MeaningComparer } from "../../core/chat/meaning";
import type { ExclusionDecision } from "../../core/context/exclusions";
import type { Disposable } from "../../core/util/dispose";
import type { Log } from "../../core/util/log";
import { INDEX_PROTOCOL_VERSION, type CheckedCode, type FileOutline, type IndexLimits, type IndexStatistics, type OutlineParams, type ParseVerdict } from "../../protocol/indexWorker";
import { createIndexClient, type IndexClient } from "./indexClient";
import { createWorkspaceExclusions } from "./workspaceExclusions";

/** What one folder's code knowledge is built from. Paths are absolute. */
export interface CodeKnowledgeOptions {
  /** The workspace folder; null when none is open: then only `outline` and name rules work. */
  readonly root: string | null;
  /** `dist/indexWorker.js`. */
  readonly workerPath: string;
  /** `dist/grammars`. */
  readonly grammarsPath: string;
  /** Globs of the editor's `files.exclude` and `search.exclude` that are switched on. */
  readonly editorExcludes: readonly string[];
  /** The user's own globs, in the form of a line of `.gitignore`. */
  readonly userGlobs: readonly string[];
  /** Whether ignore files above the folder count, up to the git repository it lies in. */
  readonly readAbove: boolean;
  readonly log: Log;
  readonly limits?: Partial<IndexLimits>;
  /** Orders what words find by meaning, where a model for it is loaded. */
  readonly meaning?: MeaningComparer | undefined;
}

/**
 * What is known about the code of one workspace folder: outlines, an index of symbols, exclusions.
 * All parsing, searching and reading of files happens in a worker thread that starts with the first need.
 * Promises reject only with the signal's reason; a broken worker gives an empty value that says so.
 * Paths given may be relative to the root (with `/`) or absolute.
 */
export interface CodeKnowledge extends Disposable {
  /** Starts the index where it has not been started; resolves when the first walk has ended. */
  ready(signal: AbortSignal): Promise<IndexStatistics>;
  /** Definitions, calls and imports of a text that need not be saved. Never throws for odd text. */
  outline(file: OutlineParams, signal: AbortSignal): Promise<FileOutline>;
  /** Whether blocks of code parse; one verdict for each. `unchecked` where that cannot be said within a moment. */
  checkCode(blocks: readonly CheckedCode[], signal: AbortSignal): Promise<readonly ParseVerdict[]>;
  /** Lines that help to answer, best first, within `budgetTokens` (estimated). Reads the newest text known. */
  contextFor(question: Question, budgetTokens: number, signal: AbortSignal): Promise<QuestionContext>;
  /** An answer without a model, exact as far as the index reaches. */
  answerFromIndex(question: Question, signal: AbortSignal): Promise<Answer>;
  /** Tells of a changed file: its text in the editor, or null to read it from disk. Cheap: returns at once. */
  update(path: string, text: string | null): void;
  /** Tells of a deleted file. */
  remove(path: string): void;
  /** The one gate in front of every prompt and index: symlinks are resolved and ignore files read anew. */
  isExcluded(path: string): Promise<ExclusionDecision>;
  /** The same for a text that stands in for the file: an older copy on disk is not looked at. */
  isTextExcluded(path: string, text: string): Promise<ExclusionDecision>;
  /** The latest counts; cheap. */
  statistics(): IndexStatistics;
}

const DEFAULT_LIMITS: IndexLimits = { maximumFiles: 20_000, maximumTotalBytes: 256 * 1024 * 1024, maximumFileBytes: 1024 * 1024 };

/** Builds the knowledge of one folder. Starts nothing until it is asked. Whoever calls this disposes of it. */
export function createCodeKnowledge(options: CodeKnowledgeOptions): CodeKnowledge {
  const exclusions = createWorkspaceExclusions({ ...options, recheck: true });
  const client = createIndexClient({
    workerPath: options.workerPath,
    grammarsPath: options.grammarsPath,
    log: options.log,
    open: {
      protocolVersion: INDEX_PROTOCOL_VERSION,
      root: options.root,
      editorExcludes: options.editorExcludes,
      userGlobs: options.userGlobs,
      readAbove: options.readAbove,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
    },
  });
  return {
    ready: (signal) => client.ready(signal),
    outline: (file, signal) => outlineOf(client, file, signal),
    checkCode: (blocks, signal) => checkCode(client, blocks, signal),
    contextFor: (question, budgetTokens, signal) => contextFor(client, options.meaning, question, budgetTokens, signal),
    answerFromIndex: (question, signal) => answerFor(client, options.meaning, question, signal),
    update: (path, text) => client.tell("update", { path, text }),
    remove: (path) => client.tell("remove", { path }),
    isExcluded: (path) => exclusions.decide(path),
    isTextExcluded: (path, text) => exclusions.decideText(path, text),
    statistics: () => client.statistics(),
    dispose: () => client.dispose(),
  };
}

async function outlineOf(client: IndexClient, file: OutlineParams, signal: AbortSignal): Promise<FileOutline> {
  const reply = await client.call("outline", file, signal);
  if (reply.outcome === "done") return reply.result;
  return { path: file.path, language: "", method: "none", note: reply.reason, lineCount: 0, definitions: [], calls: [], imports: [] };
}

async function checkCode(client: IndexClient, blocks: readonly CheckedCode[], signal: AbortSignal): Promise<readonly ParseVerdict[]> {
  if (blocks.length === 0) return [];
  const reply = await client.call("checkCode", { blocks }, signal);
  return reply.outcome === "done" ? reply.result : blocks.map(() => "unchecked");
}

async function contextFor(client: IndexClient, meaning: MeaningComparer | undefined, question: Question, budgetTokens: number, signal: AbortSignal): Promise<QuestionContext> {
  const reply = await client.call("context", { question, budgetTokens, compared: await comparedPlaces(client, meaning, question, signal) }, signal);
  return reply.outcome === "done" ? reply.result : { sources: [], leftOut: [{ file: "", reason: reply.reason }] };
}

async function answerFor(client: IndexClient, meaning: MeaningComparer | undefined, question: Question, signal: AbortSignal): Promise<Answer> {
  const reply = await client.call("answer", { question, compared: await comparedPlaces(client, meaning, question, signal) }, signal);
  if (reply.outcome === "done") return reply.result;
  return { text: `The code index is not available: ${reply.reason}.`, kind: "index", sources: [], leftOut: [{ file: "", reason: reply.reason }] };
}

/** Places that an embedding model has compared with the question; none without a model, or where words suffice. */
async function comparedPlaces(client: IndexClient, meaning: MeaningComparer | undefined, question: Question, signal: AbortSignal): Promise<readonly ComparedPlace[]> {
  if (meaning?.available() !== true) return [];
  const reply = await client.call("places", { question }, signal);
  if (reply.outcome !== "done" || reply.result.length === 0) return [];
  const similarities = await meaning.compare(question.text, reply.result.map(({ text }) => text), signal);
  signal.throwIfAborted();
  return reply.result.flatMap(({ file, line }, at) => {
    const similarity = similarities[at] ?? null;
    return similarity === null ? [] : [{ file, line, similarity }];
  });
}
