/** Turns as others see them: the view, and the journal when something ends. */
import type { CorrectionView, OfferView, TurnView, UnnumberedHostMessage } from "../../protocol/chatView";
import type { AnswerContext, AnswerOutcome } from "./answerer";
import { changesNothing, type CorrectionOutcome } from "./correction";
import type { Correction, CorrectionEndEvent, Turn, TurnEnd, TurnEndEvent } from "./transcript";

/** The turn as the view sees it, with the offer that stands for it, if one does. */
export function turnView(turn: Turn, offer?: OfferView): TurnView {
  const { id, question, text, context, end, correction } = turn;
  return {
    id, question, text, status: end,
    ...(context === undefined ? {} : { basis: basisOf(context) }),
    ...(offer === undefined ? {} : { offer }),
    ...(correction === undefined ? {} : { correction: correctionView(turn, correction) }),
  };
}

/** A turn's correction as the view sees it. */
export function correctionView(turn: Turn, correction: Correction): CorrectionView {
  const { endpoint, text, state } = correction;
  return { endpoint, text, status: state.state === "done" ? { state: "done", unchanged: changesNothing({ ...turn, correction }) } : state };
}

/** The journal's event for a correction's end. `text` is what had come of it. */
export function correctionEnd(turn: string, outcome: CorrectionOutcome, text: string, time: number): CorrectionEndEvent {
  switch (outcome.outcome) {
    case "done":
      return { event: "corrected", turn, time, text: outcome.text };
    case "stopped":
      return { event: "correctionStopped", turn, time, text };
    case "failed":
      return { event: "correctionFailed", turn, time, text: outcome.partial.length > text.length ? outcome.partial : text, cause: outcome.cause, retry: outcome.retry };
    case "refused":
      return { event: "correctionRefused", turn, time, because: outcome.because };
    default:
      return outcome satisfies never;
  }
}

/** What the view, the journal and later questions need to know of an answer: no text of a source. */
export function basisOf({ kind, model, sources, leftOut }: AnswerContext): NonNullable<TurnView["basis"]> {
  return {
    kind,
    ...(model === undefined ? {} : { model }),
    sources: sources.map(({ file, startLine, endLine, tokens }) => ({ file, startLine, endLine, tokens })),
    leftOut: leftOut.map(({ file, reason }) => ({ file, reason })),
  };
}

/** How a turn ended: for the turn, the journal and the view. */
export interface Ended {
  readonly end: TurnEnd;
  readonly event: TurnEndEvent;
  readonly message: UnnumberedHostMessage;
}

export function endOf(turn: Turn, outcome: AnswerOutcome, time: number): Ended {
  const told = { turn: turn.id, time, text: turn.text, ...(turn.context === undefined ? {} : { context: basisOf(turn.context) }) };
  switch (outcome.outcome) {
    case "done": {
      const { answer, model } = outcome;
      const context = basisOf({ ...answer, ...(model === undefined ? {} : { model }) });
      return {
        end: { state: "done" },
        event: { ...told, event: "answered", text: answer.text, context },
        message: { type: "done", turn: turn.id, text: answer.text, basis: context },
      };
    }
    case "stopped":
      return { end: { state: "stopped" }, event: { ...told, event: "stopped" }, message: { type: "stopped", turn: turn.id } };
    case "failed": {
      const failure = { cause: outcome.cause, retry: outcome.retry };
      return {
        end: { state: "failed", ...failure },
        event: { ...told, event: "failed", ...failure },
        message: { type: "failed", turn: turn.id, ...failure },
      };
    }
    default:
      return outcome satisfies never;
  }
}
