import { writeFileSync } from "node:fs";
import { pairedReport, reportOf, type EngineReport, type PairedFigures } from "../src/core/evaluation/report";
import { renderPaired, renderReport } from "../src/core/evaluation/renderReport";
import { isAbortError } from "../src/core/util/abort";
import { runMain } from "./project";
import { parseReplayOptions } from "./replay/options";
import { REPORT_OPTIONS, runReplay, writeCases, type EngineRun } from "./replay/run";

/**
 * `npm run evaluate:replay`: how good ghost text is on lines that people really wrote. Takes the lines that a git history
 * added, checks out the commit before them, and asks the real pipeline for the rest of each line. Needs `npm run build`.
 */
async function main(): Promise<void> {
  const options = parseReplayOptions(process.argv.slice(2));
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => { stop.abort(); });
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    if (options.write !== undefined) {
      await writeCases(options, options.write, tell, stop.signal);
      return;
    }
    const { sources, engines } = await runReplay(options, tell, stop.signal);
    const reports = engines.map((run) => ({ run, report: reportOf(run.judged, REPORT_OPTIONS) }));
    const paired = pairs(reports);
    console.log([...reports.map(({ run, report }) => renderReport(titleOf(run), report, REPORT_OPTIONS.mainPreset)), ...paired.map(({ first, second, figures }) => renderPaired(first, second, figures))].join("\n\n"));
    if (options.json === undefined) return;
    const found = reports.map(({ run: { engine, words, answers }, report }) => ({ engine, words, report, answers }));
    writeFileSync(options.json, `${JSON.stringify({ seed: options.seed, presets: REPORT_OPTIONS.presets, sources, engines: found, paired }, undefined, 1)}\n`);
  } catch (error) {
    if (!isAbortError(error) && !stop.signal.aborted) throw error;
    tell("stopped");
    process.exitCode = 130;
  }
}

/** Every engine against every later one; the last of all is both voices together. */
function pairs(reports: readonly { run: EngineRun; report: EngineReport }[]): { first: string; second: string; figures: PairedFigures }[] {
  return reports.flatMap(({ run: first }, index) =>
    reports.slice(index + 1).map(({ run: second }) => ({ first: first.engine, second: second.engine, figures: pairedReport(first.judged, second.judged, REPORT_OPTIONS) })),
  );
}

function titleOf({ engine, words }: EngineRun): string {
  return words === "" ? engine : `${engine} (${words})`;
}

runMain(main);
