/** `npm run package`: builds for production and makes one VSIX for this machine, for a named target, or for all, at the root. */
import { listFiles, PackageManager } from "@vscode/vsce";
import { createHash } from "node:crypto";
import { readFile, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { packageFaults } from "./packaging/checks";
import { parsePackageOptions } from "./packaging/options";
import { isThisMachine, packageLabel, type PackagePlatform } from "./packaging/platform";
import { checkForeignEngine, checkStagedEngine } from "./packaging/smoke";
import { stagePackage } from "./packaging/stage";
import { createVsix } from "./packaging/vsce";
import { readZip } from "./packaging/zipFile";
import { megabytes, PlainError, projectRoot, runCommand, runMain } from "./project";
import { vsixPath } from "./vsix";

async function main(): Promise<void> {
  const { platforms, fetched } = parsePackageOptions(process.argv.slice(2));
  await runCommand(process.execPath, ["esbuild.js", "--production"]);
  for (const platform of platforms) await makePackage(platform, fetched);
}

async function makePackage(platform: PackagePlatform, fetched: boolean): Promise<void> {
  console.log(`Packaging for ${packageLabel(platform)} ...`);
  const stage = await stagePackage(platform, fetched);
  const engine = isThisMachine(platform) ? await checkStagedEngine(stage) : await checkForeignEngine(stage, platform);
  console.log(`Staged engine: ${engine}.`);
  const vsix = vsixPath(platform);
  await createVsix({ folder: stage, out: vsix, target: platform.target });
  const bytes = await readFile(vsix);
  const entries = readZip(bytes);
  const faults = packageFaults({ entries, bytes: bytes.length }, platform, machinePlaces());
  if (faults.length > 0) {
    await rm(vsix);
    throw new PlainError(`${path.basename(vsix)} would not do and was deleted:\n  ${faults.join("\n  ")}`);
  }
  await printSizes(stage);
  console.log(`${path.basename(vsix)}: ${entries.length} files, ${megabytes(bytes.length)}, SHA-256 ${createHash("sha256").update(bytes).digest("hex")}`);
}

/** Folders that only this machine has; one as short as `/root` could stand in any text. */
function machinePlaces(): string[] {
  return [projectRoot, os.homedir()].filter((place) => place.split(/[\\/]/).filter(Boolean).length >= 2);
}

/** Unpacked bytes for each part, largest first. */
async function printSizes(stage: string): Promise<void> {
  const sizes = new Map<string, number>();
  for (const file of await listFiles({ cwd: stage, packageManager: PackageManager.None })) {
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
