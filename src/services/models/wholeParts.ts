import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { DownloadSource } from "../../core/models/downloadState";
import { addressHash } from "./partFile";

/** A part of a model that came whole, and waits for the others. */
export interface WholePart {
  /** Absolute path. */
  readonly file: string;
  /** Of its content when it came. */
  readonly sha256: string;
  readonly size: number;
}

/** Its name says which part of what address it is, and its hash: what is found there later can be compared. Never ends as a model does. */
export function wholeName(number: number, { url }: Pick<DownloadSource, "url">, sha256: string): string {
  return `${String(number).padStart(5, "0")}-${addressHash(url).slice(0, 16)}-${sha256}.whole`;
}

/** The part of that number in a download's folder, by name and size; undefined where it has not come. Of a part whose hash is stated any address will do. */
export async function wholePart(folder: string, number: number, source: DownloadSource): Promise<WholePart | undefined> {
  const beginning = wholeName(number, source, "").slice(0, -".whole".length);
  for (const name of (await readdir(folder).catch(() => [] as string[])).filter(isWhole)) {
    const sha256 = name.slice(-SHA_ENDING, -".whole".length);
    const mine = source.stated === undefined ? name.startsWith(beginning) : name.startsWith(beginning.slice(0, 6)) && sha256 === source.stated;
    const file = path.join(folder, name);
    const size = mine ? (await stat(file).catch(() => undefined))?.size : undefined;
    if (size !== undefined && (source.size === null || source.size === size)) return { file, sha256, size };
  }
  return undefined;
}

/** Bytes of all parts that came whole, of whatever address. */
export async function wholeBytes(folder: string): Promise<number> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter(isWhole);
  const sizes = await Promise.all(names.map((name) => stat(path.join(folder, name)).then(({ size }) => size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Deletes them all. The caller holds the lock. */
export async function discardWholeParts(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter(isWhole);
  await Promise.all(names.map((name) => rm(path.join(folder, name), { force: true })));
}

const SHA_ENDING = 64 + ".whole".length;

function isWhole(name: string): boolean {
  return /^\d{5}-[0-9a-f]{16}-[0-9a-f]{64}\.whole$/.test(name);
}
