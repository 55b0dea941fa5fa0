import { statSync } from "node:fs";
import { GgufError, readGgufHeader, type GgufHeader } from "../core/models/gguf";
import { adapterProblem } from "../core/models/adapterFacts";
import type { LoraAdapter } from "../protocol/loadOptions";
import { withFileSource } from "./fileSource";

/** Why adapters cannot be laid over a model: one clause that names the file; undefined where they can. */
export function adaptersProblem(adapters: readonly LoraAdapter[], model: GgufHeader): string | undefined {
  for (const { path } of adapters) {
    const problem = problemOf(path, model);
    if (problem !== undefined) return `the adapter ${path.split(/[\\/]/).at(-1) ?? path}: ${problem}`;
  }
  return undefined;
}

function problemOf(path: string, model: GgufHeader): string | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return "there is no such file";
    return adapterProblem(withFileSource(path, readGgufHeader), model);
  } catch (error) {
    if (error instanceof GgufError) return error.message;
    return error instanceof Error ? error.message : String(error);
  }
}
