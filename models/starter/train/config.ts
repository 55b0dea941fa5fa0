/** The one configuration of the recipe, `config.json`, as a type. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface DebianPackage {
  readonly name: string;
  /** SPDX licence for packages whose copyright file is not machine-readable; read by a person. */
  readonly licence?: string;
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
    /** Wall time of the training, pauses between runs not counted. */
    readonly minutes: number;
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

/** Reads `config.json`; the recipe's own file is trusted, so it is not validated. */
export function readConfig(path = join(recipeFolder, "config.json")): RecipeConfig {
  return JSON.parse(readFileSync(path, "utf8")) as RecipeConfig;
}
