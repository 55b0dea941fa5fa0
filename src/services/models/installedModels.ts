import { lstat, realpath, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import type { DownloadedFile } from "../../core/models/downloadState";
import type { Disposable } from "../../core/util/dispose";
import { Emitter } from "../../core/util/emitter";
import { watchFile } from "../store/watchFile";
import { createInstalledFile, type InstalledFile, type InstalledModel } from "./installedFile";
import { factsOfModel, hashModel, modelFiles, sameContent, sameFiles, withHashes, type HashedFiles } from "./modelFiles";
import type { ModelIdentities } from "./modelIdentity";
import { workFolder } from "./modelDownload";

/** What is known of a model besides its file. */
export type ModelFacts = Pick<InstalledModel, "id" | "name" | "source" | "licence" | "licenceAcceptedAt" | "uses">;

/** What may be changed about one that is installed. */
export type ModelChange = Partial<Pick<InstalledModel, "name" | "licence" | "licenceAcceptedAt" | "uses" | "speeds">>;

/** A model of the list together with what its file looks like now, from size, time and inode alone. */
export interface ListedModel {
  readonly model: InstalledModel;
  /** `changed`: it must be verified before it is used. */
  readonly standing: "sound" | "changed" | "missing";
  /** Whether its file lies in our own folder, and is deleted with it. */
  readonly own: boolean;
}

/** What a file turned out to be when it was hashed again. `changed`: other content than was installed; `found` is its hash now. */
export type Verification =
  | { readonly verification: "sound"; readonly model: InstalledModel }
  | { readonly verification: "changed"; readonly model: InstalledModel; readonly found: string }
  /** `file` is not there: the model's, or that of a part. */
  | { readonly verification: "missing"; readonly file: string }
  /** It changed while it was read, or there is no such model. */
  | { readonly verification: "changing" | "unknown" };

/** What became of a model that was to be removed. */
export type Removal =
  | { readonly removal: "removed"; /** False for a file of another program, which stays. */ readonly fileDeleted: boolean }
  | { readonly removal: "failed"; /** A sentence for the person. */ readonly because: string }
  | { readonly removal: "unknown" };

/** The models that can be used, the same for all windows. Methods reject only with what the file system says of the list itself. */
export interface InstalledModels extends Disposable {
  list(): Promise<readonly ListedModel[]>;
  /** Adds or replaces a model whose file has just been hashed, by a download or an import; undefined where the file is gone. */
  add(file: DownloadedFile, facts: ModelFacts): Promise<InstalledModel | undefined>;
  /** Adds a file where it lies, hashing it. `catalogHash`: what a catalog states of it, where it does. Rejects with an abort error. */
  adopt(file: string, facts: ModelFacts, catalogHash: string | null, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<InstalledModel | "changing" | "missing">;
  /** Undefined where there is no such model. Uses are given to one model each: another one that had them loses them. */
  change(id: string, change: ModelChange): Promise<InstalledModel | undefined>;
  /** Takes it from the list, and deletes its file, or all its parts, where they are below our own folder, and nowhere else. */
  remove(id: string): Promise<Removal>;
  /** Hashes the file if size, time or inode say that it may have changed, or in any case with `always`. Rejects with an abort error. */
  verify(id: string, always: boolean, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<Verification>;
  /** Fires after each change of the list, by other windows too where the system tells. */
  onChange(listener: () => void): Disposable;
}

/** What the list is made of. */
export interface InstalledModelsParts {
  /** The list. */
  readonly listFile: string;
  /** Our own folder of models: the only place where files are deleted. */
  readonly modelsFolder: string;
  /** Told of every hash, so that a model that was verified here is known when it is loaded. */
  readonly identities: Pick<ModelIdentities, "accept">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Opens the list. */
export function createInstalledModels(parts: InstalledModelsParts): InstalledModels {
  return new Installed(parts, createInstalledFile(parts.listFile));
}

class Installed implements InstalledModels {
  readonly #changes = new Emitter<void>();
  #watcher: Disposable | undefined;

  constructor(private readonly parts: InstalledModelsParts, private readonly file: InstalledFile) {}

  async list(): Promise<readonly ListedModel[]> {
    return Promise.all((await this.file.read()).map(async (model) => {
      const facts = await factsOfModel(model.file);
      const standing = "missing" in facts ? "missing" as const : sameFiles(facts, model) ? "sound" as const : "changed" as const;
      return { model, standing, own: (await ownPlaces(this.parts.modelsFolder, model.file)).length > 0 };
    }));
  }

  async add({ file, sha256, size, verified, parts }: DownloadedFile, facts: ModelFacts): Promise<InstalledModel | undefined> {
    const found = await factsOfModel(file);
    if ("missing" in found || found.size !== size || found.parts?.some((part, index) => part.size !== parts?.[index]?.size) === true) return undefined;
    return this.#put(file, withHashes(found, parts?.map((part) => part.sha256) ?? [sha256]), verified, facts);
  }

  async adopt(file: string, facts: ModelFacts, catalogHash: string | null, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<InstalledModel | "changing" | "missing"> {
    const hashed = await hashModel(file, onBytes, signal);
    if (hashed === "changing") return hashed;
    return "missing" in hashed ? "missing" : this.#put(file, hashed, hashed.sha256 === catalogHash, facts);
  }

  async change(id: string, change: ModelChange): Promise<InstalledModel | undefined> {
    const models = await this.#write((all) => all.map((model) => {
      if (model.id === id) return { ...model, ...change };
      return change.uses && model.uses.some((use) => change.uses?.includes(use)) ? { ...model, uses: model.uses.filter((use) => change.uses?.includes(use) !== true) } : model;
    }));
    return models.find((model) => model.id === id);
  }

  async remove(id: string): Promise<Removal> {
    const model = (await this.file.read()).find((one) => one.id === id);
    if (!model) return { removal: "unknown" };
    const own = await ownPlaces(this.parts.modelsFolder, model.file);
    try {
      // The first part first: without it the others are no model any more.
      for (const place of own) await rm(place, { force: true });
    } catch (error) {
      return { removal: "failed", because: `${path.basename(model.file)} could not be deleted (${(error as NodeJS.ErrnoException).code ?? "unknown"}). A window may be using it: choose another model there, then delete it.` };
    }
    await this.#write((all) => all.filter((one) => one.id !== id));
    if (own[0] !== undefined) await removeEmptyFolder(this.parts.modelsFolder, path.dirname(own[0]), path.basename(model.file));
    return { removal: "removed", fileDeleted: own.length > 0 };
  }

  async verify(id: string, always: boolean, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<Verification> {
    const model = (await this.file.read()).find((one) => one.id === id);
    if (!model) return { verification: "unknown" };
    const facts = await factsOfModel(model.file);
    if ("missing" in facts) return { verification: "missing", file: facts.missing };
    if (!always && sameFiles(facts, model)) return { verification: "sound", model };
    const hashed = await hashModel(model.file, onBytes, signal);
    if (hashed === "changing") return { verification: hashed };
    if ("missing" in hashed) return { verification: "missing", file: hashed.missing };
    if (!sameContent(model, hashed)) return { verification: "changed", model, found: hashed.sha256 };
    const refreshed = { ...model, ...hashed };
    await this.#write((all) => all.map((one) => (one.id === id && one.sha256 === model.sha256 ? refreshed : one)));
    this.parts.identities.accept(model.file, hashed);
    return { verification: "sound", model: refreshed };
  }

  onChange(listener: () => void): Disposable {
    this.#watcher ??= watchFile(this.parts.listFile, () => { this.#changes.fire(); });
    return this.#changes.on(listener);
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#changes.dispose();
  }

  async #put(file: string, hashed: HashedFiles, verified: boolean, facts: ModelFacts): Promise<InstalledModel> {
    const { url } = facts.source;
    // A query may hold a token.
    const source = { ...facts.source, url: url === null ? null : url.replace(/[?#].*$/, "") };
    const model: InstalledModel = { ...facts, source, file, ...hashed, verified, speeds: null, installedAt: new Date(this.parts.clock()).toISOString() };
    await this.#write((all) => [...all.filter(({ id }) => id !== model.id), model]);
    this.parts.identities.accept(file, hashed);
    return model;
  }

  async #write(step: (models: readonly InstalledModel[]) => readonly InstalledModel[]): Promise<readonly InstalledModel[]> {
    const models = await this.file.change(step);
    this.#changes.fire();
    return models;
  }
}

/** The real places of a model's file or of all its parts that lie below our own folder, in order. */
async function ownPlaces(modelsFolder: string, file: string): Promise<readonly string[]> {
  const places = await Promise.all(modelFiles(file).map((part) => ownPlace(modelsFolder, part)));
  return places.filter((place) => place !== undefined);
}

/**
 * The real place of a file if it lies below our own folder; undefined otherwise. Links on the way are followed first, so
 * that a link in our folder cannot lead a deletion out of it; the file itself may be a link, of which only the link goes.
 */
async function ownPlace(modelsFolder: string, file: string): Promise<string | undefined> {
  try {
    const [root, folder] = await Promise.all([realpath(modelsFolder), realpath(path.dirname(file))]);
    const place = path.join(folder, path.basename(file));
    const inside = path.relative(root, place);
    const isInside = inside !== "" && !path.isAbsolute(inside) && inside.split(path.sep)[0] !== "..";
    return isInside && !(await lstat(place)).isDirectory() ? place : undefined;
  } catch {
    return undefined;
  }
}

/** The folder that the model had for itself, if nothing but what downloads leave is in it. */
async function removeEmptyFolder(modelsFolder: string, folder: string, fileName: string): Promise<void> {
  if (path.dirname(folder) !== (await realpath(modelsFolder))) return;
  await rm(workFolder(folder, { fileName }), { recursive: true, force: true }).catch(() => undefined);
  await rmdir(path.join(folder, ".downloads")).catch(() => undefined);
  await rmdir(folder).catch(() => undefined);
}
