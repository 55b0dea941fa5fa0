import { build } from "esbuild";
import path from "node:path";
import { projectRoot } from "./project";

/** Bundles the suite that runs inside the extension host and returns the module's path. Mocha itself is taken from node_modules at run time. */
export async function buildSuite(): Promise<string> {
  const outfile = path.join(projectRoot, "out", "editor-suite", "index.js");
  await build({
    absWorkingDir: projectRoot,
    entryPoints: ["test/editor/suite/index.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "inline",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });
  return outfile;
}
