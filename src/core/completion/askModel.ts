import { MOST_DRAFTS, type CompleteResult, type CompletionLimits, type CompletionPlan } from "../../protocol/engine";
import { linesToGenerate } from "./block";
import type { ModelVerdict, Recalled } from "./decide";
import type { CompletionMemory } from "./memory";
import type { RequestCounts } from "./outcome";
import type { CompletionPorts, LineWindow } from "./ports";
import type { Snapshot } from "./snapshot";
import { IDENTITY, rowsFor } from "./together";
import { trimSuggestion } from "./trim";
import { planWindow, windowSizeFor, withHead } from "./window";

/** What came of asking the model. */
export type ModelAnswer =
  | { readonly answer: "verdict"; readonly verdict: ModelVerdict; readonly counts: RequestCounts; readonly leftOut: readonly string[] }
  | { readonly answer: "cancelled"; readonly counts: RequestCounts }
  | { readonly answer: "notReady" };

const MOST_TOKENS_A_LINE = 48;
const MOST_TOKENS = 160;
/** Milliseconds of generation after the first token, where the model was not measured. */
const TIME_BUDGET_MS = 1_500;
/** A draft that the model gives less than this is as good as refused. */
const LEAST_DRAFT = 0.01;
/** A text of which recall itself thinks so little is not worth the model's tokens. */
const LEAST_RECALLED = 0.02;

/** Prompt plan, engine, trim: what the model makes of a place and of recall's texts for it. Rejects where the engine does. */
export async function askModel(snapshot: Snapshot, recalled: readonly Recalled[], threshold: number, memory: CompletionMemory, ports: CompletionPorts, startedAt: number, signal: AbortSignal): Promise<ModelAnswer> {
  const contextSize = ports.engine.contextSize();
  if (contextSize === undefined) return { answer: "notReady" };
  const { plan, state } = planWindow(snapshot, windowSizeFor(contextSize), memory.window);
  // The head is looked at anew only together with the anchor: never while somebody types on a line.
  if (memory.window !== state) memory.head = ports.heads.head(snapshot, linesOf(plan, snapshot));
  memory.window = state;
  const maxLines = linesToGenerate(snapshot);
  const limits: CompletionLimits = {
    maxLines,
    maxTokens: Math.min(maxLines > 1 ? MOST_TOKENS : MOST_TOKENS_A_LINE, Math.floor(contextSize / 4)),
    threshold,
    timeBudgetMs: ports.engine.timeBudgetMs?.() ?? TIME_BUDGET_MS,
    leastDraft: LEAST_DRAFT,
  };
  const drafts = recalled.filter(({ probability }) => probability >= LEAST_RECALLED).slice(0, MOST_DRAFTS).map(({ firstLine }) => firstLine);
  const result = await ports.engine.complete(withHead(plan, memory.head), limits, drafts, signal);
  const counts = countsOf(result, ports.clock() - startedAt);
  if (result.stop === "cancelled" || signal.aborted) return { answer: "cancelled", counts };
  const rows = rowsFor(ports.together ?? IDENTITY, ports.engine.family());
  // Weights for whole lines say nothing about a line that the gate has cut.
  const own = rows.wholeLines && !endsLine(result) ? ({ text: "", reason: "unsure" } as const) : trimSuggestion(result, snapshot, { threshold, maxLines });
  const verdict = { drafts: result.drafts, own, tokens: result.tokens, rows };
  return { answer: "verdict", verdict, counts, leftOut: result.leftOut };
}

/** Whether the generated text has its first line whole. */
function endsLine({ tokens, stop }: CompleteResult): boolean {
  return stop === "endOfText" || stop === "lineLimit" || stop === "blockEnd" || stop === "suffixReached" || tokens.some(({ text }) => text.includes("\n"));
}

function linesOf(plan: Omit<CompletionPlan, "head">, snapshot: Snapshot): LineWindow {
  const cursorLine = snapshot.line + 1;
  return { startLine: cursorLine - breaksIn(plan.prefix) - breaksIn(plan.typed), endLine: cursorLine + breaksIn(plan.suffix) };
}

function breaksIn(text: string): number {
  return text.split("\n").length - 1;
}

function countsOf(result: CompleteResult, totalMs: number): RequestCounts {
  const { promptTokens, evaluatedTokens, draftTokens, generatedTokens, firstTokenMs } = result;
  return { promptTokens, evaluatedTokens, draftTokens, generatedTokens, firstTokenMs, totalMs };
}
