import { readFileSync } from "node:fs";
import * as valibot from "valibot";
import { judge, type CaseAnswer, type JudgedCase } from "../../src/core/evaluation/judge";
import { positionClass } from "../../src/core/evaluation/positionClass";
import { pairedReport, reportOf, type EngineReport, type PairedFigures } from "../../src/core/evaluation/report";
import { renderPaired, renderReport } from "../../src/core/evaluation/renderReport";
import type { ReplayCase } from "../../src/core/evaluation/replayCase";
import { PlainError } from "../project";
import { REPORT_OPTIONS, type ReplayRun, type Source } from "./run";

const shownText = valibot.nullable(valibot.object({ text: valibot.string(), confidence: valibot.number() }));
const storedAnswer = valibot.object({
  id: valibot.string(),
  /** What was really written: tells whether a later run cut the line at the same place. */
  expected: valibot.string(),
  ungated: shownText,
  gated: valibot.record(valibot.string(), shownText),
  reason: valibot.string(),
  milliseconds: valibot.number(),
  firstTokenMs: valibot.nullable(valibot.number()),
});
type StoredAnswer = valibot.InferOutput<typeof storedAnswer>;

const storedEngine = valibot.object({ engine: valibot.string(), words: valibot.string(), answers: valibot.array(storedAnswer) });
type StoredEngine = valibot.InferOutput<typeof storedEngine>;

/** The figures of one engine. */
interface EngineResult extends StoredEngine {
  readonly report: EngineReport;
}

/** How `second` differs from `first` on the same cases. */
interface Difference {
  readonly first: string;
  readonly second: string;
  readonly figures: PairedFigures;
}

/** What a run ends with, and what `--json` writes. */
export interface ReplayResults {
  readonly sources: readonly Source[];
  readonly presets: typeof REPORT_OPTIONS.presets;
  readonly engines: readonly EngineResult[];
  readonly paired: readonly Difference[];
}

/** Computes all figures of a run; with an earlier run's answers, also the differences from it. */
export function resultsOf({ sources, cases, engines }: ReplayRun, earlier: readonly StoredEngine[]): ReplayResults {
  const expected = new Map(cases.map((each) => [each.id, each.expected]));
  const found = engines.map(({ engine, words, answers }) => {
    const stored = answers.map((answer) => ({ ...answer, expected: expected.get(answer.id) ?? "" }));
    const judged = judgedAnswers(cases, stored);
    return { engine, words, answers: stored, judged, report: reportOf(judged, REPORT_OPTIONS) };
  });
  const before = earlier.map((run) => ({ engine: `earlier ${run.engine}`, judged: judgedAnswers(cases, run.answers) }));
  const paired = found.flatMap((second, index) => [...before, ...found.slice(0, index)].map((first) => ({ first: first.engine, second: second.engine, figures: pairedReport(first.judged, second.judged, REPORT_OPTIONS) })));
  return { sources, presets: REPORT_OPTIONS.presets, engines: found.map(({ engine, words, report, answers }) => ({ engine, words, report, answers })), paired };
}

/** Tables for a terminal. */
export function renderResults({ engines, paired }: ReplayResults): string {
  return [
    ...engines.map(({ engine, words, report }) => renderReport(words === "" ? engine : `${engine} (${words})`, report, REPORT_OPTIONS.mainPreset)),
    ...paired.map(({ first, second, figures }) => renderPaired(first, second, figures)),
  ].join("\n\n");
}

/** Reads the answers that an earlier run wrote with `--json`. Throws `PlainError` for another file. */
export function readEarlier(file: string): readonly StoredEngine[] {
  const parsed = valibot.safeParse(valibot.object({ engines: valibot.array(storedEngine) }), readJson(file));
  if (!parsed.success) throw new PlainError(`${file}: it was not written by --json: ${parsed.issues[0].message}`);
  return parsed.output.engines;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new PlainError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Answers beside their cases; one whose line was cut elsewhere belongs to another case and is left out. */
function judgedAnswers(cases: readonly ReplayCase[], answers: readonly StoredAnswer[]): JudgedCase[] {
  const byId = new Map<string, CaseAnswer & { readonly expected: string }>(answers.map((answer) => [answer.id, answer]));
  return cases.flatMap((each) => {
    const answer = byId.get(each.id);
    return answer?.expected === each.expected ? [judge(each, answer, positionClass)] : [];
  });
}
