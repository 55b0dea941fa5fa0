import { build } from "esbuild";
import { cp, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { projectRoot } from "../project";
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
 * `binaryFolders`: for each of the platform's binary packages, the folder with its files.
 */
export async function stageEnginePackages(target: string, platform: PackagePlatform, binaryFolders: ReadonlyMap<string, string>): Promise<void> {
  const reached = await reachedFiles();
  const folders = new Set(reached.flatMap(foldersUpToPackage));
  for (const file of reached) await copyInstalled(target, file);
  // Inner folders may have a package.json of their own, which says CommonJS or not; licenses stand at the top.
  for (const folder of folders) await copyMatching(path.join(projectRoot, folder), inside(target, folder), /^(package\.json|licen[cs]e(\..*)?|copying|notice(\..*)?)$/i);
  for (const file of dataFiles) await copyInstalled(target, `node_modules/node-llama-cpp/${file}`);
  for (const [name, folder] of binaryFolders) await stageBinaries(folder, inside(target, `node_modules/@node-llama-cpp/${name}`), name, platform);
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

async function stageBinaries(from: string, to: string, name: string, platform: PackagePlatform): Promise<void> {
  await copyMatching(from, to, /^(package\.json|licen[cs]e)$/i);
  await copyMatching(path.join(from, "dist"), path.join(to, "dist"), /^index\.js$/);
  const binaries = path.join("bins", name);
  for (const file of (await readdir(path.join(from, binaries))).sort()) {
    if (keepsBinary(platform, file)) await copyFile(path.join(from, binaries, file), path.join(to, binaries, file));
  }
}

async function copyMatching(from: string, to: string, wanted: RegExp): Promise<void> {
  for (const name of (await readdir(from)).sort()) {
    if (wanted.test(name)) await copyFile(path.join(from, name), path.join(to, name));
  }
}

async function copyInstalled(target: string, file: string): Promise<void> {
  await copyFile(path.join(projectRoot, file), inside(target, file));
}

/** Where a path under the project's `node_modules` stands in another one. */
function inside(target: string, file: string): string {
  return path.join(target, path.relative("node_modules", file));
}

async function copyFile(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  await cp(from, to);
}
