import type { NothingReason } from "./trigger";

/** Who spoke. `none` where nothing was asked. */
export type Voice = "model" | "held" | "none";

/** Counts of one request, from the engine's own meter; zeros where the engine was not asked. */
export interface RequestCounts {
  readonly promptTokens: number;
  readonly evaluatedTokens: number;
  readonly generatedTokens: number;
  /** Milliseconds from the request to the first token; null where none was generated. */
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
}

/** Counts of a request that never reached the engine. */
export const NO_COUNTS: RequestCounts = { promptTokens: 0, evaluatedTokens: 0, generatedTokens: 0, firstTokenMs: null, totalMs: 0 };

/** What became of one request. Exactly one of these ends each key press; exceptions are for bugs. */
export type Outcome =
  | { readonly outcome: "shown"; readonly voice: Voice; readonly text: string; readonly confidence: number; readonly counts: RequestCounts; readonly leftOut: readonly string[] }
  | { readonly outcome: "nothing"; readonly reason: NothingReason; readonly detail?: string; readonly counts: RequestCounts }
  | { readonly outcome: "cancelled"; readonly counts: RequestCounts }
  | { readonly outcome: "failed"; readonly cause: string; readonly counts: RequestCounts };

/** One line for the log: counts and reasons, never code. */
export function describeOutcome(outcome: Outcome): string {
  const { promptTokens, evaluatedTokens, generatedTokens, totalMs } = outcome.counts;
  const counts = `prompt ${String(promptTokens)}, evaluated ${String(evaluatedTokens)}, generated ${String(generatedTokens)}, ${totalMs.toFixed(0)} ms`;
  switch (outcome.outcome) {
    case "shown": return `shown by ${outcome.voice}, ${String(outcome.text.length)} characters, confidence ${outcome.confidence.toFixed(2)} (${counts})`;
    case "nothing": return `nothing: ${outcome.reason}${outcome.detail === undefined ? "" : ` (${outcome.detail})`} (${counts})`;
    case "cancelled": return `cancelled (${counts})`;
    case "failed": return `failed: ${outcome.cause} (${counts})`;
  }
}

const WHY_NOTHING: Readonly<Record<NothingReason, string>> = {
  excluded: "this file is excluded",
  middleOfWord: "the cursor stands inside a word",
  textAfterCursor: "text follows on this line",
  lineTooLong: "this line is very long",
  notReady: "the model was still loading",
  unsure: "the model was not sure enough",
  blank: "the model suggested only white space",
  repeatsSuffix: "the suggestion repeated what follows",
  nothingGenerated: "the model suggested nothing",
  hiddenCharacters: "the suggestion held hidden characters",
};

/** One sentence for the person who wonders why ghost text appeared or did not. */
export function explainOutcome(outcome: Outcome): string {
  const { evaluatedTokens, totalMs } = outcome.counts;
  const cost = `${String(evaluatedTokens)} tokens evaluated, ${totalMs.toFixed(0)} ms`;
  switch (outcome.outcome) {
    case "shown":
      if (outcome.voice === "held") return "Last request: what was shown still held, nothing was evaluated.";
      return `Last request: shown, ${(outcome.confidence * 100).toFixed(0)} % sure (${cost}).`;
    case "nothing": return `Last request: nothing shown, because ${WHY_NOTHING[outcome.reason]}${outcome.detail === undefined ? "" : ` (${outcome.detail})`}${evaluatedTokens === 0 ? "" : ` (${cost})`}.`;
    case "cancelled": return `Last request: overtaken by further typing (${cost}).`;
    case "failed": return `Last request: failed, ${outcome.cause}.`;
  }
}
