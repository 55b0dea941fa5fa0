import path from "node:path";
import type { CatalogModel } from "../../core/models/catalog";
import type { DownloadOutcome, DownloadSource } from "../../core/models/downloadState";
import { readLink, rowOfLink, sourceOfRow } from "../../core/models/links";
import type { LibraryState, PresentModel } from "../../core/models/modelList";
import { recommend, type Recommendation } from "../../core/models/recommendation";
import type { Disposable } from "../../core/util/dispose";
import { Emitter } from "../../core/util/emitter";
import type { Log } from "../../core/util/log";
import { threadsFor } from "../engine/threads";
import type { FoundModel } from "./foundModels";
import type { InstalledModel, InstalledModels } from "./installedModels";
import { readMachineFacts } from "./machineFacts";
import type { ModelDownloads } from "./modelDownloads";
import { findModelsInThread, measureReadingSpeed } from "./modelsThread";
import type { ModelPlace } from "./modelPlaces";

/** What the library stands on. */
export interface ModelLibraryParts {
  readonly catalog: readonly CatalogModel[];
  /** Absolute path of the folder that models are downloaded to. */
  readonly folder: string;
  /** Where other programs keep models, and the person's own folders. */
  readonly places: () => readonly ModelPlace[];
  readonly installed: InstalledModels;
  readonly downloads: ModelDownloads;
  /** Base address of the hub or of a mirror; undefined for the hub itself. */
  readonly mirror: () => string | undefined;
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
  readonly #ended = new AbortController();
  readonly #downloadChanges: Disposable;
  #found: readonly FoundModel[] = [];
  #recommendations: readonly Recommendation[] = [];
  #readingSpeed: number | undefined;

  constructor(private readonly parts: ModelLibraryParts) {
    this.#downloadChanges = parts.downloads.onChange(() => { this.#changes.fire(); });
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
    const { inUse, offlineOnly, catalog, installed, downloads } = this.parts;
    const rows = new Map(catalog.map((model) => [model.sha256, model.id]));
    const here = installed.list().flatMap(({ id, sha256 }) => [id, rows.get(sha256)]).filter((id) => typeof id === "string");
    const listed = downloads.list().filter(({ state }) => state.state === "running" || !["done", "cancelled"].includes(state.outcome.outcome));
    return {
      inUse: inUse(), present: this.#present(), recommendations: this.#recommendations, installed: new Set(here), offlineOnly: offlineOnly(),
      downloads: listed.map(({ source, state }) => ({ id: source.id, name: source.fileName, state })),
    };
  }

  /** Looks for files, at the machine, and for what earlier downloads left. Under two seconds; nothing leaves. Rejects when `signal` fires. */
  async look(signal: AbortSignal): Promise<readonly Recommendation[]> {
    const both = AbortSignal.any([signal, this.#ended.signal]);
    const { workerPath, folder, places, catalog, downloads } = this.parts;
    const [found, speed] = await Promise.all([
      findModelsInThread(workerPath, [{ program: "folder", folder }, ...places()], both),
      this.#readingSpeed ?? measureReadingSpeed(workerPath, threadsFor(0), both),
      downloads.restore(),
    ]);
    this.#readingSpeed = speed;
    this.#found = found.models;
    for (const note of found.notes) this.parts.log.info(`models: ${note}`);
    const sizes = this.parts.contextSizes();
    const machine = await readMachineFacts(folder, speed === undefined ? {} : { readingSpeed: speed });
    this.#recommendations = recommend(catalog, machine, [{ role: "completion", contextSize: sizes.completion }, { role: "chat", contextSize: sizes.chat }]);
    this.#changes.fire();
    return this.#recommendations;
  }

  /** Gets a model of the catalog or goes on with any download that is listed. `undefined` for an id that nobody knows. */
  async get(id: string): Promise<DownloadOutcome | undefined> {
    const model = this.model(id);
    const source = model ? sourceOfRow(model, this.parts.mirror()) : this.parts.downloads.list().find((listed) => listed.source.id === id)?.source;
    return source && this.#bring(source, model);
  }

  /** Gets what a link leads to; a sentence for the person where it is none that can be got. */
  async getLink(text: string): Promise<DownloadOutcome | { readonly outcome: "noLink"; readonly because: string }> {
    const link = readLink(text, this.parts.mirror());
    if ("refused" in link) return { outcome: "noLink", because: link.refused };
    const row = rowOfLink(link.source, this.parts.catalog);
    return row ? this.#bring(sourceOfRow(row, this.parts.mirror()), row) : this.#bring(link.source, undefined);
  }

  /** Stops a download and keeps what has come. */
  pause(id: string): void {
    this.parts.downloads.pause(id);
  }

  /** Stops a download, here or of an earlier run, and deletes what has come. */
  async cancel(id: string): Promise<void> {
    await this.parts.downloads.cancel(id);
    this.#changes.fire();
  }

  /** Deletes a file of Ghostlight's own folder, or forgets one of another place. Rejects where it cannot be deleted. */
  async remove(file: string): Promise<void> {
    await this.parts.installed.remove(file);
    this.#found = this.#found.filter((model) => model.path !== file);
    this.#changes.fire();
  }

  /** Remembers how fast a file was on this machine. */
  async measured(file: string, speed: { readonly prefill: number; readonly decode: number }): Promise<void> {
    const found = this.#found.find((model) => model.path === file);
    await this.parts.installed.measured(file, { name: found?.name ?? path.basename(file), size: found?.size ?? 0 }, speed);
    this.#changes.fire();
  }

  /** A row of the catalog. */
  model(id: string): CatalogModel | undefined {
    return this.parts.catalog.find((model) => model.id === id);
  }

  /** Downloads of this window end as paused: what has come is there when the next one looks. */
  dispose(): void {
    this.#ended.abort();
    this.#downloadChanges.dispose();
    this.parts.downloads.dispose();
    this.#changes.dispose();
  }

  async #bring(source: DownloadSource, model: CatalogModel | undefined): Promise<DownloadOutcome> {
    const outcome = await this.parts.downloads.get(source);
    if (outcome.outcome !== "done") return outcome;
    const name = model === undefined ? source.fileName : `${model.name} ${model.quantization}`;
    await this.parts.installed.add({ id: model?.id ?? null, file: outcome.file, name, sha256: outcome.sha256, verified: outcome.verified, size: outcome.size, licence: model?.licence ?? null });
    this.parts.downloads.forget(source.id);
    await this.look(this.#ended.signal).catch(() => undefined);
    return outcome;
  }

  #present(): PresentModel[] {
    const entries = new Map(this.parts.installed.list().map((entry) => [entry.file, entry]));
    return this.#found.map((found) => presentModel(found, entries.get(found.path), this.parts.folder));
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
