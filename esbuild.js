// Builds everything that ships into dist/. Neither trains nor downloads. `--production` minifies.
const { build, context } = require("esbuild");
const { cpSync, mkdirSync, rmSync, statSync } = require("node:fs");
const path = require("node:path");

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

/** Settings every bundle shares. Names are kept so that logs of crashes can be read. */
const shared = {
  bundle: true,
  minify: production,
  keepNames: true,
  sourcemap: production ? false : "linked",
  logLevel: "warning",
  legalComments: "none",
};
const node = { ...shared, platform: "node", target: "node20" };

const bundles = [
  { ...node, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", format: "cjs", external: ["vscode"] },
  // ES module, because node-llama-cpp has top-level await; external, because it finds its files by their layout.
  { ...node, entryPoints: ["src/engine/main.ts"], outfile: "dist/engine.mjs", format: "esm", external: ["node-llama-cpp"], banner: { js: requireForEsm() } },
  // Looks for a GPU back end in a process that is thrown away.
  { ...node, entryPoints: ["src/engine/probe.ts"], outfile: "dist/probe.mjs", format: "esm", external: ["node-llama-cpp"], banner: { js: requireForEsm() } },
  { ...node, entryPoints: ["src/services/index/worker.ts"], outfile: "dist/indexWorker.js", format: "cjs", external: [] },
  // Not minified instead of with kept names: those cost a call for every closure, a third of a key's time here.
  { ...node, minify: false, keepNames: false, entryPoints: ["src/services/index/recallWorker.ts"], outfile: "dist/recallWorker.js", format: "cjs" },
  { ...node, entryPoints: ["src/services/models/modelsWorker.ts"], outfile: "dist/modelsWorker.js", format: "cjs" },
  { ...node, entryPoints: ["src/cli/main.ts"], outfile: "dist/cli.js", format: "cjs" },
  { ...shared, entryPoints: ["src/webview/chat.ts"], outfile: "dist/chat.js", platform: "browser", target: "chrome128", format: "iife", tsconfig: "src/webview/tsconfig.json" },
];

/** vscode-jsonrpc is CommonJS and calls `require`; an ES module has none of its own. */
function requireForEsm() {
  return 'import { createRequire as ghostlightCreateRequire } from "node:module"; const require = ghostlightCreateRequire(import.meta.url);';
}

/** Grammar packages and the wasm files taken from them. */
const grammars = [
  "tree-sitter-typescript/tree-sitter-typescript.wasm",
  "tree-sitter-typescript/tree-sitter-tsx.wasm",
  "tree-sitter-javascript/tree-sitter-javascript.wasm",
  "tree-sitter-python/tree-sitter-python.wasm",
  "tree-sitter-go/tree-sitter-go.wasm",
  "tree-sitter-rust/tree-sitter-rust.wasm",
  "tree-sitter-java/tree-sitter-java.wasm",
  "tree-sitter-c/tree-sitter-c.wasm",
  "tree-sitter-cpp/tree-sitter-cpp.wasm",
  "tree-sitter-c-sharp/tree-sitter-c_sharp.wasm",
];

function copyGrammars() {
  const target = path.join(__dirname, "dist", "grammars");
  mkdirSync(target, { recursive: true });
  const runtime = "web-tree-sitter/web-tree-sitter.wasm";
  for (const file of [runtime, ...grammars]) {
    cpSync(path.join(__dirname, "node_modules", file), path.join(target, path.basename(file)));
  }
}

/** Entry points may be missing only while the file has not been written: a missing one is an error. */
async function main() {
  if (!watch) rmSync(path.join(__dirname, "dist"), { recursive: true, force: true });
  copyGrammars();
  if (watch) {
    for (const options of bundles) await (await context(options)).watch();
    return;
  }
  await Promise.all(bundles.map((options) => build(options)));
  for (const { outfile } of bundles) {
    console.log(`${outfile} ${(statSync(path.join(__dirname, outfile)).size / 1024).toFixed(0)} kB`);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
