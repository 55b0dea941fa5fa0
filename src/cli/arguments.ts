import { parseArgs } from "node:util";
import type { Engines } from "../core/completion/complete";
import { DEFAULT_PRESET, PRESET_THRESHOLDS } from "../core/completion/presets";

/** Something the caller gave is not usable. The message is one line that names it and says what is wrong. */
export class BadInputError extends Error {
  override readonly name = "BadInputError";
}

/** Options that every command shares. */
export interface CommonOptions {
  readonly workspace: string | undefined;
  readonly model: string | undefined;
  /** Which voices may complete. */
  readonly engine: Engines;
  /** Least probability shown; 0 turns the gate off. */
  readonly threshold: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** A parsed command line. */
export type CommandLine =
  | (CommonOptions & { readonly command: "complete"; readonly place: string; readonly batch: undefined })
  | (CommonOptions & { readonly command: "complete"; readonly batch: string })
  | (CommonOptions & { readonly command: "ask"; readonly question: string })
  | (CommonOptions & { readonly command: "replay"; readonly trace: string; readonly wait: boolean })
  | (CommonOptions & { readonly command: "demo" })
  | (CommonOptions & { readonly command: "measure" })
  | { readonly command: "help" };

/** What `--help` prints. */
export const USAGE = `usage:
  node dist/cli.js complete FILE:LINE:COLUMN [--workspace DIR] [--model GGUF] [--engine recall|model|both] [--threshold P] [--json]
  node dist/cli.js complete --batch CASES.jsonl --workspace DIR [the same options] --json
  node dist/cli.js ask "QUESTION" --workspace DIR [--model GGUF] [--json]
  node dist/cli.js replay TRACE.jsonl [--model GGUF] [--engine recall|model|both] [--wait] [--json]
  node dist/cli.js demo [--workspace DIR] [--engine recall|model|both]
  node dist/cli.js measure [--model GGUF] [--json]`;

/** Default of `--threshold`: that of the balanced preset. */
const DEFAULT_THRESHOLD = PRESET_THRESHOLDS[DEFAULT_PRESET];

/** Parses arguments without the two first of `process.argv`. Throws `BadInputError`. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parse(argv);
  const [command, subject] = positionals;
  if (values.help === true || command === undefined) return { command: "help" };
  const common: CommonOptions = {
    workspace: values.workspace,
    model: values.model,
    engine: engineOf(values.engine),
    threshold: thresholdOf(values.threshold),
    json: values.json === true,
    verbose: values.verbose === true,
  };
  switch (command) {
    case "complete": return completeCommand(common, subject, values.batch);
    case "ask": return { ...common, command, question: required(subject, "ask: a question is missing") };
    case "replay": return { ...common, command, trace: required(subject, "replay: a trace file is missing"), wait: values.wait === true };
    case "demo":
    case "measure": return { ...common, command };
    default: throw new BadInputError(`${command}: no such command; see --help`);
  }
}

function completeCommand(common: CommonOptions, place: string | undefined, batch: string | undefined): CommandLine {
  if (batch === undefined) return { ...common, command: "complete", place: required(place, "complete: FILE:LINE:COLUMN is missing"), batch };
  if (common.workspace === undefined) throw new BadInputError("complete --batch: --workspace DIR is missing");
  return { ...common, command: "complete", batch };
}

function parse(argv: readonly string[]): ReturnType<typeof parseOptions> {
  try {
    return parseOptions(argv);
  } catch (error) {
    throw new BadInputError(`${error instanceof Error ? error.message.split(". ")[0] ?? "" : String(error)}; see --help`);
  }
}

function parseOptions(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      workspace: { type: "string" },
      model: { type: "string" },
      engine: { type: "string" },
      threshold: { type: "string" },
      batch: { type: "string" },
      json: { type: "boolean" },
      wait: { type: "boolean" },
      verbose: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
}

/** Default of `--engine`. */
const DEFAULT_ENGINE: Engines = "both";

function engineOf(value: string | undefined): Engines {
  if (value === undefined) return DEFAULT_ENGINE;
  if (value === "recall" || value === "model" || value === "both") return value;
  throw new BadInputError(`--engine ${value}: recall, model or both is wanted`);
}

function thresholdOf(value: string | undefined): number {
  if (value === undefined) return DEFAULT_THRESHOLD;
  const threshold = Number(value);
  if (value.trim() === "" || !(threshold >= 0 && threshold <= 1)) throw new BadInputError(`--threshold ${value}: a number from 0 to 1 is wanted`);
  return threshold;
}

function required(value: string | undefined, message: string): string {
  if (value === undefined || value === "") throw new BadInputError(message);
  return value;
}
