import { build } from "esbuild";
import { cp, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { PlainError, projectRoot } from "../project";
import { keepsBinary, type PackagePlatform } from "./platform";

/**
 * What node-llama-cpp reads besides its code. Everything else under `llama/` serves compiling:
 * sources, toolchains and a 35 MB git bundle.
 */
const dataFiles = ["llama/binariesGithubRelease.json", "llama/llama.cpp.info.json", "llama/package.json"];

/** Needed only by ipull's downloads from one disk to another; it has native parts of its own. */
const neverLoaded = ["@reflink/reflink"];

/**
 * Copies node-llama-cpp, the packages it imports and one platform's binaries into `target` (a `node_modules` folder).
 * Of each package only the files that imports reach are taken, with its manifest and its license.
 * Throws where the platform's binary package is not installed.
 */
export async function stageEnginePackages(target: string, platform: PackagePlatform): Promise<void> {
  const reached = await reachedFiles();
  const folders = new Set(reached.flatMap(foldersUpToPackage));
  for (const file of reached) await copyInto(target, file);
  // Inner folders may have a package.json of their own, which says CommonJS or not; licenses stand at the top.
  for (const folder of folders) await copyMatching(target, folder, /^(package\.json|licen[cs]e(\..*)?|copying|notice(\..*)?)$/i);
  for (const file of dataFiles) await copyInto(target, `node_modules/node-llama-cpp/${file}`);
  await stageBinaries(target, platform);
}

/** Files under node_modules that `import "node-llama-cpp"` reaches, found the way Node resolves them. */
export async function reachedFiles(): Promise<string[]> {
  const result = await build({
    absWorkingDir: projectRoot,
    stdin: { contents: 'import "node-llama-cpp";', resolveDir: projectRoot, sourcefile: "entry.mjs" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // Node knows no "module" condition; with esbuild's default a file could be found that Node would not load.
    conditions: [],
    mainFields: ["main"],
    external: ["@node-llama-cpp/*", "electron", ...neverLoaded],
    logLevel: "error",
  });
  return Object.keys(result.metafile.inputs).filter((file) => file.startsWith("node_modules/")).sort();
}

/** Every folder from the file's own up to its package's, relative to the root. */
function foldersUpToPackage(file: string): string[] {
  const parts = file.split("/");
  const start = parts.lastIndexOf("node_modules") + 1;
  const packageLength = parts[start]?.startsWith("@") ? start + 2 : start + 1;
  return parts.slice(packageLength).map((_, index) => parts.slice(0, packageLength + index).join("/"));
}

async function stageBinaries(target: string, platform: PackagePlatform): Promise<void> {
  const folder = `node_modules/@node-llama-cpp/${platform.binaryPackage}`;
  const names = await readdir(path.join(projectRoot, folder)).catch(() => null);
  if (!names) {
    throw new PlainError(`The engine's binaries are missing: @node-llama-cpp/${platform.binaryPackage} is not installed. Run "npm ci" without --omit=optional.`);
  }
  await copyMatching(target, folder, /^(package\.json|licen[cs]e)$/i);
  await copyInto(target, `${folder}/dist/index.js`);
  const binaries = `${folder}/bins/${platform.binaryPackage}`;
  for (const name of (await readdir(path.join(projectRoot, binaries))).sort()) {
    if (keepsBinary(platform, name)) await copyInto(target, `${binaries}/${name}`);
  }
}

async function copyMatching(target: string, folder: string, wanted: RegExp): Promise<void> {
  for (const name of (await readdir(path.join(projectRoot, folder))).sort()) {
    if (wanted.test(name)) await copyInto(target, `${folder}/${name}`);
  }
}

async function copyInto(target: string, file: string): Promise<void> {
  const destination = path.join(target, path.relative("node_modules", file));
  await mkdir(path.dirname(destination), { recursive: true });
  await cp(path.join(projectRoot, file), destination);
}
