import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { int32Array, type Metadata } from "../../models/starter/train/gguf";
import { syntheticModel, tokenTypes, type SyntheticModelOptions } from "../../models/starter/train/syntheticModel";
import { readGgufHeader } from "../../src/core/models/gguf";
import { silentLog } from "../../src/core/util/log";
import type { ModelRole } from "../../src/protocol/engine";
import { EngineSupervisor } from "../../src/services/engine/engineSupervisor";
import { cacheFolder, projectRoot } from "../project";

/** The child's entry as it is built. */
export const engineEntry = path.join(projectRoot, "dist", "engine.mjs");

/** The bundled starter. */
export const starterPath = path.join(projectRoot, "models", "starter", "ghostlight-starter.gguf");

/** A supervised engine of the real child with a model in a role. The caller disposes of it. */
export async function startBenchEngine(role: ModelRole, model: string, contextSize: number, threads = 1): Promise<EngineSupervisor> {
  const supervisor = new EngineSupervisor({
    entry: engineEntry,
    runtime: "editor",
    threads,
    memory: { lastDied: () => undefined, remember: () => undefined },
    log: silentLog,
    clock: () => performance.now(),
    wait: (delay) => new Promise((resolve) => setTimeout(resolve, delay)),
  });
  await supervisor.use(role, { path: model, contextSize });
  if (!supervisor.loaded(role)) throw new Error(`the engine did not load ${model}: ${JSON.stringify(supervisor.state)}`);
  return supervisor;
}

/** A file with random weights, made once and kept in the cache folder; speed does not depend on the values. */
export function benchModel(name: string, options: () => SyntheticModelOptions): string {
  const file = path.join(cacheFolder, "bench", `${name}.gguf`);
  if (!existsSync(file)) {
    console.log(`making ${name}.gguf once …`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, syntheticModel(options()));
  }
  return file;
}

/**
 * Half the depth of Qwen2.5-Coder-0.5B at its width and vocabulary. Its fill-up tokens are words, not special ones:
 * with random weights nearly every step would otherwise be an end of text.
 */
export function halfDepthModel(): string {
  const shape: SyntheticModelOptions = { architecture: "qwen2", family: "qwen", vocabulary: 151_936, contextLength: 2_048 };
  return benchModel("half-depth", () => ({ ...shape, layers: 12, width: 896, metadata: wordsForUnusedTokens(syntheticModel({ ...shape, layers: 1, width: 64 })) }));
}

/** The vocabulary of a synthetic file with a plain word in place of each unused token. */
function wordsForUnusedTokens(file: Buffer): Metadata {
  const { metadata } = readGgufHeader({ size: file.length, read: (offset, length) => file.subarray(offset, offset + length) });
  const tokens = metadata.get("tokenizer.ggml.tokens");
  const types = metadata.get("tokenizer.ggml.token_type");
  if (!Array.isArray(tokens) || !Array.isArray(types)) throw new Error("the synthetic file has no vocabulary");
  const isUnused = (token: unknown): boolean => String(token).startsWith("<|unused_");
  return {
    "tokenizer.ggml.tokens": tokens.map((token, index) => (isUnused(token) ? `w${String(index)}` : String(token))),
    "tokenizer.ggml.token_type": int32Array(types.map((type, index) => (isUnused(tokens[index]) ? tokenTypes.normal : Number(type)))),
  };
}

/** A file of the sample project or of our own source as typing material. */
export function readProjectFile(relativePath: string): string {
  return readFileSync(path.join(projectRoot, relativePath), "utf8");
}
