/**
 * What crosses the pipe between the extension host (or the command line) and the engine process.
 * Plain data only. Both sides check `PROTOCOL_VERSION` in the first message.
 */

import type { ComputeBackend, LoadChoices, Placement } from "./loadOptions";

/** Raised with every change of a message's shape. A host and an engine of different versions refuse each other. */
export const PROTOCOL_VERSION = 5;

/** Exit code of an engine process whose library could not be started: the runtime is at fault, not a model. */
export const EXIT_LIBRARY_FAILED = 70;

/** Names of the JSON-RPC methods; the parameter and result types stand below under the same names. */
export const EngineMethod = {
  hello: "hello",
  load: "load",
  unload: "unload",
  complete: "complete",
  chat: "chat",
  compare: "compare",
  memory: "memory",
  measure: "measure",
} as const;

/** Notifications from the engine. */
export const EngineNotification = {
  chatDelta: "chatDelta",
  measureProgress: "measureProgress",
  log: "log",
  /** An evaluation on a GPU takes longer than its limit: the process is of no use any more, and cannot always end itself. */
  evaluationHangs: "evaluationHangs",
} as const;

/** What a model is loaded for: ghost text, answers, or comparing texts by meaning. */
export type ModelRole = "completion" | "chat" | "embedding";
/** The roles whose models write. */
export type WritingRole = Exclude<ModelRole, "embedding">;

export interface HelloParams {
  readonly protocolVersion: number;
  /** Threads for evaluation, at least 1: the library starts with them while the host still looks for its model. */
  readonly threads: number;
  /** What the library computes on; absent for the processor alone. One that does not start is replaced by the processor. */
  readonly backend?: ComputeBackend;
  /** Milliseconds that one evaluation of a model whose layers are all on a GPU may take; absent: as long as it likes. */
  readonly evaluationLimitMs?: number;
}
export interface HelloResult {
  readonly protocolVersion: number;
  readonly processId: number;
  readonly runtime: string;
}

export interface LoadParams extends LoadChoices {
  readonly role: ModelRole;
  /** Absolute path of a GGUF file. */
  readonly path: string;
  /** Tokens the context holds, cut to what the model was trained for; `auto` takes what suits the role and fits. */
  readonly contextSize: number | "auto";
  /** Threads used for evaluation, at least 1. */
  readonly threads: number;
}

/** Why a model file was not loaded. Each has its own words for the user in `core/engine/engineState.ts`. */
export type LoadFailureCode =
  | "missing"
  | "unreadable"
  | "notGguf"
  | "truncated"
  | "damaged"
  | "unsupportedArchitecture"
  | "unknownFamily"
  | "notEmbedding"
  | "noVocabulary"
  | "insufficientMemory"
  | "adapterRefused"
  | "libraryRefused";

export interface LoadedModelInfo {
  readonly role: ModelRole;
  readonly path: string;
  /** Family of the prompt format: an id of `core/models/fimFamilies.ts`, `core/models/chatFamilies.ts` or `core/models/embeddingFamilies.ts`. */
  readonly family: string;
  readonly name: string;
  readonly contextSize: number;
  /** Whether prompts of this model have room for other files' text before the current file. */
  readonly usesHead: boolean;
  readonly vocabularySize: number;
  readonly sizeBytes: number;
  readonly loadMs: number;
  readonly placement: Placement;
  /** Sentences about what is not as it was wished or will be slow; empty as a rule. */
  readonly notes: readonly string[];
}
export type LoadResult =
  | { readonly outcome: "loaded"; readonly model: LoadedModelInfo }
  /** `attempted` says what did not fit, where it was tried or reckoned. */
  | { readonly outcome: "failed"; readonly code: LoadFailureCode; readonly detail: string; readonly attempted?: { readonly gpuLayers: number; readonly contextSize: number } }
  /** The host wanted something else before it was done. */
  | { readonly outcome: "cancelled" };

export interface UnloadParams {
  readonly role: ModelRole;
}

/** One file's text that stands before the current file in the prompt. `text` is already cut to lines. */
export interface PromptChunk {
  readonly path: string;
  readonly text: string;
}

/** What the core decided to put before the model; the engine turns it into tokens by the model's family. */
export interface CompletionPlan {
  /** Relative path of the file, as the model sees it. */
  readonly path: string;
  /** Stable head: changes only when the person rests. */
  readonly head: readonly PromptChunk[];
  /** File text from the window's start up to the anchor (the start of a line). */
  readonly prefix: string;
  /** Text from the anchor to the cursor. */
  readonly typed: string;
  /** Pinned text after the cursor. */
  readonly suffix: string;
}

export interface CompleteParams {
  readonly plan: CompletionPlan;
  /** Identifies the document; another one may start with a fresh cache in tests (`fresh`). */
  readonly fresh: boolean;
  readonly limits: CompletionLimits;
  /** Texts proposed for the rest of the current line, without a line break, to be scored; at most `MOST_DRAFTS`. */
  readonly drafts: readonly string[];
}

/** Drafts that one request may carry; further ones are not scored. */
export const MOST_DRAFTS = 5;

export interface CompletionLimits {
  /** Tokens generated at most. */
  readonly maxTokens: number;
  /** Lines generated at most; 1 ends at the first line break. */
  readonly maxLines: number;
  /** Generation stops once the running product of token probabilities falls under this. 0 turns it off. */
  readonly threshold: number;
  /** Milliseconds of generation after the first token. */
  readonly timeBudgetMs: number;
  /** Judging a draft stops once its running product of token probabilities falls under this. 0 judges whole drafts. */
  readonly leastDraft: number;
}

export interface GeneratedToken {
  readonly text: string;
  /** Probability the model gave this token, 0 to 1. */
  readonly probability: number;
}

/** Why generation ended. `unsure`: the next token would have fallen under the threshold. */
export type StopReason = "endOfText" | "lineLimit" | "tokenLimit" | "unsure" | "timeBudget" | "suffixReached" | "blockEnd" | "cancelled";

export interface CompletionCounts {
  /** Tokens of the whole prompt. */
  readonly promptTokens: number;
  /** Prompt tokens evaluated for this request: what the cache did not hold. */
  readonly evaluatedTokens: number;
  readonly generatedTokens: number;
  /** Milliseconds from the request's arrival in the engine to the first token; null when none came. */
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
}

/** What the model thinks of a draft. */
export interface DraftScore {
  /** The likeliest way to write the draft, as far as it was judged, with the probability of each token after what stands before it. */
  readonly tokens: readonly GeneratedToken[];
  /** Probability that the line ends after those tokens; 1 where the last of them holds the line break, or was the last that was judged. */
  readonly endProbability: number;
  /**
   * Probability that the rest of the line is the draft, by whatever tokens: at least the product of the others. Where
   * judging stopped early, an upper bound, too high by less than `leastDraft`.
   */
  readonly lineProbability: number;
}

export interface CompleteResult extends CompletionCounts {
  /** One for each draft, in order; null for a draft that is blank or longer than `maxTokens`. Empty where the request was cancelled before all were scored. */
  readonly drafts: readonly (DraftScore | null)[];
  /** Tokens evaluated for the drafts, beside the prompt's. */
  readonly draftTokens: number;
  /** Generated tokens that a draft's evaluation had already verified: they cost no step of their own. */
  readonly verifiedTokens: number;
  readonly tokens: readonly GeneratedToken[];
  readonly stop: StopReason;
  /** Probability of the end-of-text token where generation ended with it; null otherwise. */
  readonly endProbability: number | null;
  /** What did not fit the context and was left out, in words: never a silent cut. */
  readonly leftOut: readonly string[];
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly text: string;
}
export interface ChatParams {
  /** Names the stream of `chatDelta` notifications. */
  readonly streamId: number;
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
}
export interface ChatDelta {
  readonly streamId: number;
  readonly text: string;
}
/** How sure the model was of the tokens it wrote, by the probability (0 to 1) it gave each. See `core/routing/certainty.ts`. */
export interface AnswerCertainty {
  /** The 10 % quantile by nearest rank: of n probabilities the ⌈n/10⌉-th smallest. */
  readonly lowQuantile: number;
  /** The least geometric mean over 8 consecutive tokens; over all of them where there are fewer. */
  readonly lowestRun: number;
  /** Tokens it was taken over; the end-of-text token is not one of them. */
  readonly tokens: number;
}
export type ChatResult =
  /** `certainty` is null where no token was written. */
  | ({ readonly outcome: "done" | "stopped"; readonly text: string; readonly certainty: AnswerCertainty | null } & CompletionCounts)
  | { readonly outcome: "tooLong"; readonly promptTokens: number; readonly contextSize: number };

export interface CompareParams {
  readonly question: string;
  /** Passages, the most promising first: those that time does not suffice for are not compared. Only the beginning of a long one counts. */
  readonly texts: readonly string[];
  /** Milliseconds of computing; a text that is under way is finished. What was computed before costs nothing. */
  readonly timeBudgetMs: number;
}
export interface CompareResult {
  /** One for each text, in order: the cosine of its vector with the question's, -1 to 1; null where it was not compared. */
  readonly similarities: readonly (number | null)[];
  /** Vectors that had to be computed, the question's included. */
  readonly computed: number;
  readonly totalMs: number;
}

export interface MeasureParams {
  readonly role: WritingRole;
  /** Names the stream of `measureProgress` notifications. */
  readonly measureId: number;
  /** Numbers of threads to measure with, at least one. */
  readonly threads: readonly number[];
  /** Milliseconds for all of it; what is measured by then counts. */
  readonly budgetMs: number;
}
export interface MeasureProgress {
  readonly measureId: number;
  /** 0 to 1. */
  readonly share: number;
}
/** What a number of threads reached, in tokens a second. */
export interface ThreadSpeed {
  readonly threads: number;
  readonly prefill: number;
  readonly decode: number;
  /** Tokens it was measured over. */
  readonly prefillTokens: number;
  readonly decodeTokens: number;
}
/** One entry for each number of threads that the budget sufficed for, in the order asked; empty where it sufficed for none. */
export type MeasureResult = { readonly outcome: "done" | "stopped"; readonly speeds: readonly ThreadSpeed[] };

export interface MemoryResult {
  readonly residentBytes: number;
}

export interface EngineLogLine {
  readonly level: "debug" | "info" | "warning" | "error";
  readonly message: string;
}
