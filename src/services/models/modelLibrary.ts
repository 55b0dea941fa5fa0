import path from "node:path";
import type { CatalogModel } from "../../core/models/catalog";
import type { DownloadOutcome, DownloadSource } from "../../core/models/downloadState";
import { readLink, rowOfLink, safeFileName, sourceOfRow } from "../../core/models/links";
import { nameOfSource } from "../../core/models/sourceParts";
import { estimateMemory } from "../../core/models/estimate";
import type { MemorySpeeds } from "../../core/models/machine";
import type { ModelFileFacts } from "../../core/models/modelFile";
import type { LibraryState, PresentModel } from "../../core/models/modelList";
import { EMBEDDING_CONTEXT } from "../../core/models/memoryFit";
import { recommend, type Recommendation } from "../../core/models/recommendation";
import type { Disposable } from "../../core/util/dispose";
import { Emitter } from "../../core/util/emitter";
import type { Log } from "../../core/util/log";
import type { ModelRole, WritingRole } from "../../protocol/engine";
import { threadsFor } from "../engine/threads";
import type { FoundModel } from "./foundModels";
import type { InstalledModels, ListedModel } from "./installedModels";
import { readMachineFacts } from "./machineFacts";
import type { ModelDownloads } from "./modelDownloads";
import { findModelsInThread, measureMemorySpeeds } from "./modelsThread";
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
  /** What does a role's work in place of its model, which could not be used. */
  readonly standIn: (role: ModelRole) => string | undefined;
  /** Tokens of context that are wished for, by role. */
  readonly contextSizes: () => Readonly<Record<WritingRole, number>>;
  /** Uses a file for a role: it was fetched for that, and has come. */
  readonly use: (role: ModelRole, file: string) => Promise<void>;
  readonly offlineOnly: () => boolean;
  readonly log: Log;
}

/** All models of a person: those in the catalog, those on this machine, and the downloads of this window. */
export class ModelLibrary implements Disposable {
  readonly #changes = new Emitter<void>();
  readonly #ended = new AbortController();
  readonly #subscriptions: readonly Disposable[];
  #listed: readonly ListedModel[] = [];
  #found: readonly FoundModel[] = [];
  #recommendations: readonly Recommendation[] = [];
  #speeds: MemorySpeeds = {};

  constructor(private readonly parts: ModelLibraryParts) {
    this.#subscriptions = [parts.downloads.onChange(() => { this.#changes.fire(); }), parts.installed.onChange(() => { void this.#list().catch((error: unknown) => { parts.log.warn(`models: the list could not be read (${String(error)})`); }); })];
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
    const { inUse, standIn, offlineOnly, catalog, downloads } = this.parts;
    const rows = new Map(catalog.map((model) => [model.sha256, model.id]));
    const here = this.#listed.filter(({ standing }) => standing !== "missing").flatMap(({ model }) => [model.id, rows.get(model.sha256)]).filter((id) => id !== undefined);
    const listed = downloads.list().filter(({ state }) => state.state === "running" || !["done", "cancelled"].includes(state.outcome.outcome));
    return {
      inUse: inUse(), standIns: { completion: standIn("completion"), chat: standIn("chat"), embedding: standIn("embedding") }, present: this.#present(), recommendations: this.#recommendations, installed: new Set(here), offlineOnly: offlineOnly(),
      downloads: listed.map(({ source, state, wantedFor }) => ({ id: source.id, name: nameOfSource(source), state, wantedFor })),
    };
  }

  /** Looks for files, at the machine, and for what earlier downloads left. Under two seconds; nothing leaves. Rejects when `signal` fires. */
  async look(signal: AbortSignal): Promise<readonly Recommendation[]> {
    const both = AbortSignal.any([signal, this.#ended.signal]);
    const { workerPath, folder, places, catalog, downloads } = this.parts;
    const [found, speeds] = await Promise.all([
      findModelsInThread(workerPath, [{ program: "folder", folder }, ...places()], both),
      this.#speeds.readingSpeed === undefined ? measureMemorySpeeds(workerPath, threadsFor(0), both) : this.#speeds,
      downloads.restore(),
      this.#list(),
    ]);
    this.#speeds = speeds;
    this.#found = found.models;
    for (const note of found.notes) this.parts.log.info(`models: ${note}`);
    const sizes = this.parts.contextSizes();
    const machine = await readMachineFacts(folder, speeds);
    this.#recommendations = recommend(catalog, machine, [{ role: "completion", contextSize: sizes.completion }, { role: "chat", contextSize: sizes.chat }, { role: "embedding", contextSize: EMBEDDING_CONTEXT }]);
    this.#changes.fire();
    return this.#recommendations;
  }

  /** Gets a model of the catalog or goes on with any download that is listed; once it is whole it is used for the roles that it was wanted for, then or earlier. `undefined` for an id that nobody knows. */
  async get(id: string, wantedFor?: readonly ModelRole[]): Promise<DownloadOutcome | undefined> {
    if (wantedFor) this.parts.downloads.want(id, wantedFor);
    const model = this.model(id);
    const source = model ? sourceOfRow(model, this.parts.mirror()) : this.parts.downloads.list().find((listed) => listed.source.id === id)?.source;
    return source && this.#bring(source, model);
  }

  /** Gets what a link leads to; `because` is a sentence for the person where it is none that can be got. */
  async getLink(text: string): Promise<{ readonly id: string; readonly outcome: DownloadOutcome } | { readonly because: string }> {
    const link = readLink(text, this.parts.mirror());
    if ("refused" in link) return { because: link.refused };
    const row = rowOfLink(link.source, this.parts.catalog);
    const source = row ? sourceOfRow(row, this.parts.mirror()) : link.source;
    return { id: source.id, outcome: await this.#bring(source, row) };
  }

  /** The person has chosen otherwise for a role: what is still under way does not change that when it comes. */
  forgetWishes(role: ModelRole): void {
    for (const { source, wantedFor } of this.parts.downloads.list()) {
      if (wantedFor.includes(role)) this.parts.downloads.want(source.id, wantedFor.filter((one) => one !== role));
    }
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

  /** Takes a model from the list and deletes its file where that lies in Ghostlight's own folder. A sentence where it could not be. */
  async remove(file: string): Promise<string | undefined> {
    const listed = this.#listed.find(({ model }) => model.file === file);
    const removal = listed && (await this.parts.installed.remove(listed.model.id));
    if (removal?.removal === "failed") return removal.because;
    this.#found = this.#found.filter((model) => model.path !== file);
    await this.#list();
    return undefined;
  }

  /** Remembers how fast a file was; one of another place is added to the list where it lies, which hashes it. Rejects when `signal` fires. */
  async measured(file: string, speed: { readonly prefill: number; readonly decode: number }, conditions: string, signal: AbortSignal): Promise<void> {
    const speeds = { ...speed, measuredAt: new Date().toISOString(), conditions };
    const listed = this.#listed.find(({ model }) => model.file === file)?.model ?? (await this.#adopt(file, signal));
    if (listed) await this.parts.installed.change(listed.id, { speeds });
    await this.#list();
  }

  async #adopt(file: string, signal: AbortSignal): Promise<{ readonly id: string } | undefined> {
    const found = this.#found.find((model) => model.path === file);
    const id = safeFileName(path.basename(file));
    const source = { how: "adopted", url: null, repository: null, revision: null, place: found?.program ?? null } as const;
    const adopted = await this.parts.installed.adopt(file, { id, name: found?.name ?? id, source, licence: null, licenceAcceptedAt: null, uses: [] }, null, () => undefined, signal);
    return typeof adopted === "string" ? undefined : adopted;
  }

  async #list(): Promise<void> {
    this.#listed = await this.parts.installed.list();
    this.#changes.fire();
  }

  /** A row of the catalog. */
  model(id: string): CatalogModel | undefined {
    return this.parts.catalog.find((model) => model.id === id);
  }

  /** Downloads of this window end as paused: what has come is there when the next one looks. */
  dispose(): void {
    this.#ended.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.parts.downloads.dispose();
    this.parts.installed.dispose();
    this.#changes.dispose();
  }

  async #bring(source: DownloadSource, model: CatalogModel | undefined): Promise<DownloadOutcome> {
    const outcome = await this.parts.downloads.get(source);
    if (outcome.outcome !== "done") return outcome;
    const name = model === undefined ? nameOfSource(source) : `${model.name} ${model.quantization}`;
    const licenceAcceptedAt = model?.restricted === true ? new Date().toISOString() : null;
    await this.parts.installed.add(outcome, { id: model?.id ?? source.id, name, source: { how: "download", url: source.url, repository: source.repository, revision: source.revision, place: null }, licence: model?.licence ?? null, licenceAcceptedAt, uses: [] });
    const wantedFor = this.parts.downloads.list().find((listed) => listed.source.id === source.id)?.wantedFor ?? [];
    this.parts.downloads.forget(source.id);
    for (const role of wantedFor) await this.parts.use(role, outcome.file);
    await this.look(this.#ended.signal).catch(() => undefined);
    return outcome;
  }

  #present(): PresentModel[] {
    const listed = new Map(this.#listed.map((one) => [one.model.file, one]));
    const sizes = this.parts.contextSizes();
    return this.#found.map((found) => presentModel(found, listed.get(found.path), sizes));
  }
}

function presentModel(found: FoundModel, listed: ListedModel | undefined, sizes: Readonly<Record<WritingRole, number>>): PresentModel {
  const model = listed?.model;
  const downloaded = model?.source.how === "download";
  return {
    path: found.path,
    name: model?.name ?? found.name,
    origin: downloaded ? "downloaded" : model?.source.how === "kit" ? "from a kit" : found.program === "folder" ? "in the folder for models" : found.program,
    size: found.size,
    own: listed?.own === true,
    verified: model === undefined || model.source.how === "adopted" ? null : model.verified,
    licence: model?.licence ?? null,
    use: found.use.usable ? { facts: found.use.facts } : { reason: `${found.use.reason} ${found.use.hint}` },
    memory: found.use.usable ? memoryOf(found.use.facts, sizes) : null,
    measured: model?.speeds ?? null,
  };
}

function memoryOf({ shape, roles, contextLength }: ModelFileFacts, sizes: Readonly<Record<WritingRole, number>>): number {
  const contextSize = Math.min(contextLength, roles.includes("embedding") ? EMBEDDING_CONTEXT : roles.includes("chat") ? sizes.chat : sizes.completion);
  return estimateMemory(shape, { contextSize, rearranges: true }).needed;
}
