import path from "node:path";
import { parseArgs } from "node:util";
import { PlainError } from "../project";

/** Who answers the cases. */
export const ENGINES = ["recall", "model", "both"] as const;
export type EngineName = (typeof ENGINES)[number];

/** A repository as it was named on the command line. */
export interface NamedRepository {
  readonly name: string;
  readonly folder: string;
}

export interface ReplayOptions {
  readonly repositories: readonly NamedRepository[];
  /** First-parent commits of the span. */
  readonly since: number;
  /** Counted cases of each repository. */
  readonly cases: number;
  readonly engines: readonly EngineName[];
  /** A GGUF file; the bundled starter without one. */
  readonly model: string | undefined;
  /** Where the figures and all answers are written. */
  readonly json: string | undefined;
  /** What an earlier run wrote with `json`: its answers are compared on the same cases. */
  readonly against: string | undefined;
  /** Where every judgement over both voices is written, one a line: what `models/recall/fit/fitTogether.ts` reads. */
  readonly judged: string | undefined;
  /** Where cases and workspaces are written instead of asking anybody. */
  readonly write: string | undefined;
  readonly seed: string;
  /** Paths of the repositories to leave out, in the form of lines of `.gitignore`. */
  readonly exclude: readonly string[];
}

export const USAGE = `usage: npm run evaluate:replay -- --repo [NAME=]GITDIR [--repo ...] [--since COMMITS] [--cases COUNT]
         [--engine recall|model|both|all] [--model GGUF] [--json FILE] [--against FILE] [--judged FILE] [--seed TEXT] [--exclude PATTERN ...]
       npm run evaluate:replay -- --repo [NAME=]GITDIR --write FOLDER    writes cases and workspaces, asks nobody`;

const OPTIONS = {
  repo: { type: "string", multiple: true },
  since: { type: "string", default: "200" },
  cases: { type: "string", default: "300" },
  engine: { type: "string", default: "all" },
  model: { type: "string" },
  json: { type: "string" },
  against: { type: "string" },
  judged: { type: "string" },
  write: { type: "string" },
  seed: { type: "string", default: "1" },
  exclude: { type: "string", multiple: true },
} as const;

/** Reads the command line; throws `PlainError` with one line that says what is wrong. */
export function parseReplayOptions(argv: readonly string[]): ReplayOptions {
  const values = parsed(argv);
  const repositories = (values.repo ?? []).map(namedRepository);
  if (repositories.length === 0) throw new PlainError(USAGE);
  const names = repositories.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new PlainError(`--repo: two repositories are called ${twice}; name one as NAME=GITDIR`);
  return {
    repositories,
    since: count("--since", values.since),
    cases: count("--cases", values.cases),
    engines: enginesOf(values.engine),
    model: values.model,
    json: values.json,
    against: values.against,
    judged: values.judged,
    write: values.write,
    seed: values.seed,
    exclude: values.exclude ?? [],
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (error) {
    throw new PlainError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** `NAME=GITDIR`, or a folder that gives its own name. */
function namedRepository(text: string): NamedRepository {
  const named = /^([\w.-]+)=(.+)$/.exec(text);
  if (named) return { name: named[1] ?? "", folder: named[2] ?? "" };
  const name = path.basename(path.resolve(text).replace(/[\\/]\.git$/, "")).replace(/\.git$/, "");
  return { name, folder: text };
}

function enginesOf(value: string): readonly EngineName[] {
  if (value === "all") return ENGINES;
  const engine = ENGINES.find((name) => name === value);
  if (engine === undefined) throw new PlainError(`--engine ${value}: it is one of ${ENGINES.join(", ")} and all`);
  return [engine];
}

function count(name: string, value: string): number {
  const found = Number(value);
  if (!Number.isInteger(found) || found < 1) throw new PlainError(`${name} ${value}: a whole number from 1 on is wanted`);
  return found;
}
