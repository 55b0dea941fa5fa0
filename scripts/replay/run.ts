import { appendFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { languageIdOf } from "../../src/cli/languageId";
import { DEFAULT_PRESET, PRESET_THRESHOLDS } from "../../src/core/completion/presets";
import { askCase, snapshotOf } from "../../src/core/evaluation/askCase";
import type { CaseAnswer } from "../../src/core/evaluation/judge";
import type { ReportOptions } from "../../src/core/evaluation/report";
import type { ReplayCase } from "../../src/core/evaluation/replayCase";
import { PlainError } from "../project";
import { buildCases, writeWorkspace, type BuiltCases } from "./build";
import { gitDirectoryOf } from "./git";
import type { EngineName, NamedRepository, ReplayOptions } from "./options";
import { createVoice, type OnJudged, type Voice, type VoiceInWorkspace } from "./voices";

/** How the figures are computed. */
export const REPORT_OPTIONS: ReportOptions = {
  presets: Object.entries(PRESET_THRESHOLDS).map(([name, threshold]) => ({ name, threshold })),
  mainPreset: DEFAULT_PRESET,
  rounds: 1_000,
  seed: "1",
};

/** Where the cases of one repository come from. */
export type Source = Pick<BuiltCases, "old" | "now" | "commits" | "lines" | "movedLines"> & { readonly name: string; readonly counted: number };

/** All answers of one engine. */
export interface EngineRun {
  readonly engine: EngineName;
  readonly words: string;
  readonly answers: readonly CaseAnswer[];
}

export interface ReplayRun {
  readonly sources: readonly Source[];
  readonly cases: readonly ReplayCase[];
  readonly engines: readonly EngineRun[];
}

type Tell = (line: string) => void;

/** Asks every engine every case, over temporary checkouts of the old commits. `tell` gets the progress. */
export async function runReplay(options: ReplayOptions, tell: Tell, signal: AbortSignal): Promise<ReplayRun> {
  const folder = await mkdtemp(path.join(tmpdir(), "ghostlight-replay-"));
  const voices: Voice[] = [];
  try {
    const judged = options.judged === undefined ? undefined : judgementWriter(options.judged);
    for (const engine of options.engines) voices.push(await createVoice(engine, options.model, signal, judged));
    const runs = voices.map(({ name, words }) => ({ engine: name, words, answers: [] as CaseAnswer[] }));
    const sources: Source[] = [];
    const cases: ReplayCase[] = [];
    for (const repository of options.repositories) {
      const built = await build(repository, options, path.join(folder, "workspace"), tell, signal);
      sources.push(sourceOf(built));
      cases.push(...built.cases);
      for (const [index, voice] of voices.entries()) runs[index]?.answers.push(...(await answerAll(voice, built, path.join(folder, "workspace"), tell, signal)));
    }
    return { sources, cases, engines: runs };
  } finally {
    for (const voice of voices) voice.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes `NAME/cases.jsonl` and `NAME/workspace/` of every repository into a folder. */
export async function writeCases(options: ReplayOptions, folder: string, tell: Tell, signal: AbortSignal): Promise<void> {
  for (const repository of options.repositories) {
    const own = path.join(folder, repository.name);
    await mkdir(own, { recursive: true });
    const { cases } = await build(repository, options, path.join(own, "workspace"), tell, signal);
    await writeFile(path.join(own, "cases.jsonl"), cases.map((each) => `${JSON.stringify(each)}\n`).join(""));
  }
}

async function build({ name, folder }: NamedRepository, options: ReplayOptions, workspace: string, tell: Tell, signal: AbortSignal): Promise<BuiltCases> {
  const built = await buildCases({ name, directory: await gitDirectoryOf(folder, signal) }, options, signal);
  const { counted, commits, lines, movedLines } = sourceOf(built);
  tell(`${name}: ${String(counted)} cases (and ${String(built.cases.length - counted)} moved ones) of ${String(lines)} lines that ${String(commits)} commits added; ${String(movedLines)} lines moved`);
  if (counted === 0) throw new PlainError(`${name}: no line of code was added in ${String(commits)} commits`);
  await writeWorkspace(built, workspace, options.exclude, signal);
  return built;
}

/** Writes each judgement with whether it was right. A case is judged at each preset: only the one with the gate off counts. */
function judgementWriter(file: string): OnJudged {
  const done = new Set<string>();
  writeFileSync(file, "");
  return ({ id, repository, expected, moved }, judged) => {
    if (moved || done.has(id)) return;
    done.add(id);
    appendFileSync(file, judged.map(({ candidate, features, firstLine }) => `${JSON.stringify({ candidate, features, right: firstLine.trimEnd() === expected, repository })}\n`).join(""));
  };
}

function sourceOf({ history, old, now, commits, lines, movedLines, cases }: BuiltCases): Source {
  return { name: history.name, old, now, commits, lines, movedLines, counted: cases.filter((each) => !each.moved).length };
}

async function answerAll(voice: Voice, { history, cases }: BuiltCases, workspace: string, tell: Tell, signal: AbortSignal): Promise<CaseAnswer[]> {
  const opened = await voice.open(workspace);
  const answers: CaseAnswer[] = [];
  try {
    for (const replayCase of cases) {
      answers.push(await answer(replayCase, opened, signal));
      if (answers.length % 50 === 0 || answers.length === cases.length) tell(`${history.name}, ${voice.name}: ${String(answers.length)} of ${String(cases.length)}`);
    }
    return answers;
  } finally {
    opened.dispose();
  }
}

async function answer(replayCase: ReplayCase, voice: VoiceInWorkspace, signal: AbortSignal): Promise<CaseAnswer> {
  const ask = async (): Promise<CaseAnswer> => {
    const ports = await voice.ports(replayCase, signal);
    return { id: replayCase.id, ...(await askCase(snapshotOf(replayCase, languageIdOf(replayCase.path)), REPORT_OPTIONS.presets, voice.engines, ports, signal)) };
  };
  const first = await ask();
  // The engine died with this case: it is asked once more, and the cases after it find an engine again.
  return (await voice.revive()) ? await ask() : first;
}
