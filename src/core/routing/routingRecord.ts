import type { RoutingDecision } from "./calibration";
import type { AnswerCounts } from "./keptLocal";

/** What routing remembers: numbers only, never a word of a question, an answer or a file. */
export interface RoutingRecord {
  /** Oldest first. */
  readonly decisions: readonly RoutingDecision[];
  readonly counts: AnswerCounts;
}

/** Decisions kept: older ones say less about what somebody wants today. */
export const MOST_DECISIONS = 400;

export const NOTHING_ROUTED: RoutingRecord = { decisions: [], counts: { answers: 0, left: 0 } };

/** Adds a decision; the oldest makes room. Unsureness is kept to three places. */
export function withDecision(record: RoutingRecord, { unsure, asked }: RoutingDecision): RoutingRecord {
  const rounded = { unsure: Math.round(unsure * 1_000) / 1_000, asked };
  return { ...record, decisions: [...record.decisions, rounded].slice(-MOST_DECISIONS) };
}

/** One more answer. */
export function withAnswer(record: RoutingRecord): RoutingRecord {
  return { ...record, counts: { ...record.counts, answers: record.counts.answers + 1 } };
}

/** A request left about one of the answers. */
export function withLeft(record: RoutingRecord): RoutingRecord {
  const { answers, left } = record.counts;
  return { ...record, counts: { answers, left: Math.min(answers, left + 1) } };
}

/** Where the record is kept. Implemented by `services/store/routingStore.ts`. */
export interface RoutingStore {
  record(): RoutingRecord;
  /** Replaces the record; it reaches the disk soon after. */
  change(record: RoutingRecord): void;
}
