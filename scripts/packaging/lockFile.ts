import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { PlainError, projectRoot } from "../project";

/** What a lock file says of one package. */
export interface LockedPackage {
  /** With its scope: `@node-llama-cpp/win-x64`. */
  readonly name: string;
  readonly version: string;
  /** Subresource-integrity form, `sha512-` and base 64, of the tarball as it is published. */
  readonly integrity: string;
}

/** The parts of a lock file (version 3), or of npm's record of what it installed, that packaging reads. */
export interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

/** The project's own lock file. */
export async function readLockFile(): Promise<LockFile> {
  return JSON.parse(await readFile(path.join(projectRoot, "package-lock.json"), "utf8")) as LockFile;
}

/** Version and hash of a package of the top `node_modules`; throws a plain error where the lock file does not vouch for it with a SHA-512. */
export function lockedPackage(lock: LockFile, name: string): LockedPackage {
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined) throw new PlainError(`package-lock.json does not name ${name}: there may be no such package for the version of node-llama-cpp.`);
  // 64 bytes in base 64. A weaker hash, or several to choose from, is no ground for a package that others install.
  if (integrity === undefined || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)) throw new PlainError(`package-lock.json holds no SHA-512 of ${name} ${version}.`);
  return { name, version, integrity };
}

/** Whether the bytes of a tarball are those the lock file means. */
export function hasIntegrity(bytes: Uint8Array, { integrity }: LockedPackage): boolean {
  const actual = createHash("sha512").update(bytes).digest();
  const expected = Buffer.from(integrity.slice("sha512-".length), "base64");
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
