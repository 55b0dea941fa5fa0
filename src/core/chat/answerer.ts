/** What the chat panel needs of whoever answers: the index, or a model over the index. Put together in `extension.ts`. */
import type { AnswerCertainty } from "../../protocol/engine";
import type { Answer, AnswerKind, LeftOut, Question, Source } from "./answer";
import type { Turn } from "./transcript";

/** What an answer will stand on, known before its first word. Best source first. */
export interface AnswerContext {
  readonly kind: AnswerKind;
  /** Name of the model that writes; absent for an index answer. */
  readonly model?: string;
  readonly sources: readonly Source[];
  readonly leftOut: readonly LeftOut[];
}

/** Hears of an answer while it is made. Calls after the answer has ended or its signal was aborted are ignored. */
export interface AnswerListener {
  /**
   * As soon as the context is chosen, before the model reads it: the panel shows what is being read meanwhile. May come
   * again before the first delta, where the context had to be made smaller. An answer that comes at once may leave it out.
   */
  onContext(context: AnswerContext): void;
  /** Markdown to append to what came before. */
  onDelta(text: string): void;
}

/**
 * How asking ended. `certainty` tells how sure the model was, absent for an index answer. `cause` is a sentence for the
 * person; `retry` says that asking again may help.
 */
export type AnswerOutcome =
  | { readonly outcome: "done"; readonly answer: Answer; readonly model?: string; readonly certainty?: AnswerCertainty }
  | { readonly outcome: "stopped" }
  | { readonly outcome: "failed"; readonly cause: string; readonly retry: boolean };

/** Answers one question. `history` holds the finished turns before it, oldest first. */
export interface Answerer {
  answer(question: Question, history: readonly Turn[], listener: AnswerListener, signal: AbortSignal): Promise<AnswerOutcome>;
}
