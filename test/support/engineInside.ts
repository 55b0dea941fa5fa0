import { build } from "esbuild";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as internals from "./engineInternals";

type EngineInternals = typeof internals;

const root = path.resolve(__dirname, "../..");

const bundled: { engine?: Promise<EngineInternals> } = {};

/**
 * The engine's parts in this process, for what cannot be counted from outside. Bundled as the product's build does,
 * once per run: node-llama-cpp is an ES module with top-level await, which a test file cannot load as it is.
 */
export function engineInside(): Promise<EngineInternals> {
  bundled.engine ??= bundle();
  return bundled.engine;
}

async function bundle(): Promise<EngineInternals> {
  const outfile = path.join(root, "out", "engine-inside-test", "engine.mjs");
  await build({ entryPoints: [path.join(root, "test/support/engineInternals.ts")], outfile, bundle: true, platform: "node", target: "node20", format: "esm", external: ["node-llama-cpp"], logLevel: "error" });
  return await import(pathToFileURL(outfile).href) as EngineInternals;
}
