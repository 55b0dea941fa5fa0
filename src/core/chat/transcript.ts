/**
 * The conversation as a journal: one event a line, appended and never changed. What the panel shows is a fold over the
 * events, so that a cut last line or a crash in mid-answer costs at most the unfinished answer, never a question.
 */
import * as v from "valibot";
import type { EditorFocus } from "./answer";
import type { AnswerContext } from "./answerer";

/** How a turn stands. A turn read from disk without an end was interrupted: it reads as failed, with a retry. */
export type TurnEnd =
  | { readonly state: "answering" }
  | { readonly state: "done" }
  | { readonly state: "stopped" }
  | { readonly state: "failed"; readonly cause: string; readonly retry: boolean };

/** How a correction stands. `cause` and `because` are sentences for the person. */
export type CorrectionState =
  | { readonly state: "answering" }
  | { readonly state: "done" }
  | { readonly state: "stopped" }
  | { readonly state: "failed"; readonly cause: string; readonly retry: boolean }
  | { readonly state: "refused"; readonly because: string };

/** What an endpoint made of a turn's answer. The turn's own text, the draft, stays as it is beside it. */
export interface Correction {
  /** The endpoint's name when it was asked. */
  readonly endpoint: string;
  /** Markdown of the whole corrected answer; the part that came where it is not done. */
  readonly text: string;
  readonly state: CorrectionState;
}

/** One question and what became of it. */
export interface Turn {
  readonly id: string;
  readonly question: string;
  /** Where the person stood when asking. Not kept on disk. */
  readonly focus?: EditorFocus;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Markdown of the answer; the part that came for a stopped or failed one. */
  readonly text: string;
  /** What the answer stands on; absent where it ended before the context was chosen. */
  readonly context?: AnswerContext;
  readonly end: TurnEnd;
  readonly correction?: Correction;
}

const context = v.object({
  kind: v.picklist(["index", "model"]),
  model: v.optional(v.string()),
  sources: v.array(v.object({ file: v.string(), startLine: v.number(), endLine: v.number(), tokens: v.number() })),
  leftOut: v.array(v.object({ file: v.string(), reason: v.string() })),
});

const event = v.variant("event", [
  /** `replaces` names a stopped or failed turn that this one takes the place of. */
  v.object({ event: v.literal("asked"), turn: v.string(), time: v.number(), question: v.string(), replaces: v.optional(v.string()) }),
  v.object({ event: v.literal("answered"), turn: v.string(), time: v.number(), text: v.string(), context }),
  v.object({ event: v.literal("stopped"), turn: v.string(), time: v.number(), text: v.string(), context: v.optional(context) }),
  v.object({
    event: v.literal("failed"),
    turn: v.string(),
    time: v.number(),
    text: v.string(),
    context: v.optional(context),
    cause: v.string(),
    retry: v.boolean(),
  }),
  /** An endpoint was asked about a turn that had ended; a later one takes the place of one that came to nothing. */
  v.object({ event: v.literal("correctionAsked"), turn: v.string(), time: v.number(), endpoint: v.string() }),
  v.object({ event: v.literal("corrected"), turn: v.string(), time: v.number(), text: v.string() }),
  v.object({ event: v.literal("correctionStopped"), turn: v.string(), time: v.number(), text: v.string() }),
  v.object({ event: v.literal("correctionFailed"), turn: v.string(), time: v.number(), text: v.string(), cause: v.string(), retry: v.boolean() }),
  v.object({ event: v.literal("correctionRefused"), turn: v.string(), time: v.number(), because: v.string() }),
]);

/** One line of the journal. */
export type TranscriptEvent = v.InferOutput<typeof event>;
/** Ends a turn. */
export type TurnEndEvent = Extract<TranscriptEvent, { event: "answered" | "stopped" | "failed" }>;
/** Ends a correction. */
export type CorrectionEndEvent = Extract<TranscriptEvent, { event: "corrected" | "correctionStopped" | "correctionFailed" | "correctionRefused" }>;

/** Where the events are kept. Implemented by `services/store/transcriptStore.ts`. */
export interface TranscriptJournal {
  /** Events from earlier sessions, oldest first. `partial` when a long journal was read from its end only. */
  load(): Promise<{ readonly events: readonly TranscriptEvent[]; readonly partial: boolean }>;
  /** Resolves once the line has reached the disk; rejects when it could not. */
  append(event: TranscriptEvent): Promise<void>;
  /** Sets the journal aside and starts an empty one. */
  clear(): Promise<void>;
  /** Puts what the last `clear` set aside back before what was written since. */
  restoreCleared(): Promise<void>;
  /** Deletes what the last `clear` set aside. */
  forgetCleared(): Promise<void>;
}

/** What a turn that has no end says when it is read again. */
export const INTERRUPTED = "The answer was interrupted: the editor closed before it was finished.";
/** The same for a correction. */
export const CORRECTION_INTERRUPTED = "The correction was interrupted: the editor closed before it was finished.";

/** The event as one line, with its line break. Line separators inside texts are escaped by JSON. */
export function formatEvent(event: TranscriptEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Every readable event of the journal's text. A cut, damaged or unknown line is left out; the others count. */
export function parseEvents(text: string): TranscriptEvent[] {
  const events: TranscriptEvent[] = [];
  for (const line of text.split("\n")) {
    const parsed = parseLine(line);
    if (parsed !== undefined) events.push(parsed);
  }
  return events;
}

/** The turns that the events tell of, in the order asked. Ends without a question and second ends are ignored. */
export function turnsOf(events: readonly TranscriptEvent[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const item of events) {
    if (item.event === "asked") {
      if (turns.has(item.turn)) continue;
      if (item.replaces !== undefined && givesWay(turns.get(item.replaces))) turns.delete(item.replaces);
      turns.set(item.turn, startedTurn(item));
      continue;
    }
    const turn = turns.get(item.turn);
    if (turn !== undefined) turns.set(item.turn, withEvent(turn, item));
  }
  return [...turns.values()];
}

/** The same turns as they stand after a restart: nobody is answering any more. */
export function interruptedTurns(turns: readonly Turn[]): Turn[] {
  return turns.map((turn) => {
    if (turn.end.state === "answering") return { ...turn, end: { state: "failed", cause: INTERRUPTED, retry: true } };
    if (turn.correction?.state.state !== "answering") return turn;
    return { ...turn, correction: { ...turn.correction, state: { state: "failed", cause: CORRECTION_INTERRUPTED, retry: true } } };
  });
}

/** True where a retry takes the turn's place: nothing that was answered is ever taken away. */
export function givesWay(turn: Turn | undefined): boolean {
  return turn !== undefined && turn.end.state !== "done" && turn.correction?.state.state !== "done";
}

/** True where an endpoint may be asked about a turn: it has ended, and no correction is there or under way. */
export function canBeCorrected({ end, correction }: Turn): boolean {
  return end.state !== "answering" && correction?.state.state !== "answering" && correction?.state.state !== "done";
}

/** The answer that counts from now on: the correction where it is whole, the draft else. */
export function standingText({ text, correction }: Turn): string {
  return correction?.state.state === "done" ? correction.text : text;
}

/** Whether a turn has an answer that later questions may build on. */
export function isAnswered({ end, correction }: Turn): boolean {
  return end.state === "done" || end.state === "stopped" || correction?.state.state === "done";
}

function startedTurn(item: Extract<TranscriptEvent, { event: "asked" }>): Turn {
  return { id: item.turn, question: item.question, time: item.time, text: "", end: { state: "answering" } };
}

/** The turn after one more event about it; an event that does not fit how it stands changes nothing. */
function withEvent(turn: Turn, item: Exclude<TranscriptEvent, { event: "asked" }>): Turn {
  switch (item.event) {
    case "answered":
    case "stopped":
    case "failed":
      return turn.end.state === "answering" ? endedTurn(turn, item) : turn;
    case "correctionAsked":
      return canBeCorrected(turn) ? { ...turn, correction: { endpoint: item.endpoint, text: "", state: { state: "answering" } } } : turn;
    default:
      return turn.correction?.state.state === "answering" ? { ...turn, correction: endedCorrection(turn.correction, item) } : turn;
  }
}

/** A correction after the event that ends it. */
export function endedCorrection(correction: Correction, item: CorrectionEndEvent): Correction {
  switch (item.event) {
    case "corrected":
      return { ...correction, text: item.text, state: { state: "done" } };
    case "correctionStopped":
      return { ...correction, text: item.text, state: { state: "stopped" } };
    case "correctionFailed":
      return { ...correction, text: item.text, state: { state: "failed", cause: item.cause, retry: item.retry } };
    case "correctionRefused":
      return { ...correction, text: "", state: { state: "refused", because: item.because } };
    default:
      return item satisfies never;
  }
}

function endedTurn(turn: Turn, item: TurnEndEvent): Turn {
  const told = { ...turn, text: item.text, ...(item.context === undefined ? {} : { context: item.context }) };
  switch (item.event) {
    case "answered":
      return { ...told, end: { state: "done" } };
    case "stopped":
      return { ...told, end: { state: "stopped" } };
    case "failed":
      return { ...told, end: { state: "failed", cause: item.cause, retry: item.retry } };
    default:
      return item satisfies never;
  }
}

function parseLine(line: string): TranscriptEvent | undefined {
  if (line.trim() === "") return undefined;
  try {
    const parsed = v.safeParse(event, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
