import type { ReplayCase } from "./replayCase";

/** A text as it would be shown, with its probability. */
export interface ShownText {
  readonly text: string;
  readonly confidence: number;
}

/** What the pipeline answered to one case. `null` stands for nothing shown. */
export interface CaseAnswer {
  readonly id: string;
  /** With the gate off. */
  readonly ungated: ShownText | null;
  /** At each preset, by its name. */
  readonly gated: Readonly<Record<string, ShownText | null>>;
  /** Why nothing is shown with the gate off; empty where something is. */
  readonly reason: string;
  /** From the request to the answer with the gate off. */
  readonly milliseconds: number;
  /** Null where no token was generated. */
  readonly firstTokenMs: number | null;
}

/** A shown text beside what was really written. */
export interface JudgedText {
  readonly confidence: number;
  /** The first line is the rest of the current line, blanks at the end ignored. */
  readonly exact: boolean;
  /** The first line is a beginning of the rest of the line: right as far as it goes. */
  readonly beginning: boolean;
  /** Lines shown. */
  readonly lines: number;
  /** All shown lines are right to the last character, indentation included. */
  readonly allRight: boolean;
  /** Characters of the first line that need not be typed: its length where it is exact, otherwise none. */
  readonly savedOnLine: number;
  /** The same of the lines after it, as far as they are right without a gap, indentation not counted. */
  readonly savedBelow: number;
}

/** One judged case: what figures are computed from. */
export interface JudgedCase {
  readonly id: string;
  /** Repository and path: cases of one file are not independent, so intervals draw files. */
  readonly file: string;
  readonly repository: string;
  readonly language: string;
  readonly place: ReplayCase["place"];
  readonly position: string;
  readonly moved: boolean;
  readonly expectedCharacters: number;
  readonly ungated: JudgedText | null;
  readonly gated: Readonly<Record<string, JudgedText | null>>;
  readonly reason: string;
  readonly milliseconds: number;
  readonly firstTokenMs: number | null;
}

/** Judges an answer. `positionOf` names the kind of place that the case stands at. */
export function judge(replayCase: ReplayCase, answer: CaseAnswer, positionOf: (replayCase: ReplayCase) => string): JudgedCase {
  const { id, repository, language, place, moved } = replayCase;
  const judged = (shown: ShownText | null): JudgedText | null => (shown === null ? null : judgeText(shown, replayCase));
  return {
    id, repository, language, place, moved,
    file: `${repository}:${replayCase.path}`,
    position: positionOf(replayCase),
    expectedCharacters: replayCase.expected.length,
    ungated: judged(answer.ungated),
    gated: Object.fromEntries(Object.entries(answer.gated).map(([name, shown]) => [name, judged(shown)])),
    reason: answer.reason,
    milliseconds: answer.milliseconds,
    firstTokenMs: answer.firstTokenMs,
  };
}

function judgeText({ text, confidence }: ShownText, { expected, following }: ReplayCase): JudgedText {
  const [first = "", ...below] = text.split("\n").map((line) => line.trimEnd());
  const exact = first === expected;
  const wrong = below.findIndex((line, index) => line !== following[index]);
  const rightBelow = !exact ? [] : wrong < 0 ? below : below.slice(0, wrong);
  return {
    confidence,
    exact,
    beginning: first !== "" && expected.startsWith(first),
    lines: below.length + 1,
    allRight: exact && rightBelow.length === below.length,
    savedOnLine: exact ? expected.length : 0,
    savedBelow: rightBelow.reduce((characters, line) => characters + line.trim().length, 0),
  };
}
