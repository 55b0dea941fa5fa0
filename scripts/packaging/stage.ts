import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, PlainError, projectRoot } from "../project";
import { binaryPackageFolder } from "./binaryPackages";
import { stageEnginePackages } from "./enginePackages";
import { packageLabel, type PackagePlatform } from "./platform";

/** Copied as they are; `.vscodeignore` then says which of their files ship. */
const staged = ["dist", "media", "models", "README.md", "CHANGELOG.md", "LICENSE", "THIRD-PARTY-NOTICES.md", ".vscodeignore"];

/** Where the tree of a package is put together: what is installed from it, as a folder. */
export function stageFolder(platform: PackagePlatform): string {
  return path.join(cacheFolder, `package-${packageLabel(platform)}`);
}

/** Puts the tree of one package together from what is built, and returns its folder. `fetched`: see `PackageOptions`. */
export async function stagePackage(platform: PackagePlatform, fetched: boolean): Promise<string> {
  const stage = stageFolder(platform);
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  await stageProject(stage);
  const folders = new Map<string, string>();
  for (const name of platform.binaryPackages) folders.set(name, await binaryPackageFolder(name, fetched));
  // Below dist/ and not beside it: vsce collects the top node_modules through "npm list", which refuses a pruned tree.
  await stageEnginePackages(path.join(stage, "dist", "node_modules"), platform, folders);
  await checkStarterHash(stage);
  await setAlikeModes(stage);
  return stage;
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

/** The extension refuses a starter model that is not the one its manifest names: found now rather than by a user. */
async function checkStarterHash(stage: string): Promise<void> {
  const folder = path.join(stage, "models", "starter");
  const { file, sha256 } = JSON.parse(await readFile(path.join(folder, "manifest.json"), "utf8")) as { file: string; sha256: string };
  const actual = createHash("sha256").update(await readFile(path.join(folder, file))).digest("hex");
  if (actual !== sha256) throw new PlainError(`models/starter/manifest.json names another ${file}: its SHA-256 is ${actual}.`);
}

/** File modes go into the VSIX, and depend on who checked the project out and how. Nothing in it is started by its name. */
async function setAlikeModes(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    const file = path.join(folder, name);
    if ((await stat(file)).isFile()) await chmod(file, 0o644);
  }
}
