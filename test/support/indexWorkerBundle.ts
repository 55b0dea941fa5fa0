import { build } from "esbuild";
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { GRAMMAR_FILES } from "../../src/services/syntax/queries";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(import.meta.url);
let built: Promise<IndexWorkerBundle> | undefined;

export interface IndexWorkerBundle {
  readonly workerPath: string;
  readonly grammarsPath: string;
}

/** Where a wasm file lies in the packages: for tests that parse without a thread. */
export function grammarFile(file: string): string {
  if (file === "web-tree-sitter.wasm") return require.resolve("web-tree-sitter/web-tree-sitter.wasm");
  const names = ["typescript", "javascript", "python", "go", "rust", "java", "c", "cpp", "c-sharp"];
  const owner = names.find((name) => file === `tree-sitter-${name.replace("-", "_")}.wasm`) ?? "typescript";
  return path.join(root, "node_modules", `tree-sitter-${owner}`, file);
}

/** Builds the worker as the product's build does, into `out/`, once per test run; needs no `dist`. */
export function indexWorkerBundle(): Promise<IndexWorkerBundle> {
  built ??= bundle(path.join(root, "out", "index-worker-test"));
  return built;
}

async function bundle(folder: string): Promise<IndexWorkerBundle> {
  const grammarsPath = path.join(folder, "grammars");
  mkdirSync(grammarsPath, { recursive: true });
  for (const file of ["web-tree-sitter.wasm", ...Object.values(GRAMMAR_FILES)]) copyFileSync(grammarFile(file), path.join(grammarsPath, file));
  const workerPath = path.join(folder, "indexWorker.js");
  await build({ entryPoints: [path.join(root, "src/services/index/worker.ts")], outfile: workerPath, bundle: true, platform: "node", target: "node20", format: "cjs", logLevel: "error" });
  return { workerPath, grammarsPath };
}
