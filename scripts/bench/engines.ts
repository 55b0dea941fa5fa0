import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { syntheticModel, type SyntheticModelOptions } from "../../models/starter/train/syntheticModel";
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
export function benchModel(name: string, options: SyntheticModelOptions): string {
  const file = path.join(cacheFolder, "bench", `${name}.gguf`);
  if (!existsSync(file)) {
    console.log(`making ${name}.gguf once …`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, syntheticModel(options));
  }
  return file;
}

/** A file of the sample project or of our own source as typing material. */
export function readProjectFile(relativePath: string): string {
  return readFileSync(path.join(projectRoot, relativePath), "utf8");
}
