import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import * as valibot from "valibot";
import type { DownloadOutcome, DownloadSource, DownloadState } from "../../core/models/downloadState";
import { isAbortError } from "../../core/util/abort";
import type { Disposable } from "../../core/util/dispose";
import { Emitter } from "../../core/util/emitter";
import type { ModelRole } from "../../protocol/engine";
import { writeJsonFile } from "../store/jsonFile";
import { CANCELLED } from "./downloadLock";
import type { DownloadParts } from "./downloadParts";
import { discardDownload, downloadModel, unfinishedDownload, workFolder } from "./modelDownload";
import { settleSource } from "./sourceFacts";

/** A download of this window, or one that an earlier run left unfinished. */
export interface ListedDownload {
  /** With commit and size, once the server told them. */
  readonly source: DownloadSource;
  /** Folder of the final file. */
  readonly folder: string;
  readonly state: DownloadState;
  /** Roles that the file is to fill once it is whole; kept with the part, so that a later window knows them too. */
  readonly wantedFor: readonly ModelRole[];
}

/** The downloads as a view shows them. Each model has a folder of its own, named by its id, below the folder of models. */
export interface ModelDownloads extends Disposable {
  /** In the order in which they were begun. Ended ones stay until they are begun again or forgotten. */
  list(): readonly ListedDownload[];
  /** Begins, goes on, or joins what is under way. Never rejects but for bugs. */
  get(source: DownloadSource): Promise<DownloadOutcome>;
  /** Says which roles a download is to fill once it is whole, in place of what was said before. */
  want(id: string, roles: readonly ModelRole[]): void;
  /** Stops and keeps the part. Nothing where it does not run. */
  pause(id: string): void;
  /** Stops and deletes the part, of a paused or failed one too; what it was wanted for is forgotten. */
  cancel(id: string): Promise<void>;
  /** Takes an ended one from the list. */
  forget(id: string): void;
  /** Finds what earlier runs left, as paused. */
  restore(): Promise<void>;
  onChange(listener: (changed: ListedDownload) => void): Disposable;
}

/** `modelsFolder`: absolute, shared by all windows. Disposing pauses what runs. */
export function createModelDownloads(parts: DownloadParts, modelsFolder: string): ModelDownloads {
  return new Downloads(parts, modelsFolder);
}

interface Running {
  readonly stop: AbortController;
  readonly outcome: Promise<DownloadOutcome>;
}

class Downloads implements ModelDownloads {
  readonly #changes = new Emitter<ListedDownload>();
  readonly #listed = new Map<string, ListedDownload>();
  readonly #running = new Map<string, Running>();
  readonly #wantedFor = new Map<string, readonly ModelRole[]>();

  constructor(private readonly parts: DownloadParts, private readonly modelsFolder: string) {}

  list(): readonly ListedDownload[] {
    return [...this.#listed.values()];
  }

  want(id: string, roles: readonly ModelRole[]): void {
    this.#wantedFor.set(id, roles);
    const listed = this.#listed.get(id);
    if (!listed) return;
    this.#list(listed);
    // Only what is unfinished has a part that a later window finds.
    if (!isDone(listed.state)) this.#keepSource(listed.source, listed.folder);
  }

  get(source: DownloadSource): Promise<DownloadOutcome> {
    const running = this.#running.get(source.id);
    if (running) return running.outcome;
    const stop = new AbortController();
    const outcome = this.#run(source, stop.signal).finally(() => { this.#running.delete(source.id); });
    this.#running.set(source.id, { stop, outcome });
    return outcome;
  }

  pause(id: string): void {
    this.#running.get(id)?.stop.abort();
  }

  async cancel(id: string): Promise<void> {
    const running = this.#running.get(id);
    running?.stop.abort(CANCELLED);
    await running?.outcome;
    this.#wantedFor.delete(id);
    const listed = this.#listed.get(id);
    if (!listed) return;
    await discardDownload(this.parts, listed);
    await this.#forgetSource(listed);
    if (!isDone(listed.state)) this.#list({ ...listed, state: { state: "ended", outcome: { outcome: "cancelled" } } });
  }

  forget(id: string): void {
    if (this.#running.has(id)) return;
    this.#listed.delete(id);
    this.#wantedFor.delete(id);
  }

  async restore(): Promise<void> {
    for (const folder of await foldersIn(this.modelsFolder)) {
      for (const name of await foldersIn(path.join(folder, ".downloads"))) {
        const stored = await readSource(path.join(name, SOURCE));
        if (!stored || this.#listed.has(stored.source.id)) continue;
        const { source, wantedFor } = stored;
        const left = await unfinishedDownload({ source, folder });
        if (!left) continue;
        this.#wantedFor.set(source.id, wantedFor);
        this.#list({ source, folder, state: { state: "ended", outcome: { outcome: "paused", kept: left.bytes } } });
      }
    }
  }

  onChange(listener: (changed: ListedDownload) => void): Disposable {
    return this.#changes.on(listener);
  }

  dispose(): void {
    for (const { stop } of this.#running.values()) stop.abort();
    this.#changes.dispose();
  }

  async #run(wanted: DownloadSource, signal: AbortSignal): Promise<DownloadOutcome> {
    const folder = path.join(this.modelsFolder, wanted.id);
    const list = (source: DownloadSource) => (state: DownloadState): void => { this.#list({ source, folder, state }); };
    list(wanted)({ state: "running", step: "connecting", progress: { bytes: 0, total: wanted.size, bytesPerSecond: null, secondsLeft: null } });
    const settled = await this.#settle(wanted, signal);
    if ("outcome" in settled) {
      list(wanted)({ state: "ended", outcome: settled });
      return settled;
    }
    this.#keepSource(settled, folder);
    const outcome = await downloadModel(this.parts, { source: settled, folder }, list(settled), signal);
    if (outcome.outcome === "done" || outcome.outcome === "cancelled") await this.#forgetSource({ source: settled, folder });
    return outcome;
  }

  /** With commit and size, where only the server can tell them, and with the catalog's hash compared with the server's. */
  async #settle(source: DownloadSource, signal: AbortSignal): Promise<DownloadSource | DownloadOutcome> {
    try {
      return await settleSource(this.parts, source, signal);
    } catch (error) {
      if (!isAbortError(error)) throw error;
      return signal.reason === CANCELLED ? { outcome: "cancelled" } : { outcome: "paused", kept: 0 };
    }
  }

  #keepSource(source: DownloadSource, folder: string): void {
    writeJsonFile(path.join(workFolder(folder, source), SOURCE), { ...source, wantedFor: this.#wantedFor.get(source.id) ?? [] });
  }

  async #forgetSource({ source, folder }: Pick<ListedDownload, "source" | "folder">): Promise<void> {
    await rm(path.join(workFolder(folder, source), SOURCE), { force: true });
  }

  #list(download: Omit<ListedDownload, "wantedFor">): void {
    const listed = { ...download, wantedFor: this.#wantedFor.get(download.source.id) ?? [] };
    this.#listed.set(listed.source.id, listed);
    this.#changes.fire(listed);
  }
}

function isDone(state: DownloadState): boolean {
  return state.state === "ended" && state.outcome.outcome === "done";
}

const SOURCE = "source.json";
const sourcePart = valibot.strictObject({
  url: valibot.pipe(valibot.string(), valibot.url()), fileName: valibot.pipe(valibot.string(), valibot.regex(/^[\w.+-]+\.gguf$/)),
  size: valibot.nullable(valibot.number()), stated: valibot.optional(valibot.pipe(valibot.string(), valibot.regex(/^[0-9a-f]{64}$/))),
});
const sourceShape = valibot.pipe(valibot.string(), valibot.parseJson(), valibot.strictObject({
  id: valibot.pipe(valibot.string(), valibot.regex(/^[\w.-]+$/)), url: sourcePart.entries.url, fileName: sourcePart.entries.fileName,
  sha256: valibot.nullable(valibot.string()), stated: sourcePart.entries.stated, hashConfirmed: valibot.boolean(), size: valibot.nullable(valibot.number()),
  repository: valibot.nullable(valibot.string()), revision: valibot.nullable(valibot.string()),
  parts: valibot.optional(valibot.pipe(valibot.array(sourcePart), valibot.minLength(2))),
  wantedFor: valibot.optional(valibot.array(valibot.picklist(["completion", "chat", "embedding"])), []),
}));

async function readSource(file: string): Promise<Pick<ListedDownload, "source" | "wantedFor"> | undefined> {
  const parsed = valibot.safeParse(sourceShape, await readFile(file, "utf8").catch(() => ""));
  if (!parsed.success) return undefined;
  const { wantedFor, ...source } = parsed.output;
  return { source, wantedFor };
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(folder, name));
}
