import path from "node:path";
import type { CatalogModel } from "../../core/models/catalog";
import type { DownloadSource, DownloadState } from "../../core/models/downloadState";
import type { LibraryState, PresentModel } from "../../core/models/modelList";
import { recommend, type Recommendation, type Wish } from "../../core/models/recommendation";
import type { Disposable } from "../../core/util/dispose";
import { Emitter } from "../../core/util/emitter";
import type { Log } from "../../core/util/log";
import { threadsFor } from "../engine/threads";
import { CANCELLED } from "./downloadLock";
import type { DownloadParts } from "./downloadParts";
import type { FoundModel } from "./foundModels";
import type { InstalledModel, InstalledModels } from "./installedModels";
import { readMachineFacts } from "./machineFacts";
import { discardDownload, downloadModel, unfinishedDownload } from "./modelDownload";
import { findModelsInThread, measureReadingSpeed } from "./modelsThread";
import type { ModelPlace } from "./modelPlaces";

/** What the library stands on. */
export interface ModelLibraryParts {
  readonly catalog: readonly CatalogModel[];
  /** Absolute path of the folder that models are downloaded to. */
  readonly folder: () => string;
  /** Where other programs keep models, and the person's own folders. */
  readonly places: () => readonly ModelPlace[];
  readonly installed: InstalledModels;
  /** Where a row of the catalog is fetched from. */
  readonly sourceOf: (model: CatalogModel) => DownloadSource;
  readonly download: DownloadParts;
  /** The built `modelsWorker.js`. */
  readonly workerPath: string;
  readonly inUse: () => LibraryState["inUse"];
  /** Tokens of context that are wished for, by role. */
  readonly contextSizes: () => Readonly<Record<"completion" | "chat", number>>;
  readonly offlineOnly: () => boolean;
  readonly log: Log;
}

/** All models of a person: those in the catalog, those on this machine, and the downloads of this window. */
export class ModelLibrary implements Disposable {
  readonly #changes = new Emitter<void>();
  readonly #downloads = new Map<string, DownloadState>();
  readonly #running = new Map<string, { readonly stop: AbortController; readonly end: Promise<string | undefined> }>();
  readonly #ended = new AbortController();
  #found: readonly FoundModel[] = [];
  #recommendations: readonly Recommendation[] = [];
  #readingSpeed: number | undefined;

  constructor(private readonly parts: ModelLibraryParts) {
    const plain: readonly Wish[] = [{ role: "completion", contextSize: parts.contextSizes().completion }, { role: "chat", contextSize: parts.contextSizes().chat }];
    // Before this machine was looked at the rows are there without a judgement on its speed.
    this.#recommendations = plain.map((wish) => ({ role: wish.role, fits: [], recommended: undefined, why: "" }));
  }

  /** Hears of every change: a download's progress, what was found, what was installed. */
  onChange(listener: () => void): Disposable {
    return this.#changes.on(listener);
  }

  /** Says that settings or files have changed. */
  changed(): void {
    this.#changes.fire();
  }

  state(): LibraryState {
    const { inUse, offlineOnly, catalog } = this.parts;
    const present = this.#present();
    const hashes = new Map(catalog.map((model) => [model.sha256, model.id]));
    const installed = new Set(this.parts.installed.list().flatMap(({ id, sha256 }) => [...(id === null ? [] : [id]), ...(hashes.has(sha256) ? [hashes.get(sha256) ?? ""] : [])]));
    return { inUse: inUse(), present, recommendations: this.#recommendations, downloads: this.#downloads, installed, offlineOnly: offlineOnly() };
  }

  /** Looks for files, at the machine, and for what earlier downloads left. Under two seconds; nothing leaves. Rejects when `signal` fires. */
  async look(signal: AbortSignal): Promise<readonly Recommendation[]> {
    const both = AbortSignal.any([signal, this.#ended.signal]);
    const { workerPath, folder, places, catalog } = this.parts;
    const [found, speed] = await Promise.all([
      findModelsInThread(workerPath, [{ program: "folder", folder: folder() }, ...places()], both),
      this.#readingSpeed ?? measureReadingSpeed(workerPath, threadsFor(0), both),
    ]);
    this.#readingSpeed = speed;
    this.#found = found.models;
    for (const note of found.notes) this.parts.log.info(`models: ${note}`);
    const sizes = this.parts.contextSizes();
    const machine = await readMachineFacts(folder(), speed === undefined ? {} : { readingSpeed: speed });
    this.#recommendations = recommend(catalog, machine, [{ role: "completion", contextSize: sizes.completion }, { role: "chat", contextSize: sizes.chat }]);
    await this.#findUnfinished();
    this.#changes.fire();
    return this.#recommendations;
  }

  /** Gets a model of the catalog, or the rest of it. Resolves with the file's path, or with undefined where it did not come; the state says why. */
  get(id: string): Promise<string | undefined> {
    const known = this.#running.get(id);
    if (known) return known.end;
    const model = this.model(id);
    if (model === undefined) return Promise.resolve(undefined);
    const stop = new AbortController();
    const end = this.#get(model, AbortSignal.any([stop.signal, this.#ended.signal])).finally(() => { this.#running.delete(id); });
    this.#running.set(id, { stop, end });
    return end;
  }

  /** Stops a download and keeps what has come. */
  pause(id: string): void {
    this.#running.get(id)?.stop.abort();
  }

  /** Stops a download, here or of an earlier run, and deletes what has come. */
  async cancel(id: string): Promise<void> {
    const running = this.#running.get(id);
    running?.stop.abort(CANCELLED);
    await running?.end;
    const model = this.model(id);
    if (model && !running) await discardDownload(this.parts.download, { source: this.parts.sourceOf(model), folder: this.parts.folder() });
    this.#downloads.delete(id);
    this.#changes.fire();
  }

  /** Deletes a file of Ghostlight's own folder, or forgets one of another place. Rejects where it cannot be deleted. */
  async remove(file: string): Promise<void> {
    await this.parts.installed.remove(file);
    this.#found = this.#found.filter((model) => model.path !== file);
    this.#changes.fire();
  }

  /** A row of the catalog. */
  model(id: string): CatalogModel | undefined {
    return this.parts.catalog.find((model) => model.id === id);
  }

  /** Downloads of this window end as paused: what has come is there when the next one looks. */
  dispose(): void {
    this.#ended.abort();
    this.#changes.dispose();
  }

  async #get(model: CatalogModel, signal: AbortSignal): Promise<string | undefined> {
    const order = { source: this.parts.sourceOf(model), folder: this.parts.folder() };
    const outcome = await downloadModel(this.parts.download, order, (state) => {
      this.#downloads.set(model.id, state);
      this.#changes.fire();
    }, signal);
    if (outcome.outcome === "cancelled") this.#downloads.delete(model.id);
    if (outcome.outcome !== "done") {
      this.#changes.fire();
      return undefined;
    }
    await this.parts.installed.add({ id: model.id, file: outcome.file, name: `${model.name} ${model.quantization}`, sha256: outcome.sha256, verified: outcome.verified, size: outcome.size, licence: model.licence });
    this.#downloads.delete(model.id);
    await this.look(signal).catch(() => undefined);
    return outcome.file;
  }

  async #findUnfinished(): Promise<void> {
    for (const model of this.parts.catalog) {
      if (this.#downloads.has(model.id)) continue;
      const left = await unfinishedDownload({ source: this.parts.sourceOf(model), folder: this.parts.folder() });
      if (left !== undefined) this.#downloads.set(model.id, { state: "ended", outcome: { outcome: "paused", kept: left.bytes } });
    }
  }

  #present(): PresentModel[] {
    const entries = new Map(this.parts.installed.list().map((entry) => [entry.file, entry]));
    return this.#found.map((found) => presentModel(found, entries.get(found.path), this.parts.folder()));
  }
}

function presentModel(found: FoundModel, entry: InstalledModel | undefined, folder: string): PresentModel {
  const own = !path.relative(folder, found.path).startsWith("..");
  return {
    path: found.path,
    name: entry?.name ?? found.name,
    origin: entry === undefined ? (own ? "in the folder for models" : found.program) : "downloaded",
    size: found.size,
    own,
    verified: entry?.verified ?? null,
    licence: entry?.licence ?? null,
    use: found.use.usable ? { facts: found.use.facts } : { reason: `${found.use.reason} ${found.use.hint}` },
    measured: entry?.measured ?? null,
  };
}
