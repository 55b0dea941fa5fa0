import type { Outcome, Voice } from "../core/completion/outcome";

/** One answer of `complete` as the command line prints it; other tools rely on the names. */
export interface CompletionRecord {
  readonly text: string;
  readonly outcome: "shown" | "nothing";
  readonly reason: string;
  /** Who spoke: the person's own code, the model, both alike, or nobody. */
  readonly engine: Voice | "none";
  /** Name of the model that was there; empty with `--engine recall`. */
  readonly model: string;
  readonly promptTokens: number;
  readonly evaluatedTokens: number;
  /** Tokens evaluated to score recall's texts. */
  readonly draftTokens: number;
  readonly generatedTokens: number;
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
  /** Probability that the first line shown is right, 0 where nothing is shown. */
  readonly confidence: number;
}

/** Puts an outcome into the record's form. A failure is `nothing` with its cause as the reason. */
export function completionRecord(outcome: Outcome, model: string): CompletionRecord {
  const counts = { ...outcome.counts, firstTokenMs: rounded(outcome.counts.firstTokenMs), totalMs: rounded(outcome.counts.totalMs) ?? 0 };
  if (outcome.outcome === "shown") {
    return { text: outcome.text, outcome: "shown", reason: outcome.leftOut.length === 0 ? "" : `left out: ${outcome.leftOut.join("; ")}`, engine: outcome.voice, model, ...counts, confidence: outcome.confidence };
  }
  return { text: "", outcome: "nothing", reason: reasonOf(outcome), engine: counts.promptTokens > 0 ? "model" : "none", model, ...counts, confidence: 0 };
}

function reasonOf(outcome: Exclude<Outcome, { outcome: "shown" }>): string {
  switch (outcome.outcome) {
    case "nothing": return outcome.detail === undefined ? outcome.reason : `${outcome.reason}: ${outcome.detail}`;
    case "cancelled": return "cancelled";
    case "failed": return `failed: ${outcome.cause}`;
  }
}

/** Milliseconds to a hundredth. */
export function rounded(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds * 100) / 100;
}
