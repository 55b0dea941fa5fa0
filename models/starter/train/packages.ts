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
  const archive = debianArchive(entry.name, join(cache, "deb"));
  execFileSync("dpkg-deb", ["-x", archive, folder]);
  const version = execFileSync("dpkg-deb", ["-f", archive, "Version"], { encoding: "utf8" }).trim();
  const copyright = readCopyright(folder, entry.name);
  const { licence, refused } = debianLicence(copyright);
  return opened(folder, { name: entry.name, version, licence: entry.licence ?? licence, refusedPatterns: refused });
}

function debianArchive(name: string, cache: string): string {
  mkdirSync(cache, { recursive: true });
  const find = (): string | undefined => readdirSync(cache).find((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"));
  if (find() === undefined) {
    const download = mkdtempSync(join(cache, "download-"));
    execFileSync("apt-get", ["download", "-q", name], { cwd: download, stdio: "pipe" });
    for (const file of readdirSync(download)) renameSync(join(download, file), join(cache, file));
    rmSync(download, { recursive: true });
  }
  return join(cache, find() ?? "");
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
