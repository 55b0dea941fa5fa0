import { build } from "esbuild";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
let built: Promise<string> | undefined;

/** The ranker's weights that ship. */
export const recallWeightsPath = path.join(root, "models", "recall", "weights.json");

/** Builds recall's worker as the product's build does, into `out/`, once per test run; needs no `dist`. */
export function recallWorkerBundle(): Promise<string> {
  built ??= bundle(path.join(root, "out", "recall-worker-test", "recallWorker.js"));
  return built;
}

async function bundle(outfile: string): Promise<string> {
  await build({ entryPoints: [path.join(root, "src/services/index/recallWorker.ts")], outfile, bundle: true, platform: "node", target: "node20", format: "cjs", logLevel: "error" });
  return outfile;
}
