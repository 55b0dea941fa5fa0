import { writeFileSync } from "node:fs";
import { isAbortError } from "../src/core/util/abort";
import { runMain } from "./project";
import { parseReplayOptions, type ReplayOptions } from "./replay/options";
import { readEarlier, renderResults, resultsOf } from "./replay/results";
import { runReplay, writeCases } from "./replay/run";

/**
 * `npm run evaluate:replay`: how good ghost text is on lines that people really wrote. Takes the lines that a git history
 * added, checks out the commit before them, and asks the real pipeline for the rest of each line. Needs `npm run build`.
 */
async function main(): Promise<void> {
  const options = parseReplayOptions(process.argv.slice(2));
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => { stop.abort(); });
  try {
    await evaluate(options, (line) => void process.stderr.write(`${line}\n`), stop.signal);
  } catch (error) {
    if (!isAbortError(error) && !stop.signal.aborted) throw error;
    console.error("stopped");
    process.exitCode = 130;
  }
}

async function evaluate(options: ReplayOptions, tell: (line: string) => void, signal: AbortSignal): Promise<void> {
  if (options.write !== undefined) {
    await writeCases(options, options.write, tell, signal);
    return;
  }
  const earlier = options.against === undefined ? [] : readEarlier(options.against);
  const results = resultsOf(await runReplay(options, tell, signal), earlier);
  console.log(renderResults(results));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ seed: options.seed, ...results }, undefined, 1)}\n`);
}

runMain(main);
