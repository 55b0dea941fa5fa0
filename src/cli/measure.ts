import { describeTuning } from "../core/models/tuning";
import { measureLoaded } from "../services/engine/measure";
import { physicalCores } from "../services/engine/threads";
import type { CommandLine } from "./arguments";
import { writeError, writeJsonLine, writeWords } from "./output";
import { startEngine } from "./session";

type MeasureCommand = Extract<CommandLine, { command: "measure" }>;

/** `measure`: how fast a model reads and writes on this machine, and what it is then run with. Takes 20 seconds at most. */
export async function runMeasure(command: MeasureCommand, signal: AbortSignal): Promise<number> {
  const session = await startEngine(command, "completion", signal);
  try {
    const measured = await measureLoaded(session.supervisor, "completion", { physicalCores: physicalCores() }, signal);
    if (measured.outcome === "stopped") return 130;
    if (measured.outcome === "failed") {
      await writeError(`measure: ${measured.cause}`);
      return 1;
    }
    const { tuning } = measured;
    if (command.json) await writeJsonLine({ model: session.model.path, ...tuning, placement: session.model.placement });
    else await writeWords(describeTuning("completion", tuning));
    return 0;
  } finally {
    session.dispose();
  }
}
