/**
 * What crosses between a host thread (extension host or command line) and the index worker thread.
 * Plain data only, copied by structured clone. The version is checked in the first message (`open`).
 */

import type { FromWorker, ToWorker, WorkerRequest } from "./workerMessages";

/** Raised with every change of a message's shape. */
export const INDEX_PROTOCOL_VERSION = 3;

/** Languages parsed by tree-sitter; every other file gets a line-based outline. */
export type LanguageName = "typescript" | "tsx" | "javascript" | "python" | "go" | "rust" | "java" | "c" | "cpp" | "csharp";

export type DefinitionKind =
  | "function"
  | "method"
  | "class"
  | "interface"
  | "type"
  | "enum"
  | "constant"
  | "variable"
  | "field"
  | "module"
  | "macro"
  | "section";

/** One named thing a file defines. Lines are 1-based and inclusive. */
export interface Definition {
  readonly name: string;
  readonly kind: DefinitionKind;
  readonly startLine: number;
  readonly endLine: number;
  /** The declaration without its body, at most a few lines, white space as in the file. */
  readonly signature: string;
  /** The comment before it (or the docstring in it) without comment marks; empty when there is none. */
  readonly documentation: string;
  /** First line of that comment where it stands before the definition, else `startLine`. */
  readonly documentationLine: number;
  /** Name of the enclosing definition, dotted from the outside in; empty at the top level. */
  readonly container: string;
}

/** A place where something is called or constructed. `line` is 1-based. */
export interface CallSite {
  readonly name: string;
  readonly line: number;
}

/** An import, include or use: the module as written, without quotes. */
export interface ImportSite {
  readonly module: string;
  readonly line: number;
  /** Names it brings in, as far as the statement tells. */
  readonly names: readonly string[];
}

/** How an outline came about. `none`: nothing could be read; `note` says why. */
export type OutlineMethod = "tree-sitter" | "lines" | "none";

export interface FileOutline {
  readonly path: string;
  /** A `LanguageName`, or another word for the language (`markdown`), or empty. */
  readonly language: string;
  readonly method: OutlineMethod;
  /** Why it is not a full parse: `over 1 MB`, `took over 200 ms`, ...; empty when it is one. */
  readonly note: string;
  readonly lineCount: number;
  /** In order of `startLine`, outer before inner. */
  readonly definitions: readonly Definition[];
  readonly calls: readonly CallSite[];
  readonly imports: readonly ImportSite[];
}

/** Caps of one index. What they leave out is counted in `IndexStatistics`. */
export interface IndexLimits {
  readonly maximumFiles: number;
  readonly maximumTotalBytes: number;
  readonly maximumFileBytes: number;
}

export type IndexState = "idle" | "indexing" | "ready" | "failed";

/** Counts only: may be logged. */
export interface IndexStatistics {
  readonly state: IndexState;
  readonly files: number;
  readonly definitions: number;
  readonly bytes: number;
  /** Milliseconds of the first walk so far, or whole when ready. */
  readonly elapsedMs: number;
  /** Files and folders not indexed, by reason, with how many. */
  readonly excluded: Readonly<Record<string, number>>;
  /** Files that only the caps kept out; never silent, also told in answers. */
  readonly overLimit: number;
  /** A sentence when something went wrong or was capped; empty otherwise. */
  readonly note: string;
}

export interface OpenParams {
  readonly protocolVersion: number;
  /** Absolute path of the workspace folder; null when none is open. */
  readonly root: string | null;
  readonly editorExcludes: readonly string[];
  readonly userGlobs: readonly string[];
  /** Whether ignore files above the folder count, up to the git repository it lies in. */
  readonly readAbove: boolean;
  readonly limits: IndexLimits;
}
export interface OutlineParams {
  readonly path: string;
  readonly text: string;
  /** The editor's language id, when the extension does not tell. */
  readonly languageId?: string;
}
/** A fenced block of an answer, in the language its tag names. */
export interface CheckedCode {
  readonly tag: string;
  readonly code: string;
}
/** What parsing a block said. `unchecked`: no grammar for the tag, too long, or out of time. */
export type ParseVerdict = "parses" | "broken" | "unchecked";
export interface UpdateParams {
  readonly path: string;
  /** The text as it is in the editor; null: read it from disk. */
  readonly text: string | null;
}

/** The shapes of `core/chat/answer.ts`, said again because a protocol imports nothing. */
export interface QuestionData {
  readonly text: string;
  readonly focus?: {
    readonly file: string;
    readonly line: number;
    readonly selection?: { readonly startLine: number; readonly endLine: number };
  };
}
export interface SourceData {
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly tokens: number;
}
export interface LeftOutData {
  readonly file: string;
  readonly reason: string;
}
export interface ContextData {
  readonly sources: readonly (SourceData & { readonly text: string })[];
  readonly leftOut: readonly LeftOutData[];
}
export interface AnswerData {
  readonly text: string;
  readonly kind: "index" | "model";
  readonly sources: readonly SourceData[];
  readonly leftOut: readonly LeftOutData[];
  readonly nothingFound?: true;
}

/** The shapes of `core/chat/placesToCompare.ts` and `core/chat/meaning.ts`. */
export interface PlaceTextData {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}
export interface ComparedPlaceData {
  readonly file: string;
  readonly line: number;
  readonly similarity: number;
}

/** Every request by name, with its parameters and result. */
export type IndexMethods = {
  /** Starts the index; answers when the first walk has ended. */
  readonly open: { readonly params: OpenParams; readonly result: IndexStatistics };
  readonly outline: { readonly params: OutlineParams; readonly result: FileOutline };
  /** One verdict for each block, in order. */
  readonly checkCode: { readonly params: { readonly blocks: readonly CheckedCode[] }; readonly result: readonly ParseVerdict[] };
  /** Places worth comparing with a question by meaning; none where that would not help. */
  readonly places: { readonly params: { readonly question: QuestionData }; readonly result: readonly PlaceTextData[] };
  readonly context: { readonly params: { readonly question: QuestionData; readonly budgetTokens: number; readonly compared: readonly ComparedPlaceData[] }; readonly result: ContextData };
  readonly answer: { readonly params: { readonly question: QuestionData; readonly compared: readonly ComparedPlaceData[] }; readonly result: AnswerData };
  readonly update: { readonly params: UpdateParams; readonly result: null };
  readonly remove: { readonly params: { readonly path: string }; readonly result: null };
};
export type IndexMethod = keyof IndexMethods;
export type IndexRequest = WorkerRequest<IndexMethods>;
export type ToIndexWorker = ToWorker<IndexMethods>;
export type FromIndexWorker = FromWorker<IndexMethods, IndexStatistics>;

/** `workerData` of the thread. */
export interface IndexWorkerData {
  /** Folder that holds `web-tree-sitter.wasm` and the grammars. */
  readonly grammarsPath: string;
}
