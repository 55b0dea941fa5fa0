import type { CompleteResult, CompletionLimits, CompletionPlan, PromptChunk } from "../../protocol/engine";
import type { RecallAnswer } from "../recall/suggestion";
import type { Judged } from "./decide";
import type { FollowUp } from "./outcome";
import type { Snapshot } from "./snapshot";
import type { TogetherWeights } from "./together";

/** What the pipeline needs of an engine. `contextSize` and `family` are undefined while no model is ready. */
export interface CompletionEngine {
  contextSize(): number | undefined;
  /** Id of the model's prompt family: its probabilities are calibrated by it. */
  family(): string | undefined;
  /** Milliseconds that ghost text may go on after its first token, as measured for the model; undefined or absent where it was not. */
  timeBudgetMs?(): number | undefined;
  /** Completes a plan and scores `drafts`, texts for the rest of the line. */
  complete(plan: CompletionPlan, limits: CompletionLimits, drafts: readonly string[], signal: AbortSignal): Promise<CompleteResult>;
}

/** Finds continuations in the person's own code, within some milliseconds; an empty answer where there are none. */
export interface RecallVoice {
  suggest(snapshot: Snapshot, signal: AbortSignal): Promise<RecallAnswer>;
}

/** Where the stable head comes from; must answer at once from what it already has. */
export interface HeadSource {
  /** `window`: lines of the current file that the prompt holds anyhow, 1-based inclusive. */
  head(snapshot: Snapshot, window: LineWindow): readonly PromptChunk[];
}

/** Lines of a file, 1-based inclusive. */
export interface LineWindow {
  readonly startLine: number;
  readonly endLine: number;
}

/** Asks the one place that knows exclusions (design §3). */
export interface ExclusionCheck {
  excludedBecause(snapshot: Snapshot): Promise<string | undefined>;
}

/** Everything the pipeline touches, put together by the editor or the command line. */
export interface CompletionPorts {
  readonly engine: CompletionEngine;
  /** Without it the model speaks alone. */
  readonly recall?: RecallVoice | undefined;
  /** How the two voices are weighed; each speaks for itself without them. */
  readonly together?: TogetherWeights | undefined;
  readonly heads: HeadSource;
  readonly exclusions: ExclusionCheck;
  /** Resolves after so many milliseconds; rejects with an abort error when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly clock: () => number;
  /** Told once what the model made of a text that recall was shown with. */
  readonly onFollowUp?: (followUp: FollowUp) => void;
  /** Told what every judgement stood on, for measurements and for fitting the weights. */
  readonly onJudged?: (judged: readonly Judged[]) => void;
}
