import { readdir } from "node:fs/promises";
import path from "node:path";
import { currentPlatform, packageLabel, type PackagePlatform } from "./packaging/platform";
import { stageFolder } from "./packaging/stage";
import { PlainError, projectRoot, readManifest, runNpm } from "./project";

/** Path of the VSIX that `npm run package` makes for a platform, this machine's where none is given. */
export function vsixPath(platform: PackagePlatform = currentPlatform()): string {
  const { name, version } = readManifest();
  return path.join(projectRoot, `${name}-${packageLabel(platform)}-${version}.vsix`);
}

/** The tree that this machine's VSIX was made from: what is installed, as a folder. */
export function stagedExtension(): string {
  return stageFolder(currentPlatform());
}

/** Builds and packages the extension as `npm run package` does, prints the last line of its report and returns the VSIX's path. */
export async function buildAndPackage(): Promise<string> {
  const said = await runNpm(["run", "--silent", "package"], { quiet: true });
  console.log(said.trim().split("\n").at(-1) ?? "");
  const vsix = vsixPath();
  if (!(await readdir(projectRoot)).includes(path.basename(vsix))) throw new PlainError(`${path.basename(vsix)} was not made.`);
  return vsix;
}
