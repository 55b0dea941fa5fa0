import { createHash } from "node:crypto";
import { open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { KIT_CATALOG, KIT_MANIFEST, KIT_SUMS, KIT_WORDS, kitWords, sumsText, whyKitPathIsRefused, type KitFile, type KitManifest, type KitModel } from "../../core/models/kitManifest";
import { isAbortError } from "../../core/util/abort";
import { makeFolder } from "../store/makeFolder";
import { missingRoom } from "./downloadAttempt";
import { failureOfDisk, noRoom } from "./downloadFailure";
import { systemDisk, type Disk } from "./disk";
import { factsOf, hashFile } from "./fileFacts";
import { modelFiles } from "./modelFiles";
import { copyFileChecked } from "./verifiedCopy";

/** Where a model is, as the list of installed ones has it; of one in parts the first one's path, and each part by itself. */
export interface KitSource {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  readonly parts?: readonly { readonly size: number; readonly sha256: string }[] | undefined;
}

/** What goes into a kit. Paths are absolute. */
export interface KitContents {
  /** One for each platform that is wanted. */
  readonly extensions: readonly string[];
  /** Model files with the hash that was made when they were installed: a file that is another one now is not exported. */
  readonly models: readonly (KitModel & KitSource)[];
  /** `models/catalog.json`. */
  readonly catalog: string;
}

/** How far an export or an import is. */
export interface KitProgress {
  readonly step: "checking" | "copying";
  /** Path in the kit. */
  readonly file: string;
  /** Of all files together. */
  readonly bytes: number;
  readonly total: number;
}

/** How an export ended. `because` is a sentence for the person. */
export type KitExport =
  | { readonly outcome: "done"; readonly folder: string; readonly manifest: KitManifest }
  | { readonly outcome: "cancelled" }
  | { readonly outcome: "failed"; readonly because: string };

/**
 * Writes a kit into `folder`, which must be empty or not there. The manifest comes last, so that half a kit is none; a
 * kit that was cancelled or failed leaves no file. `clock` in milliseconds since 1970. Never rejects but for bugs.
 */
export async function exportKit(contents: KitContents, folder: string, clock: () => number, report: (progress: KitProgress) => void, signal: AbortSignal, disk: Disk = systemDisk): Promise<KitExport> {
  const begun = { folder: false };
  try {
    const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => { if (error.code === "ENOENT") return []; throw error; });
    if (there.length > 0) return failed(`${folder} is not empty: choose a new folder for the kit.`);
    begun.folder = true;
    await makeFolder(folder);
    const planned = await plan(contents, signal);
    if (typeof planned === "string") return await undone(folder, failed(planned));
    const total = planned.reduce((sum, { size }) => sum + size, 0);
    const missing = await missingRoom(disk, folder, total);
    if (missing > 0) return await undone(folder, failed(`There is not enough room for the kit: ${noRoom(missing).found}.`));
    const problem = await copyAll(planned, folder, disk, total, report, signal);
    if (problem !== undefined) return await undone(folder, failed(problem));
    const manifest = await finish(planned, folder, clock);
    return { outcome: "done", folder, manifest };
  } catch (error) {
    const outcome: KitExport | undefined = isAbortError(error) || signal.aborted ? { outcome: "cancelled" } : diskFailure(error);
    if (!outcome) throw error;
    return begun.folder ? undone(folder, outcome) : outcome;
  }
}

interface Planned extends KitFile {
  /** Where it is now. */
  readonly file: string;
}

/** Every file with its hash: models by what is known of them, the small ones are hashed now. */
async function plan({ extensions, models, catalog }: KitContents, signal: AbortSignal): Promise<readonly Planned[] | string> {
  const others = [{ file: catalog, path: KIT_CATALOG }, ...extensions.map((file) => ({ file, path: `extensions/${path.basename(file)}` }))];
  const planned: Planned[] = [];
  for (const { file, path: inside } of others) {
    const facts = await factsOf(file);
    if (!facts) return `${file} cannot be read.`;
    planned.push({ file, path: inside, size: facts.size, sha256: await hashFile(file, signal), model: null });
  }
  for (const { id, name, licence, origin, ...source } of models) {
    const files = filesOf(source);
    if (!files) return `The hashes of all parts of ${source.file} are not known: verify it first.`;
    for (const one of files) planned.push({ ...one, path: `models/${id}/${path.basename(one.file)}`, model: { id, name, licence, origin } });
  }
  for (const { path: inside, model } of planned) {
    const why = whyKitPathIsRefused(inside, model);
    if (why !== undefined) return `${inside} ${why}: rename it first.`;
    if (planned.filter((other) => other.path.toLowerCase() === inside.toLowerCase()).length > 1) return `Two files would be ${inside} in the kit: leave one of them out.`;
  }
  return planned;
}

/** Undefined of a model in parts that was remembered by its first part alone. */
function filesOf({ file, size, sha256, parts }: KitSource): readonly Pick<Planned, "file" | "size" | "sha256">[] | undefined {
  const names = modelFiles(file);
  if (names.length === 1) return [{ file, size, sha256 }];
  const known = names.flatMap((name, index) => (parts?.[index] ? [{ file: name, size: parts[index].size, sha256: parts[index].sha256 }] : []));
  return known.length === names.length ? known : undefined;
}

async function copyAll(planned: readonly Planned[], folder: string, disk: Disk, total: number, report: (progress: KitProgress) => void, signal: AbortSignal): Promise<string | undefined> {
  let before = 0;
  for (const { file, path: inside, size, sha256 } of planned) {
    const checked = await copyFileChecked(path.dirname(file), path.basename(file), path.join(folder, ...inside.split("/")), folder, { size, sha256 }, disk, (bytes) => { report({ step: "copying", file: inside, bytes: before + bytes, total }); }, signal);
    if (checked === "link") return `${file} is a link: choose the file that it leads to.`;
    if (checked !== "right") return `${file} is not the file that was installed any more: verify it first.`;
    before += size;
  }
  return undefined;
}

async function finish(planned: readonly Planned[], folder: string, clock: () => number): Promise<KitManifest> {
  const manifest: KitManifest = { version: 1, made: new Date(clock()).toISOString(), files: planned.map(({ path: inside, size, sha256, model }) => ({ path: inside, size, sha256, model })) };
  const texts = [[KIT_WORDS, kitWords(manifest)], [KIT_MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`]] as const;
  const sums = [...manifest.files, ...texts.map(([name, text]) => ({ path: name, sha256: createHash("sha256").update(text).digest("hex") }))];
  await writeText(path.join(folder, KIT_SUMS), sumsText(sums));
  for (const [name, text] of texts) await writeText(path.join(folder, name), text);
  return manifest;
}

async function writeText(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** The folder was empty, so all in it is ours. */
async function undone(folder: string, outcome: KitExport): Promise<KitExport> {
  await Promise.all(["extensions", "models", KIT_CATALOG, KIT_WORDS, KIT_SUMS, KIT_MANIFEST].map((name) => rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined)));
  return outcome;
}

function diskFailure(error: unknown): KitExport | undefined {
  const failure = failureOfDisk(error);
  return failure && failed(failure.trouble === "diskFull" ? "The disk ran full while the kit was being written. Nothing was left of it." : `The kit cannot be written: ${failure.found === "" ? "a file or folder is gone" : failure.found}.`);
}

function failed(because: string): KitExport {
  return { outcome: "failed", because };
}
