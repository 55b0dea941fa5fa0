import { lstat, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { KIT_CATALOG, KIT_MANIFEST, modelsOfKit, parseKitManifest, type KitFile, type KitManifest, type KitModel, type KitModelFiles } from "../../core/models/kitManifest";
import { isAbortError } from "../../core/util/abort";
import type { KitProgress } from "./airGap";
import { renameOver } from "../store/renameOver";
import { syncFolder } from "../store/syncFolder";
import { missingRoom } from "./downloadAttempt";
import { failureOfDisk, noRoom } from "./downloadFailure";
import { systemDisk, type Disk } from "./disk";
import type { InstalledModel } from "./installedFile";
import type { InstalledModels } from "./installedModels";
import { workFolder } from "./modelDownload";
import { hashOfParts } from "./modelFiles";
import { checkFile, copyFileChecked, type Checked } from "./verifiedCopy";

/** A kit whose manifest can be read; its files have not been looked at. */
export interface Kit {
  readonly folder: string;
  readonly manifest: KitManifest;
}

/** What an import needs of this machine. */
export interface KitImportParts {
  readonly models: Pick<InstalledModels, "add">;
  /** Our own folder of models. */
  readonly modelsFolder: string;
  /** SHA-256 by id, of the catalog that came with this extension: a kit's own words make nothing verified. */
  readonly catalogHashes: ReadonlyMap<string, string>;
  /** When the person accepted the licences that were shown, ISO 8601; null where none had to be. */
  readonly licenceAcceptedAt: string | null;
  readonly disk?: Disk;
}

/** How an import ended. `because` is a sentence for the person; models that were installed before something failed stay. */
export type KitImport =
  | { readonly outcome: "done"; readonly models: readonly InstalledModel[]; /** Checked files, absolute. */ readonly extensions: readonly string[]; readonly catalog: string | null }
  | { readonly outcome: "cancelled"; readonly models: readonly InstalledModel[] }
  | { readonly outcome: "failed"; readonly because: string; readonly models: readonly InstalledModel[] };

/** Longest manifest that is read. */
const MANIFEST_BYTES = 4 * 1024 * 1024;

/** Reads what a folder offers, so that models and licences can be shown before anything is done. `refused` is a sentence. */
export async function readKit(folder: string): Promise<Kit | { readonly refused: string }> {
  const file = path.join(folder, KIT_MANIFEST);
  const facts = await lstat(file).catch(() => undefined);
  if (!facts?.isFile()) return { refused: `This folder has no ${KIT_MANIFEST}: choose the folder of a kit, whole.` };
  if (facts.size > MANIFEST_BYTES) return { refused: `${KIT_MANIFEST} is too long to be one of a kit.` };
  const parsed = parseKitManifest(await readFile(file, "utf8").catch(() => ""));
  return "refused" in parsed ? parsed : { folder, manifest: parsed.manifest };
}

/**
 * Checks every file of a kit, and only then copies the chosen models, checking again what is written. Never rejects but
 * for bugs.
 */
export async function importKit(parts: KitImportParts, kit: Kit, chosen: (model: KitModel) => boolean, report: (progress: KitProgress) => void, signal: AbortSignal): Promise<KitImport> {
  const models: InstalledModel[] = [];
  try {
    const problem = await checkAll(kit, parts.catalogHashes, report, signal) ?? await installAll(parts, kit, chosen, models, report, signal);
    if (problem !== undefined) return { outcome: "failed", because: problem, models };
    const places = (starts: string): string[] => kit.manifest.files.filter(({ path: inside }) => inside.startsWith(starts)).map(({ path: inside }) => path.join(kit.folder, ...inside.split("/")));
    return { outcome: "done", models, extensions: places("extensions/"), catalog: places(KIT_CATALOG)[0] ?? null };
  } catch (error) {
    if (isAbortError(error) || signal.aborted) return { outcome: "cancelled", models };
    const failure = failureOfDisk(error);
    if (!failure) throw error;
    return { outcome: "failed", because: failure.trouble === "diskFull" ? "The disk ran full while a model was being copied. Make room, then import again." : `The kit cannot be read or copied: ${failure.found === "" ? "a file is gone" : failure.found}.`, models };
  }
}

async function checkAll({ folder, manifest }: Kit, catalogHashes: ReadonlyMap<string, string>, report: (progress: KitProgress) => void, signal: AbortSignal): Promise<string | undefined> {
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of manifest.files) {
    const known = file.model ? catalogHashes.get(file.model.id) : undefined;
    if (known !== undefined && known !== file.sha256) return `${file.path} has the id of a model of the catalog and is another file. Nothing was installed.`;
    const checked = await checkFile(folder, file.path, file, (bytes) => { report({ step: "checking", file: file.path, bytes: before + bytes, total }); }, signal);
    if (checked !== "right") return `${wordsOf(checked, file)} Nothing was installed.`;
    before += file.size;
  }
  return undefined;
}

async function installAll(parts: KitImportParts, { folder, manifest }: Kit, chosen: (model: KitModel) => boolean, models: InstalledModel[], report: (progress: KitProgress) => void, signal: AbortSignal): Promise<string | undefined> {
  const wanted = modelsOfKit(manifest).filter(({ model }) => chosen(model));
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  const missing = await missingRoom(parts.disk ?? systemDisk, await nearest(parts.modelsFolder), total);
  if (missing > 0) return `There is not enough room for the models: ${noRoom(missing).found}.`;
  let before = 0;
  for (const one of wanted) {
    const own = path.join(parts.modelsFolder, one.model.id);
    const problem = await installFiles(parts, folder, one, own, (file, bytes) => { report({ step: "copying", file, bytes: before + bytes, total }); }, signal);
    if (problem !== undefined) return problem;
    before += one.size;
    const added = await addModel(parts, one, own);
    if (added) models.push(added);
  }
  return undefined;
}

/** Files get their final names when all of them have been copied. */
async function installFiles({ disk = systemDisk }: KitImportParts, folder: string, { files }: KitModelFiles, own: string, onBytes: (file: string, bytes: number) => void, signal: AbortSignal): Promise<string | undefined> {
  // Not the folder of a download, which deletes the parts of others.
  const work = workFolder(own, { fileName: `${path.basename(files[0].path)}.kit` });
  try {
    let before = 0;
    for (const file of files) {
      const checked = await copyFileChecked(folder, file.path, path.join(work, path.basename(file.path)), work, file, disk, (bytes) => { onBytes(file.path, before + bytes); }, signal);
      if (checked !== "right") return wordsOf(checked, file);
      before += file.size;
    }
    // The first one last: from then on the model is there.
    for (const name of files.map((file) => path.basename(file.path)).reverse()) await renameOver(path.join(work, name), path.join(own, name));
    await syncFolder(own);
    return undefined;
  } finally {
    await rm(work, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function addModel({ models, catalogHashes, licenceAcceptedAt }: KitImportParts, { model, files, size }: KitModelFiles, own: string): Promise<InstalledModel | undefined> {
  const [{ path: first, sha256 }, ...others] = files;
  const hashes = others.length === 0 ? { sha256 } : { sha256: hashOfParts(files.map((file) => file.sha256)), parts: files };
  const source = { how: "kit" as const, url: null, repository: null, revision: null, place: model.origin };
  const file = { file: path.join(own, path.basename(first)), size, ...hashes, verified: catalogHashes.get(model.id) === hashes.sha256 };
  return models.add(file, { id: model.id, name: model.name, source, licence: model.licence, licenceAcceptedAt, uses: [] });
}

/** The folder itself, or the one above that is there already: only such a one has a disk. */
async function nearest(folder: string): Promise<string> {
  for (let place = folder; ; place = path.dirname(place)) if (path.dirname(place) === place || await lstat(place).then(() => true, () => false)) return place;
}

function wordsOf(checked: Exclude<Checked, "right">, { path: inside }: KitFile): string {
  switch (checked) {
    case "missing": return `${inside} is missing from the kit: copy the whole folder again.`;
    case "link": return `${inside} is a link, which a kit may not hold.`;
    case "wrong": return `${inside} is damaged or was changed: its SHA-256 is not the manifest's. Copy the kit again.`;
  }
}
