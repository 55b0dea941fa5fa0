/** `npm run package`: builds for production and makes one VSIX for this machine, at the root. */
import { listFiles, PackageManager } from "@vscode/vsce";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { stageEnginePackages } from "./packaging/enginePackages";
import { currentPlatform } from "./packaging/platform";
import { checkStagedEngine } from "./packaging/smoke";
import { createVsix } from "./packaging/vsce";
import { cacheFolder, PlainError, projectRoot, readManifest, runCommand, runMain } from "./project";

/** Copied as they are; `.vscodeignore` then says which of their files ship. */
const staged = ["dist", "media", "models", "README.md", "CHANGELOG.md", "LICENSE", "THIRD-PARTY-NOTICES.md", ".vscodeignore"];

/** The package is refused without these. */
const required = [
  "package.json",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "THIRD-PARTY-NOTICES.md",
  "dist/extension.js",
  "dist/engine.mjs",
  "dist/probe.mjs",
  "dist/indexWorker.js",
  "dist/recallWorker.js",
  "dist/readingSpeedWorker.js",
  "dist/cli.js",
  "dist/chat.js",
  "dist/grammars/web-tree-sitter.wasm",
  "dist/node_modules/node-llama-cpp/dist/index.js",
  "models/catalog.json",
  "models/recall/weights.json",
  "models/recall/together.json",
  "models/starter/manifest.json",
  "models/starter/CARD.md",
  "models/starter/TRAINING-DATA.md",
];

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function main(): Promise<void> {
  const platform = currentPlatform();
  const { name, version } = readManifest();
  const stage = path.join(cacheFolder, `package-${platform.target}`);
  console.log(`Packaging for ${platform.target} ...`);
  await runCommand(process.execPath, ["esbuild.js", "--production"]);
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  await stageProject(stage);
  // Below dist/ and not beside it: vsce collects the top node_modules through "npm list", which refuses a pruned tree.
  await stageEnginePackages(path.join(stage, "dist", "node_modules"), platform);
  console.log(`Staged engine: ${await checkStagedEngine(stage)}.`);
  const files = await listFiles({ cwd: stage, packageManager: PackageManager.None });
  checkContents(files);
  await checkStarterHash(stage);
  const vsix = path.join(projectRoot, `${name}-${platform.target}-${version}.vsix`);
  await createVsix({ folder: stage, out: vsix, target: platform.target });
  await printSizes(stage, files);
  console.log(`${path.basename(vsix)}: ${files.length} files, ${megabytes((await stat(vsix)).size)}`);
}

async function stageProject(stage: string): Promise<void> {
  for (const entry of staged) {
    const skipTrainingTools = (source: string): boolean => !source.includes(path.join("models", "starter", "train"));
    await cp(path.join(projectRoot, entry), path.join(stage, entry), { recursive: true, filter: skipTrainingTools }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  const manifest = JSON.parse(await readFile(path.join(projectRoot, "package.json"), "utf8")) as Record<string, unknown>;
  // Everything is bundled or staged: what npm would read is of no use to the editor.
  for (const field of ["scripts", "dependencies", "devDependencies", "private"]) delete manifest[field];
  await writeFile(path.join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

function checkContents(files: readonly string[]): void {
  const missing = required.filter((file) => !files.includes(file));
  if (!files.some((file) => /^models\/starter\/.*\.gguf$/.test(file))) missing.push("models/starter/*.gguf");
  if (missing.length > 0) throw new PlainError(`The package would lack: ${missing.join(", ")}.`);
}

/** The extension refuses a starter model that is not the one its manifest names: found now rather than by a user. */
async function checkStarterHash(stage: string): Promise<void> {
  const folder = path.join(stage, "models", "starter");
  const { file, sha256 } = JSON.parse(await readFile(path.join(folder, "manifest.json"), "utf8")) as { file: string; sha256: string };
  const actual = createHash("sha256").update(await readFile(path.join(folder, file))).digest("hex");
  if (actual !== sha256) throw new PlainError(`models/starter/manifest.json names another ${file}: its SHA-256 is ${actual}.`);
}

/** Unpacked bytes for each part, largest first. */
async function printSizes(stage: string, files: readonly string[]): Promise<void> {
  const sizes = new Map<string, number>();
  for (const file of files) {
    const part = partOf(file);
    sizes.set(part, (sizes.get(part) ?? 0) + (await stat(path.join(stage, file))).size);
  }
  for (const [part, bytes] of [...sizes].sort((a, b) => b[1] - a[1])) console.log(`  ${megabytes(bytes).padStart(9)}  ${part}`);
}

function partOf(file: string): string {
  if (file.startsWith("dist/node_modules/@node-llama-cpp/")) return "engine binaries";
  if (file.startsWith("dist/node_modules/")) return "engine library";
  if (file.startsWith("dist/grammars/")) return "grammars";
  if (file.startsWith("dist/")) return "bundles";
  if (file.startsWith("models/")) return "models";
  return "other";
}

runMain(main);
