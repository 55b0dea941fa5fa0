/** The one configuration of the recipe, `config.json`, as a type. */
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

export interface DebianPackage {
  readonly name: string;
  /** SPDX licence of a package whose copyright file is not machine-readable or names it in its own way; read by a person. */
  readonly licence?: string;
  /** The name is that of a source package: for languages whose binary packages hold no source. */
  readonly source?: boolean;
}

export interface RecipeConfig {
  readonly corpus: {
    /** `name@version`, named by hand. */
    readonly npm: readonly string[];
    readonly debian: readonly (string | DebianPackage)[];
    /** Package names whose files are only evaluated on. */
    readonly heldOut: readonly string[];
    readonly seed: number;
    readonly maximumBytesPerPackage: number;
    /** Larger limits for single packages. */
    readonly maximumBytes: Readonly<Record<string, number>>;
    /** Limits for a whole language, in bytes, training part only. */
    readonly maximumBytesPerLanguage: Readonly<Record<string, number>>;
  };
  readonly tokenizer: { readonly vocabulary: number; readonly trainingBytes: number; readonly seed: number };
  readonly samples: SampleConfig;
  readonly model: {
    readonly width: number;
    readonly layers: number;
    readonly heads: number;
    readonly keyValueHeads: number;
    readonly feedForward: number;
    readonly context: number;
    readonly ropeBase: number;
    readonly normEpsilon: number;
  };
  readonly training: {
    readonly threads: number;
    /** Rows of `context` tokens that one step of the optimizer sees. */
    readonly rowsPerStep: number;
    /** What computes: the processor (C++ and oneDNN) or an NVIDIA GPU (CUDA and cuBLAS). */
    readonly backEnd: "processor" | "cuda";
    /** Wall time of the training, pauses between runs not counted. */
    readonly minutes: number;
    /** Ends the training earlier, once so many tokens were seen. */
    readonly tokens?: number;
    /** Part of the time at the end over which the rates fall. */
    readonly decay: number;
    /** Weight of a middle's tokens in the loss; other tokens have 1. */
    readonly middleWeight: number;
    readonly muonRate: number;
    readonly adamRate: number;
    readonly seed: number;
  };
}

/** Shares of the sample kinds add up to 1 with plain left-to-right samples as the rest. */
export interface SampleConfig {
  readonly seed: number;
  readonly restOfLine: number;
  readonly block: number;
  readonly span: number;
  /** Share of rest-of-line cuts that stand at the indentation. */
  readonly atIndentation: number;
  /** Share of the samples with chunks of other files of the package before their own. */
  readonly repositoryContext: number;
  /** Largest part of a sample that these chunks fill. */
  readonly maximumContextShare: number;
  /** Share of the prefix's lines that are tokenized in two pieces, as if somebody had paused there. */
  readonly splitLines: number;
  readonly maximumSuffixLines: number;
  readonly maximumBlockLines: number;
  /** Passes over the corpus written to the sample file, each with other cuts. */
  readonly passes: number;
  /** How often a language's files are taken in one pass. */
  readonly repeats: Readonly<Record<string, number>>;
}

/** Folder of the recipe's committed files. */
export const recipeFolder = __dirname;

/** What the arguments of a command of the recipe say: its configuration and everything else in order. */
export interface CommandLine { readonly config: RecipeConfig; readonly rest: readonly string[] }

/** Reads `[--config FILE] OTHERS...`; a name without a folder is that of a file of the recipe. Throws without a file. */
export function readCommandLine(commandArguments: readonly string[]): CommandLine {
  const at = commandArguments.indexOf("--config");
  if (at < 0) return { config: readConfig(), rest: commandArguments };
  const file = commandArguments[at + 1];
  if (file === undefined) throw new Error("--config needs the name of a file");
  return { config: readConfig(file), rest: commandArguments.filter((_, index) => index !== at && index !== at + 1) };
}

/**
 * Reads `config.json`, and what another file changes in it. The recipe's own file is trusted, so its values are not
 * validated; names in the other file that do not exist in it are an error, since they would change nothing.
 */
export function readConfig(changes?: string): RecipeConfig {
  const base = readJson(join(recipeFolder, "config.json")) as RecipeConfig;
  return changes === undefined ? base : withChanges(base, readJson(isAbsolute(changes) || changes.includes("/") ? changes : join(recipeFolder, changes)));
}

/** Settings that `config.json` may leave out. */
const optionalSettings = new Set(["corpus.maximumBytes.*", "corpus.maximumBytesPerLanguage.*", "samples.repeats.*", "training.tokens"]);

/** A configuration with some of its values replaced; lists are replaced whole. Throws on names that it does not have. */
export function withChanges<Value>(base: Value, changes: unknown, at = ""): Value {
  if (!isRecord(base) || !isRecord(changes)) return changes as Value;
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(changes)) {
    const path = at === "" ? name : `${at}.${name}`;
    const known = Object.hasOwn(base, name) || optionalSettings.has(path) || optionalSettings.has(`${at}.*`);
    if (!known) throw new Error(`the configuration has no ${path}`);
    result[name] = withChanges(base[name], value, path);
  }
  return result as Value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
