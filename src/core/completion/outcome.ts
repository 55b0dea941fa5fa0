import type { NothingReason } from "./trigger";

/** Who spoke: the person's own code, the model, or both with the same first line. */
export type Voice = "recall" | "model" | "both";

/** Counts of one request, from the engine's own meter; zeros where the engine was not asked. */
export interface RequestCounts {
  readonly promptTokens: number;
  readonly evaluatedTokens: number;
  /** Tokens evaluated to score recall's texts, beside the prompt's. */
  readonly draftTokens: number;
  readonly generatedTokens: number;
  /** Milliseconds from the request to the first token; null where none was generated. */
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
}

/** Counts of a request that never reached the engine. */
export const NO_COUNTS: RequestCounts = { promptTokens: 0, evaluatedTokens: 0, draftTokens: 0, generatedTokens: 0, firstTokenMs: null, totalMs: 0 };

/** Something to show. `held`: what was shown before still holds, and nobody was asked. */
export interface ShownOutcome {
  readonly outcome: "shown";
  readonly voice: Voice;
  readonly held: boolean;
  readonly text: string;
  readonly confidence: number;
  readonly counts: RequestCounts;
  readonly leftOut: readonly string[];
}

/** What became of one request. Exactly one of these ends each key press; exceptions are for bugs. */
export type Outcome =
  | ShownOutcome
  | { readonly outcome: "nothing"; readonly reason: NothingReason; readonly detail?: string; readonly counts: RequestCounts }
  | { readonly outcome: "cancelled"; readonly counts: RequestCounts }
  | { readonly outcome: "failed"; readonly cause: string; readonly counts: RequestCounts };

/** What the model's verdict changed about a text that recall was shown with; `waits`: a surer text comes with the next key. */
export type FollowUpChange = "extended" | "confirmed" | "kept" | "waits" | "doubted";

/** How the model's work on a place ended at which recall was already shown. */
export type FollowUp =
  | { readonly followUp: FollowUpChange; readonly shown: ShownOutcome }
  | { readonly followUp: "cancelled"; readonly counts: RequestCounts }
  | { readonly followUp: "failed"; readonly cause: string };

/** One line for the log: counts and reasons, never code. */
export function describeOutcome(outcome: Outcome): string {
  const counts = describeCounts(outcome.counts);
  switch (outcome.outcome) {
    case "shown": return `shown by ${outcome.voice}${outcome.held ? " (held)" : ""}, ${String(outcome.text.length)} characters, confidence ${outcome.confidence.toFixed(2)} (${counts})`;
    case "nothing": return `nothing: ${outcome.reason}${outcome.detail === undefined ? "" : ` (${outcome.detail})`} (${counts})`;
    case "cancelled": return `cancelled (${counts})`;
    case "failed": return `failed: ${outcome.cause} (${counts})`;
  }
}

/** The same of a follow-up. */
export function describeFollowUp(followUp: FollowUp): string {
  switch (followUp.followUp) {
    case "cancelled": return `follow-up cancelled (${describeCounts(followUp.counts)})`;
    case "failed": return `follow-up failed: ${followUp.cause}`;
    default: return `follow-up: ${followUp.followUp}; ${describeOutcome(followUp.shown)}`;
  }
}

function describeCounts({ promptTokens, evaluatedTokens, draftTokens, generatedTokens, totalMs }: RequestCounts): string {
  return `prompt ${String(promptTokens)}, evaluated ${String(evaluatedTokens)}, drafts ${String(draftTokens)}, generated ${String(generatedTokens)}, ${totalMs.toFixed(0)} ms`;
}

const WHY_NOTHING: Readonly<Record<NothingReason, string>> = {
  excluded: "this file is excluded",
  middleOfWord: "the cursor stands inside a word",
  textAfterCursor: "text follows on this line",
  lineTooLong: "this line is very long",
  notReady: "the model was still loading",
  unsure: "nobody was sure enough",
  noMatch: "nothing in your code goes on like this",
  blank: "the model suggested only white space",
  repeatsSuffix: "the suggestion repeated what follows",
  nothingGenerated: "the model suggested nothing",
  hiddenCharacters: "the suggestion held hidden characters",
};

const SPEAKER: Readonly<Record<Voice, string>> = { recall: "your own code", model: "the model", both: "your own code and the model" };

/** One sentence for the person who wonders why ghost text appeared or did not, and from whom. */
export function explainOutcome(outcome: Outcome): string {
  const { evaluatedTokens, draftTokens, totalMs } = outcome.counts;
  const cost = `${String(evaluatedTokens + draftTokens)} tokens evaluated, ${totalMs.toFixed(0)} ms`;
  switch (outcome.outcome) {
    case "shown":
      if (outcome.held) return `Last request: what was shown from ${SPEAKER[outcome.voice]} still held, nothing was evaluated.`;
      return `Last request: shown from ${SPEAKER[outcome.voice]}, ${percent(outcome.confidence)} sure (${cost}).`;
    case "nothing": return `Last request: nothing shown, because ${WHY_NOTHING[outcome.reason]}${outcome.detail === undefined ? "" : ` (${outcome.detail})`}${evaluatedTokens === 0 ? "" : ` (${cost})`}.`;
    case "cancelled": return `Last request: overtaken by further typing (${cost}).`;
    case "failed": return `Last request: failed, ${outcome.cause}.`;
  }
}

const WHAT_CHANGED: Readonly<Record<FollowUpChange, string>> = {
  extended: "the model made it longer",
  confirmed: "the model agrees",
  kept: "the model says nothing against it",
  waits: "the model prefers another text, which comes with the next key",
  doubted: "the model doubts it",
};

/** The same once the model has spoken about a text that was already shown; undefined where it did not. */
export function explainFollowUp(followUp: FollowUp): string | undefined {
  if (followUp.followUp === "cancelled" || followUp.followUp === "failed") return undefined;
  const { voice, confidence } = followUp.shown;
  return `Last request: shown from ${SPEAKER[voice]}, ${percent(confidence)} sure; ${WHAT_CHANGED[followUp.followUp]}.`;
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(0)} %`;
}
