import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, PlainError, projectRoot, runCommand, runNpm } from "../project";
import { hasIntegrity, lockedPackage, readLockFile, type LockedPackage, type LockFile } from "./lockFile";

/** Gets a package's tarball into an empty folder, and is trusted with nothing: the bytes are checked afterwards. */
export type Download = (wanted: LockedPackage, folder: string) => Promise<void>;

/** Folder of a binary package whose content the lock file vouches for: what is installed, unless it must be `fetched` or is not there. */
export async function binaryPackageFolder(name: string, fetched: boolean): Promise<string> {
  const wanted = lockedPackage(await readLockFile(), `@node-llama-cpp/${name}`);
  const installed = path.join(projectRoot, "node_modules", wanted.name);
  if (!fetched && (await isInstalled(wanted))) return installed;
  return fetchPackage(wanted, path.join(cacheFolder, "engine-packages"));
}

/** npm checks the hash when it installs, and keeps a record of the hashes it has checked. */
async function isInstalled(wanted: LockedPackage): Promise<boolean> {
  const folder = path.join(projectRoot, "node_modules");
  const record = await readFile(path.join(folder, ".package-lock.json"), "utf8").catch(() => null);
  const manifest = await readFile(path.join(folder, wanted.name, "package.json"), "utf8").catch(() => null);
  if (record === null || manifest === null) return false;
  const entry = (JSON.parse(record) as LockFile).packages[`node_modules/${wanted.name}`];
  return entry?.integrity === wanted.integrity && (JSON.parse(manifest) as { version?: string }).version === wanted.version;
}

/**
 * Fetches a package by name and version into `cache`, refuses bytes with another hash than the lock file's, and
 * returns the folder with its files. A tarball that is there is not fetched again; it is checked again, and unpacked
 * again, so that nothing changed in between can get into a package.
 */
export async function fetchPackage(wanted: LockedPackage, cache: string, download: Download = npmPack): Promise<string> {
  const label = `${wanted.name.replace("@", "").replace("/", "-")}-${wanted.version}`;
  const tarball = path.join(cache, `${label}.tgz`);
  await mkdir(cache, { recursive: true });
  const bytes = (await readFile(tarball).catch(() => null)) ?? (await downloaded(wanted, tarball, download));
  if (!hasIntegrity(bytes, wanted)) {
    await rm(tarball, { force: true });
    throw new PlainError(`${wanted.name} ${wanted.version} is not the package that package-lock.json names: its hash differs. Nothing of it was used.`);
  }
  const folder = path.join(cache, label);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Every system in question has a tar that reads gzip. Names are relative: a drive's colon would be taken for a host.
  await runCommand("tar", ["-xzf", `../${label}.tgz`], { cwd: folder, quiet: true });
  return path.join(folder, "package");
}

async function downloaded(wanted: LockedPackage, tarball: string, download: Download): Promise<Buffer> {
  const folder = await mkdtemp(`${tarball}-`);
  try {
    await download(wanted, folder);
    const names = await readdir(folder);
    const [name] = names;
    if (name === undefined || names.length > 1) throw new PlainError(`${names.length} files came for ${wanted.name} ${wanted.version}.`);
    await rename(path.join(folder, name), tarball);
    return await readFile(tarball);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** npm hands the tarball over as it was published, whatever system it is for; the registry is the one that npm is set to. */
async function npmPack({ name, version }: LockedPackage, folder: string): Promise<void> {
  console.log(`Fetching ${name} ${version} ...`);
  await runNpm(["pack", `${name}@${version}`, "--ignore-scripts", "--prefer-offline", "--pack-destination", folder], { quiet: true });
}
