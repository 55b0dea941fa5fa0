import { isAbortError } from "../util/abort";
import { askModel, type ModelAnswer } from "./askModel";
import { decide, recalledTexts, surest, type Candidate, type Recalled } from "./decide";
import type { CompletionMemory } from "./memory";
import { NO_COUNTS, type FollowUp, type Outcome, type RequestCounts, type ShownOutcome, type Voice } from "./outcome";
import type { CompletionPorts } from "./ports";
import type { Snapshot } from "./snapshot";
import { onKey, onVerdict, present } from "./stage";
import { decideTrigger, type NothingReason } from "./trigger";

export { freshMemory, type CompletionMemory } from "./memory";
export type { CompletionEngine, CompletionPorts, ExclusionCheck, HeadSource, LineWindow, RecallVoice } from "./ports";

/** Which of the two voices may speak. */
export type Engines = "both" | "recall" | "model";

export interface CompletionOptions {
  readonly explicit: boolean;
  /** Least probability shown; 0 turns the gate off. */
  readonly threshold: number;
  readonly engines: Engines;
  /** Answers once, when both voices have spoken, instead of with whoever is sure first: for whoever does not watch a screen. */
  readonly settle?: boolean;
}

/**
 * Milliseconds an automatic request waits for the next key before it asks the model. A key costs one or two tokens, so
 * the wait only spares the engine the middle of a burst (peers wait 75-350 ms because each of their requests costs
 * hundreds of tokens). Recall is asked at once.
 */
export const DEBOUNCE_MS = 20;

/** One request under way. */
interface Request {
  readonly snapshot: Snapshot;
  readonly options: CompletionOptions;
  readonly memory: CompletionMemory;
  readonly ports: CompletionPorts;
  readonly startedAt: number;
}

/**
 * One key press, from the snapshot to the outcome: trigger, what is shown still holds, exclusions, recall, debounce,
 * model, decision. Where recall is sure it is the outcome at once, and the model's verdict comes later through
 * `onFollowUp`. Never rejects; every end is an outcome.
 */
export async function complete(snapshot: Snapshot, options: CompletionOptions, memory: CompletionMemory, ports: CompletionPorts, signal: AbortSignal): Promise<Outcome> {
  const startedAt = ports.clock();
  const trigger = decideTrigger(snapshot, options.explicit);
  const held = trigger.ask ? onKey(memory.stage, snapshot) : undefined;
  if (held && maySpeak(held.suggestion.voice, options.engines)) {
    memory.stage = held.stage;
    return { outcome: "shown", voice: held.suggestion.voice, held: true, text: held.text, confidence: held.suggestion.confidence, counts: NO_COUNTS, leftOut: [] };
  }
  // What the model still works on belongs to a place that is gone.
  memory.followUp?.stop.abort();
  if (!trigger.ask) return { outcome: "nothing", reason: trigger.reason, counts: NO_COUNTS };
  try {
    return await ask({ snapshot, options, memory, ports, startedAt }, signal);
  } catch (error) {
    const counts = { ...NO_COUNTS, totalMs: ports.clock() - startedAt };
    if (isAbortError(error) || signal.aborted) return { outcome: "cancelled", counts };
    return { outcome: "failed", cause: messageOf(error), counts };
  }
}

async function ask(request: Request, signal: AbortSignal): Promise<Outcome> {
  const { snapshot, options, ports } = request;
  const excluded = await ports.exclusions.excludedBecause(snapshot);
  if (excluded !== undefined) return { outcome: "nothing", reason: "excluded", detail: excluded, counts: NO_COUNTS };
  const { recalled, trouble } = await askRecall(request, signal);
  if (signal.aborted) return { outcome: "cancelled", counts: elapsed(request) };
  const best = surest(decide(recalled, undefined, options.threshold));
  if (options.engines === "recall") return best ? show(request, best, elapsed(request), trouble) : nothing(recalled, "noMatch", elapsed(request));
  if (best && options.settle !== true) {
    const shown = show(request, best, elapsed(request), trouble);
    followUp(request, recalled);
    return shown;
  }
  return await bothTogether(request, recalled, trouble, signal);
}

/** Recall's texts. Its failure costs the model's answer nothing; it is named among what was left out. */
async function askRecall({ snapshot, options, ports }: Request, signal: AbortSignal): Promise<{ recalled: Recalled[]; trouble: string[] }> {
  if (!ports.recall || options.engines === "model") return { recalled: [], trouble: [] };
  try {
    return { recalled: recalledTexts(await ports.recall.suggest(snapshot, signal), snapshot, options.threshold), trouble: [] };
  } catch (error) {
    if (isAbortError(error) || options.engines === "recall") throw error;
    return { recalled: [], trouble: [`recall: ${messageOf(error)}`] };
  }
}

/** Waits for the model and decides over both. */
async function bothTogether(request: Request, recalled: readonly Recalled[], trouble: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const { options, ports } = request;
  const answer = await withoutFailing(request, recalled, signal);
  if (answer.answer === "cancelled") return { outcome: "cancelled", counts: answer.counts };
  const verdict = answer.answer === "verdict" ? answer.verdict : undefined;
  const counts = answer.answer === "verdict" ? answer.counts : elapsed(request);
  const best = surest(decide(recalled, verdict, options.threshold, ports.onJudged));
  const leftOut = [...trouble, ...(answer.answer === "verdict" ? answer.leftOut : answer.answer === "failed" ? [`the model: ${answer.cause}`] : [])];
  if (best) return show(request, best, counts, leftOut);
  if (answer.answer === "failed") throw new Error(answer.cause);
  const reason = verdict && "reason" in verdict.own ? verdict.own.reason : "unsure";
  return nothing(recalled, verdict ? reason : "notReady", counts);
}

/** Where recall has something to show, a model that fails is no reason not to show it. */
async function withoutFailing(request: Request, recalled: readonly Recalled[], signal: AbortSignal): Promise<ModelAnswer | { readonly answer: "failed"; readonly cause: string }> {
  try {
    return await waitAndAskModel(request, recalled, signal);
  } catch (error) {
    if (isAbortError(error) || signal.aborted || recalled.length === 0) throw error;
    return { answer: "failed", cause: messageOf(error) };
  }
}

async function waitAndAskModel({ snapshot, options, memory, ports, startedAt }: Request, recalled: readonly Recalled[], signal: AbortSignal): Promise<ModelAnswer> {
  if (!options.explicit) await ports.wait(DEBOUNCE_MS, signal);
  // Alone the model is believed what it says of itself: the weights are for the company of recall.
  const company = options.engines === "model" ? { ...ports, together: undefined } : ports;
  return await askModel(snapshot, recalled, options.threshold, memory, company, startedAt, signal);
}

/** The model's word on what recall was shown with. It outlives the request and ends with the first key that leaves the shown text. */
function followUp(request: Request, recalled: readonly Recalled[]): void {
  const { snapshot, options, memory, ports } = request;
  if (ports.engine.contextSize() === undefined) return;
  const stop = new AbortController();
  const { shown } = memory.stage;
  const work = async (): Promise<FollowUp | undefined> => {
    const answer = await waitAndAskModel(request, recalled, stop.signal);
    if (answer.answer === "notReady") return undefined;
    if (answer.answer === "cancelled") return { followUp: "cancelled", counts: answer.counts };
    // Somebody may have shown another text meanwhile.
    if (stop.signal.aborted || memory.stage.shown !== shown) return { followUp: "cancelled", counts: answer.counts };
    const { stage, change } = onVerdict(memory.stage, snapshot, decide(recalled, answer.verdict, options.threshold, ports.onJudged), options.threshold);
    memory.stage = stage;
    if (!stage.shown) return undefined;
    const { voice, text, confidence } = stage.shown;
    return { followUp: change, shown: { outcome: "shown", voice, held: false, text, confidence, counts: answer.counts, leftOut: answer.leftOut } };
  };
  const ended = work()
    .catch((error: unknown): FollowUp => (isAbortError(error) || stop.signal.aborted ? { followUp: "cancelled", counts: NO_COUNTS } : { followUp: "failed", cause: messageOf(error) }))
    .then((result) => { if (result) ports.onFollowUp?.(result); });
  memory.followUp = { stop, ended };
}

/** Whether what is shown is from a voice that may speak: the person may have changed that meanwhile. */
function maySpeak(voice: Voice, engines: Engines): boolean {
  return engines === "both" || voice === "both" || voice === engines;
}

function show({ snapshot, memory }: Request, best: Candidate, counts: RequestCounts, leftOut: readonly string[]): ShownOutcome {
  memory.stage = present(snapshot, best);
  return { outcome: "shown", voice: best.voice, held: false, text: best.text, confidence: best.probability, counts, leftOut };
}

function nothing(recalled: readonly Recalled[], reason: NothingReason, counts: RequestCounts): Outcome {
  return { outcome: "nothing", reason: recalled.length > 0 && (reason === "noMatch" || reason === "notReady") ? "unsure" : reason, counts };
}

function elapsed({ ports, startedAt }: Request): RequestCounts {
  return { ...NO_COUNTS, totalMs: ports.clock() - startedAt };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
