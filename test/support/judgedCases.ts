import { judge, type CaseAnswer, type JudgedCase, type ShownText } from "../../src/core/evaluation/judge";
import type { ReplayCase } from "../../src/core/evaluation/replayCase";

/** A case with the given fields; the rest is `value = |compute();` in a TypeScript file. */
export function replayCaseOf(changes: Partial<ReplayCase> = {}): ReplayCase {
  return { id: "sample:a.ts:1", repository: "sample", path: "a.ts", language: "typescript", line: 1, before: "value = ", after: "", expected: "compute();", following: [], place: "inside", moved: false, ...changes };
}

/** An answer that shows a text with the gate off and, by the given thresholds, at presets. */
export function answerOf(shown: ShownText | null, thresholds: Readonly<Record<string, number>> = {}): CaseAnswer {
  const gated = Object.fromEntries(Object.entries(thresholds).map(([name, threshold]) => [name, shown !== null && shown.confidence >= threshold ? shown : null]));
  return { id: "sample:a.ts:1", ungated: shown, gated, reason: shown === null ? "unsure" : "", milliseconds: 10, firstTokenMs: null };
}

/** Thresholds of the presets `bold` and `shy` in judged cases. */
export const THRESHOLDS = { bold: 0.3, shy: 0.7 } as const;

/** Judged cases in a small notation: `+0.9` right with that probability, `-0.4` wrong, `0` nothing. Each stands in a file of its own unless one is named: `+0.9@a`. */
export function judgedCases(...notation: readonly string[]): JudgedCase[] {
  return notation.map((item, index) => {
    const [answer = "", file = String(index)] = item.split("@");
    const replayCase = replayCaseOf({ id: `sample:${file}:${String(index)}`, path: file });
    const shown = answer === "0" ? null : { text: answer.startsWith("+") ? replayCase.expected : "wrong", confidence: Math.abs(Number(answer)) };
    return judge(replayCase, { ...answerOf(shown, THRESHOLDS), id: replayCase.id }, () => "other");
  });
}
