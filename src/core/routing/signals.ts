import type { AnswerCertainty } from "../../protocol/engine";
import type { ParseVerdict } from "../../protocol/indexWorker";
import type { AnswerKind, LeftOut } from "../chat/answer";
import { intentOf } from "../chat/questionIntent";
import { unsureness } from "./certainty";

/** Kinds of tasks at which a small model is weaker than at telling what the code says. */
export type HardTask = "explain" | "refactor" | "write";

/** One observation about a local answer. None of them sends anything; `offer.ts` decides which are worth a word. */
export type Signal =
  /** The person asked for it. */
  | { readonly kind: "chosen" }
  /** The index has nothing of what was asked for. */
  | { readonly kind: "nothingFound" }
  /** Places that may help and had no room in the prompt, of all that were chosen. */
  | { readonly kind: "didNotFit"; readonly leftOut: number; readonly of: number }
  /** `byIndex`: the index looks things up and cannot do such a task at all. */
  | { readonly kind: "task"; readonly task: HardTask; readonly byIndex: boolean }
  | { readonly kind: "unsure"; readonly unsure: number; readonly certainty: AnswerCertainty }
  | { readonly kind: "doesNotParse"; readonly blocks: number; readonly of: number };

/** What is known of a turn that was answered on this machine. */
export interface LocalAnswerFacts {
  readonly question: string;
  readonly kind: AnswerKind;
  /** How many places the answer stands on. */
  readonly sources: number;
  readonly leftOut: readonly LeftOut[];
  readonly nothingFound: boolean;
  /** Undefined for an answer that no model wrote. */
  readonly certainty: AnswerCertainty | undefined;
  /** One for each code block of the answer with a known language; made elsewhere. */
  readonly verdicts: readonly ParseVerdict[];
  /** The person chose to ask, whatever the rest says. */
  readonly chosen: boolean;
}

const REFACTOR = /\b(refactor|rewrite|restructure|simplify|clean up|split (up|into)|extract (a|the|into)|rename|migrate|port|convert|optimi[sz]e|speed up|make .{1,40} (faster|simpler|shorter|cleaner))\b/i;
const WRITE = /^(please |can you |could you |would you |now |and )*(write|implement|add|create|generate|make|fix|build|draft|extend|complete|change|replace)\b|\b(write|implement|add|generate) (me )?(a|an|the|some|unit|more)\b/i;

/** Everything that speaks for asking somebody larger, in a fixed order. Pure. */
export function signalsOf(facts: LocalAnswerFacts): readonly Signal[] {
  const signals: Signal[] = [];
  if (facts.chosen) signals.push({ kind: "chosen" });
  if (facts.nothingFound) signals.push({ kind: "nothingFound" });
  const broken = facts.verdicts.filter((verdict) => verdict === "broken").length;
  const checked = facts.verdicts.filter((verdict) => verdict !== "unchecked").length;
  if (broken > 0) signals.push({ kind: "doesNotParse", blocks: broken, of: checked });
  const leftOut = facts.leftOut.filter(hadNoRoom).length;
  if (leftOut > 0) signals.push({ kind: "didNotFit", leftOut, of: leftOut + facts.sources });
  if (facts.certainty) signals.push({ kind: "unsure", unsure: unsureness(facts.certainty), certainty: facts.certainty });
  const task = taskOf(facts.question);
  const byIndex = facts.kind === "index";
  // An explanation by the index is its own kind of answer: the definition with its comment. It is not a failure.
  if (task && !(byIndex && task === "explain")) signals.push({ kind: "task", task, byIndex });
  return signals;
}

/** The hard task that a question sets, if it does. Asked of its words alone. */
export function taskOf(question: string): HardTask | undefined {
  if (REFACTOR.test(question)) return "refactor";
  if (WRITE.test(question.trim())) return "write";
  return intentOf(question).kind === "explain" ? "explain" : undefined;
}

/** Whether something was left out for want of room: `core/chat/prompt.ts` and `questionContext.ts` say so in these words. */
export function hadNoRoom({ reason }: LeftOut): boolean {
  return /\bdid not fit\b/.test(reason);
}
