import type { CompleteResult, CompletionPlan, CompletionLimits, PromptChunk } from "../../protocol/engine";
import { isAbortError } from "../util/abort";
import { linesToGenerate } from "./block";
import { remainingSuggestion, rememberShown, type ShownSuggestion } from "./held";
import { NO_COUNTS, type Outcome, type RequestCounts } from "./outcome";
import type { Snapshot } from "./snapshot";
import { decideTrigger } from "./trigger";
import { trimSuggestion } from "./trim";
import { planWindow, windowSizeFor, withHead, type WindowState } from "./window";

/** What the pipeline needs of an engine. `contextSize` and `family` are undefined while no model is ready. */
export interface CompletionEngine {
  contextSize(): number | undefined;
  /** Id of the model's prompt family: its probabilities are calibrated by it. */
  family(): string | undefined;
  /** Completes a plan and scores `drafts`, texts for the rest of the line. */
  complete(plan: CompletionPlan, limits: CompletionLimits, drafts: readonly string[], signal: AbortSignal): Promise<CompleteResult>;
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
  readonly heads: HeadSource;
  readonly exclusions: ExclusionCheck;
  /** Resolves after so many milliseconds; rejects with an abort error when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly clock: () => number;
}

export interface CompletionOptions {
  readonly explicit: boolean;
  /** Least probability shown; 0 turns the gate off. */
  readonly threshold: number;
}

/** Memory of one document between requests. */
export interface CompletionMemory {
  shown: ShownSuggestion | undefined;
  window: WindowState | undefined;
  head: readonly PromptChunk[];
}

/** A memory that knows nothing: an answer from it depends on the snapshot alone. */
export function freshMemory(): CompletionMemory {
  return { shown: undefined, window: undefined, head: [] };
}

/**
 * Milliseconds an automatic request waits for the next key. A key costs one or two tokens, so the wait only spares the
 * engine the middle of a burst (peers wait 75-350 ms because each of their requests costs hundreds of tokens).
 */
export const DEBOUNCE_MS = 20;

const MOST_TOKENS_A_LINE = 48;
const MOST_TOKENS = 160;
/** Milliseconds of generation after the first token. */
const TIME_BUDGET_MS = 1_500;
/** A draft that the model gives less than this is as good as refused. */
const LEAST_DRAFT = 0.01;

/**
 * One key press, from the snapshot to the outcome: trigger, held suggestion, debounce, exclusions, prompt plan, engine,
 * trim. Never rejects; every end is an outcome.
 */
export async function complete(snapshot: Snapshot, options: CompletionOptions, memory: CompletionMemory, ports: CompletionPorts, signal: AbortSignal): Promise<Outcome> {
  const startedAt = ports.clock();
  const trigger = decideTrigger(snapshot, options.explicit);
  if (!trigger.ask) return { outcome: "nothing", reason: trigger.reason, counts: NO_COUNTS };
  const held = remainingSuggestion(memory.shown, snapshot);
  if (held !== undefined) return { outcome: "shown", voice: "held", text: held, confidence: memory.shown?.confidence ?? 0, counts: NO_COUNTS, leftOut: [] };
  try {
    if (!options.explicit) await ports.wait(DEBOUNCE_MS, signal);
    const excluded = await ports.exclusions.excludedBecause(snapshot);
    if (excluded !== undefined) return { outcome: "nothing", reason: "excluded", detail: excluded, counts: NO_COUNTS };
    return await askEngine(snapshot, options, memory, ports, signal, startedAt);
  } catch (error) {
    const counts = { ...NO_COUNTS, totalMs: ports.clock() - startedAt };
    if (isAbortError(error) || signal.aborted) return { outcome: "cancelled", counts };
    return { outcome: "failed", cause: error instanceof Error ? error.message : String(error), counts };
  }
}

async function askEngine(snapshot: Snapshot, options: CompletionOptions, memory: CompletionMemory, ports: CompletionPorts, signal: AbortSignal, startedAt: number): Promise<Outcome> {
  const contextSize = ports.engine.contextSize();
  if (contextSize === undefined) return { outcome: "nothing", reason: "notReady", counts: NO_COUNTS };
  const { plan, state } = planWindow(snapshot, windowSizeFor(contextSize), memory.window);
  // The head is looked at anew only together with the anchor: never while somebody types on a line.
  if (memory.window !== state) memory.head = ports.heads.head(snapshot, linesOf(plan, snapshot));
  memory.window = state;
  const maxLines = linesToGenerate(snapshot);
  const limits: CompletionLimits = {
    maxLines,
    maxTokens: Math.min(maxLines > 1 ? MOST_TOKENS : MOST_TOKENS_A_LINE, Math.floor(contextSize / 4)),
    threshold: options.threshold,
    timeBudgetMs: TIME_BUDGET_MS,
    leastDraft: LEAST_DRAFT,
  };
  const result = await ports.engine.complete(withHead(plan, memory.head), limits, [], signal);
  const counts = countsOf(result, ports.clock() - startedAt);
  if (result.stop === "cancelled" || signal.aborted) return { outcome: "cancelled", counts };
  const suggestion = trimSuggestion(result, snapshot, { threshold: options.threshold, maxLines });
  if ("reason" in suggestion) return { outcome: "nothing", reason: suggestion.reason, counts };
  const { text, confidence } = suggestion;
  memory.shown = rememberShown(snapshot, text, confidence);
  return { outcome: "shown", voice: "model", text, confidence, counts, leftOut: result.leftOut };
}

function linesOf(plan: Omit<CompletionPlan, "head">, snapshot: Snapshot): LineWindow {
  const cursorLine = snapshot.line + 1;
  return { startLine: cursorLine - breaksIn(plan.prefix) - breaksIn(plan.typed), endLine: cursorLine + breaksIn(plan.suffix) };
}

function breaksIn(text: string): number {
  return text.split("\n").length - 1;
}

function countsOf(result: CompleteResult, totalMs: number): RequestCounts {
  const { promptTokens, evaluatedTokens, generatedTokens, firstTokenMs } = result;
  return { promptTokens, evaluatedTokens, generatedTokens, firstTokenMs, totalMs };
}
