import { isAbortError } from "../core/util/abort";
import { BadInputError, parseCommandLine, USAGE, type CommandLine } from "./arguments";
import { runAsk } from "./ask";
import { runComplete } from "./complete";
import { runCompleteBatch } from "./completeBatch";
import { runDemo } from "./demo";
import { runMeasure } from "./measure";
import { runReplay } from "./replay";
import { writeError } from "./output";

/**
 * Entry of the command line: the same core and services as in the editor. Exit code 0 when the work was done (also
 * when nothing is shown), 2 for bad input with one line that says what is wrong, 1 for trouble of our own.
 */
async function main(): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => { stop.abort(); });
  try {
    return await dispatch(parseCommandLine(process.argv.slice(2)), stop.signal);
  } catch (error) {
    if (error instanceof BadInputError) {
      await writeError(error.message);
      return 2;
    }
    if (isAbortError(error)) return 130;
    await writeError(`ghostlight: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function dispatch(command: CommandLine, signal: AbortSignal): Promise<number> {
  switch (command.command) {
    case "complete": return command.batch === undefined ? runComplete(command, signal) : runCompleteBatch(command, signal);
    case "ask": return runAsk(command, signal);
    case "replay": return runReplay(command, signal);
    case "demo": return runDemo(command, signal);
    case "measure": return runMeasure(command, signal);
    case "help": return writeError(USAGE).then(() => 0);
  }
}

// A reader that goes away early (`| head -1`) wants no more lines: that is no trouble of ours.
process.stdout.on("error", () => { process.exit(0); });

// Not `process.exit`: standard output may still hold lines for a slow reader.
void main().then((code) => { process.exitCode = code; });
