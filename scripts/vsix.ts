import { readdir } from "node:fs/promises";
import path from "node:path";
import { currentPlatform } from "./packaging/platform";
import { cacheFolder, PlainError, projectRoot, readManifest, runCommand } from "./project";

/** Path of the VSIX that `npm run package` makes on this machine. */
export function vsixPath(): string {
  const { name, version } = readManifest();
  return path.join(projectRoot, `${name}-${currentPlatform().target}-${version}.vsix`);
}

/** The tree that the VSIX was made from: what is installed, as a folder. */
export function stagedExtension(): string {
  return path.join(cacheFolder, `package-${currentPlatform().target}`);
}

/** Builds and packages the extension as `npm run package` does, prints the last line of its report and returns the VSIX's path. */
export async function buildAndPackage(): Promise<string> {
  const said = await runCommand("npm", ["run", "--silent", "package"], { quiet: true });
  console.log(said.trim().split("\n").at(-1) ?? "");
  const vsix = vsixPath();
  if (!(await readdir(projectRoot)).includes(path.basename(vsix))) throw new PlainError(`${path.basename(vsix)} was not made.`);
  return vsix;
}
