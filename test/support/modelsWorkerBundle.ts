import { build } from "esbuild";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
let built: Promise<string> | undefined;

/** Builds the models' worker as the product's build does, into `out/`, once per test run; needs no `dist`. */
export function modelsWorkerBundle(): Promise<string> {
  built ??= bundle(path.join(root, "out", "models-worker-test", "modelsWorker.js"));
  return built;
}

async function bundle(outfile: string): Promise<string> {
  await build({ entryPoints: [path.join(root, "src/services/models/modelsWorker.ts")], outfile, bundle: true, platform: "node", target: "node20", format: "cjs", logLevel: "error" });
  return outfile;
}
