import { build } from "esbuild";
import path from "node:path";
import { projectRoot } from "./project";

/**
 * Bundles a module that runs inside the extension host, the suite or the bench, and returns the bundle's path.
 * Mocha itself is taken from node_modules at run time.
 */
export async function buildSuite(name: "suite" | "bench" = "suite"): Promise<string> {
  const outfile = path.join(projectRoot, "out", `editor-${name}`, "index.js");
  await build({
    absWorkingDir: projectRoot,
    entryPoints: [`test/editor/${name}/index.ts`],
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
