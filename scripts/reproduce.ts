/**
 * `npm run reproduce`: makes the packages of the current commit twice, here and in a fresh checkout in another folder
 * with its own installation, time zone and language, and compares them byte for byte. Takes the options of
 * `npm run package`; needs the registry and some minutes. What is not committed is refused: a checkout has none of it.
 */
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { parsePackageOptions } from "./packaging/options";
import { packageLabel } from "./packaging/platform";
import { cacheFolder, PlainError, projectRoot, runCommand, runMain, runNpm } from "./project";
import { vsixPath } from "./vsix";

async function main(): Promise<void> {
  const options = process.argv.slice(2);
  const { platforms } = parsePackageOptions(options);
  const changed = await runCommand("git", ["status", "--porcelain"], { quiet: true });
  if (changed !== "") throw new PlainError(`Commit first, or the two would differ:\n${changed.trimEnd()}`);
  await runNpm(["run", "--silent", "package", "--", ...options]);
  const checkout = path.join(cacheFolder, "reproduce", "another place");
  await packageElsewhere(checkout, options);
  const different: string[] = [];
  for (const platform of platforms) {
    const here = vsixPath(platform);
    const [one, other] = await Promise.all([sha256(here), sha256(path.join(checkout, path.relative(projectRoot, here)))]);
    console.log(`${one}  ${path.basename(here)}${one === other ? ", twice" : `, and there ${other}`}`);
    if (one !== other) different.push(packageLabel(platform));
  }
  await rm(checkout, { recursive: true, force: true });
  if (different.length > 0) throw new PlainError(`Not the same twice: ${different.join(", ")}.`);
}

async function packageElsewhere(checkout: string, options: readonly string[]): Promise<void> {
  await rm(checkout, { recursive: true, force: true });
  await runCommand("git", ["clone", "--quiet", "--no-local", projectRoot, checkout]);
  const env = { ...process.env, TZ: "Pacific/Auckland", LC_ALL: "cs_CZ.UTF-8", SOURCE_DATE_EPOCH: "1700000000" };
  // Another person's habit: what is written there is readable for its owner only.
  const before = process.umask(0o077);
  try {
    await runNpm(["ci", "--ignore-scripts", "--prefer-offline"], { cwd: checkout, env, quiet: true });
    await runNpm(["run", "--silent", "package", "--", ...options], { cwd: checkout, env });
  } finally {
    process.umask(before);
  }
}

async function sha256(file: string): Promise<string> {
  return createHash("sha256").update(await readFile(file)).digest("hex");
}

runMain(main);
