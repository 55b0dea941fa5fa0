/** Downloads and unpacks npm and Debian packages into a temporary folder. No script of a package is run. */
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { DebianPackage } from "./config.js";
import { debianLicence } from "./licences.js";

/** An unpacked package; `close` removes it from disk. */
export interface OpenPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression as the package states it. */
  readonly licence: string | undefined;
  /** Source patterns of files under a licence that is not taken. */
  readonly refusedPatterns: readonly string[];
  /** Paths relative to the package, sorted, links left out. */
  readonly paths: readonly string[];
  read(path: string): string;
  close(): void;
}

/** Opens `name@version`, from the cache folder where it was downloaded before. Throws when npm cannot get it. */
export function openNpmPackage(entry: string, cache: string): OpenPackage {
  const at = entry.lastIndexOf("@");
  const name = entry.slice(0, at);
  const version = entry.slice(at + 1);
  const archive = join(cache, "npm", `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  if (!existsSync(archive)) {
    mkdirSync(join(cache, "npm"), { recursive: true });
    execFileSync("npm", ["pack", entry, "--ignore-scripts", "--silent", "--pack-destination", join(cache, "npm")]);
  }
  const folder = mkdtempSync(join(tmpdir(), "starter-npm-"));
  execFileSync("tar", ["-xzf", archive, "-C", folder, "--strip-components=1", "--no-same-owner", "--mode=u+rwX"]);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { license?: unknown };
  return opened(folder, { name, version, licence: statedLicence(manifest.license), refusedPatterns: [] });
}

function statedLicence(licence: unknown): string | undefined {
  if (typeof licence === "string") return licence;
  const type = (licence as { type?: unknown } | undefined)?.type;
  return typeof type === "string" ? type : undefined;
}

/** Opens a Debian package of the machine's own release. Throws when apt cannot get it. */
export function openDebianPackage(entry: DebianPackage, cache: string): OpenPackage {
  const folder = mkdtempSync(join(tmpdir(), "starter-deb-"));
  const archive = debianArchive(entry.name, cache);
  execFileSync("dpkg-deb", ["-x", archive, folder]);
  const version = execFileSync("dpkg-deb", ["-f", archive, "Version"], { encoding: "utf8" }).trim();
  const copyright = readCopyright(folder, entry.name);
  const { licence, refused } = debianLicence(copyright, entry.licence);
  return opened(folder, { name: entry.name, version, licence, refusedPatterns: refused });
}

function debianArchive(name: string, cache: string): string {
  const archive = (): string | undefined => readFolder(cache).find((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"));
  if (archive() === undefined) download(["download", "-q", name], cache);
  return join(cache, archive() ?? "");
}

/**
 * Opens a Debian source package of the machine's own release, as Debian patches it. Throws when apt cannot get it,
 * for one where apt knows no source repositories (`deb-src`).
 */
export function openDebianSource(entry: DebianPackage, cache: string): OpenPackage {
  const folder = join(cache, "source", entry.name);
  const description = (): string | undefined => readFolder(folder).find((file) => file.endsWith(".dsc"));
  if (description() === undefined) download(["source", "--download-only", "--only-source", "-q", entry.name], folder);
  const unpacked = join(mkdtempSync(join(tmpdir(), "starter-source-")), "source");
  execFileSync("dpkg-source", ["--no-check", "-x", join(folder, description() ?? ""), unpacked], { stdio: "pipe" });
  const version = /^Version: (.*)$/m.exec(readFileSync(join(folder, description() ?? ""), "utf8"))?.[1] ?? "";
  const { licence, refused } = debianLicence(readFileSync(join(unpacked, "debian/copyright"), "utf8"), entry.licence);
  return opened(unpacked, { name: entry.name, version, licence, refusedPatterns: refused });
}

/** Lets apt download into a folder; nothing appears there before all files have arrived. */
function download(command: readonly string[], target: string): void {
  mkdirSync(target, { recursive: true });
  const folder = mkdtempSync(join(target, "download-"));
  execFileSync("apt-get", [...command], { cwd: folder, stdio: "pipe" });
  for (const file of readFolder(folder)) renameSync(join(folder, file), join(target, file));
  rmSync(folder, { recursive: true });
}

function readFolder(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

function readCopyright(folder: string, name: string): string {
  const path = join(folder, "usr/share/doc", name, "copyright");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function opened(folder: string, about: Pick<OpenPackage, "name" | "version" | "licence" | "refusedPatterns">): OpenPackage {
  return {
    ...about,
    paths: filesUnder(folder).map((path) => relative(folder, path)).sort(),
    read: (path) => readFileSync(join(folder, path), "utf8"),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const status = lstatSync(path);
    if (status.isDirectory()) return filesUnder(path);
    return status.isFile() ? [path] : [];
  });
}
