import * as vscode from "vscode";
import { describeModelFailure, type ModelFailure } from "../core/engine/engineState";
import { AUTOMATIC_OPTIONS, parseLoadOptions, type LoadOptions } from "../core/models/loadOptions";
import { EMBEDDING_CONTEXT } from "../core/models/memoryFit";
import { loadWish, type Tuning } from "../core/models/tuning";
import type { Settings } from "../core/settings/settings";
import { isAbortError } from "../core/util/abort";
import type { Disposable } from "../core/util/dispose";
import type { Log } from "../core/util/log";
import type { ModelRole, WritingRole } from "../protocol/engine";
import type { LoraAdapter } from "../protocol/loadOptions";
import type { EngineSupervisor, ModelRequest } from "../services/engine/engineSupervisor";
import type { HashedFile, ModelIdentities } from "../services/models/modelIdentity";
import { findStarterModel } from "../services/models/starterModel";
import type { LastGood } from "./lastGood";

/** What following the model settings needs. */
export interface ModelUseParts {
  readonly supervisor: EngineSupervisor;
  readonly identities: ModelIdentities;
  readonly extensionFolder: string;
  readonly log: Log;
  /** Words for the status item, by role; an empty list takes them back. */
  readonly report: (source: string, problems: readonly string[]) => void;
  /** How a role's model is to be held. */
  readonly loadOptions: (role: ModelRole, settings: Settings) => LoadOptions;
  /** What was measured for a model on this machine; nothing where absent. */
  readonly tuning?: (sha256: string, role: ModelRole) => Tuning | undefined;
  /** A model was loaded that was never measured on this machine. */
  readonly onUnmeasured?: (role: WritingRole, path: string) => void;
  readonly lastGood: LastGood;
  /** Which model is in use has changed without a change of the settings. */
  readonly onStandIn: () => void;
  /** Sets a role's model in the settings. */
  readonly choose: (role: ModelRole, path: string) => Promise<void>;
}

/** A file that may be loaded; `newHash` where the person has just named it. */
interface CheckedFile {
  readonly path: string;
  readonly sha256: string;
  readonly newHash?: string;
}

/** What does a role's work without a model of the person's own. */
const BUNDLED: Readonly<Record<ModelRole, string>> = { completion: "the starter", chat: "the index of your code", embedding: "words alone" };
/** What stands before the name of what does a role's work, and what the role is. */
const WORK: Readonly<Record<ModelRole, { readonly comesFrom: string; readonly is: string }>> = {
  completion: { comesFrom: "ghost text comes from", is: "completion" },
  chat: { comesFrom: "answers come from", is: "chat" },
  embedding: { comesFrom: "what a question may mean is found by", is: "search by meaning" },
};

/** Chat needs room for sources and history. */
const LEAST_CHAT_CONTEXT = 4_096;

/**
 * Brings the engine's models in line with the settings: identified, asked about when changed, loaded. Where a model cannot
 * be used, the one before it stands in, or what comes with Ghostlight, until the settings change.
 */
export class ModelUse implements vscode.Disposable {
  readonly #failures: Disposable;
  /** Roles that have asked the engine for a model before: only those have one to give back. */
  readonly #used = new Set<ModelRole>();
  /** What the settings say, by role: the empty path for what comes with Ghostlight, undefined for nothing. */
  readonly #configured = new Map<ModelRole, string | undefined>();
  /** Roles whose model was changed by the person in this session: they are answered with a message. */
  readonly #changedFrom = new Map<ModelRole, string>();
  readonly #problems = new Map<ModelRole, readonly string[]>();
  readonly #standIns = new Map<ModelRole, string>();
  /** What was asked of the engine last, and what of that failed: the same is not tried again by itself. */
  readonly #wishes = new Map<ModelRole, string>();
  readonly #failedWishes = new Map<ModelRole, string>();
  #settings: Settings | undefined;
  #round = new AbortController();

  constructor(private readonly parts: ModelUseParts) {
    this.#failures = parts.supervisor.onModelFailure.on((failure) => { void this.#failed(failure); });
  }

  /** What does a role's work in place of the model of the settings: a path, or an empty one for what comes with Ghostlight; undefined where nothing stands in. */
  standIn(role: ModelRole): string | undefined {
    return this.#standIns.get(role);
  }

  /** Applies the settings. A newer call ends an older one; the roles are independent. What failed is not tried again as it was. */
  async apply(settings: Settings): Promise<void> {
    this.#round.abort();
    this.#round = new AbortController();
    this.#settings = settings;
    const { signal } = this.#round;
    await Promise.all([
      this.#applyRole("completion", settings.completionEngines === "recall" ? undefined : settings.completionModel, settings, signal),
      this.#applyRole("chat", settings.chatModel, settings, signal),
      this.#applyRole("embedding", settings.embeddingModel, settings, signal),
    ]);
  }

  /** Applies the settings, with another try for what failed: the person has asked for it. */
  async applyAnew(settings: Settings): Promise<void> {
    this.#failedWishes.clear();
    await this.apply(settings);
  }

  dispose(): void {
    this.#round.abort();
    this.#failures.dispose();
  }

  async #applyRole(role: ModelRole, configured: string | undefined, settings: Settings, signal: AbortSignal): Promise<void> {
    try {
      this.#remember(role, configured);
      const file = configured === undefined ? undefined : configured === "" ? await this.#bundled(role, signal) : await this.#identified(role, configured, signal);
      if (signal.aborted || (file === undefined && !this.#used.has(role) && (role !== "completion" || configured === undefined))) return;
      this.#used.add(role);
      if (file === undefined && configured !== undefined && configured !== "") return await this.#fillIn(role, signal);
      await this.#load(role, file, configured, settings, signal);
    } catch (error) {
      if (isAbortError(error)) return;
      this.parts.log.error(`${role} model: ${String(error)}`);
      this.#report(role, [`The ${role} model could not be used: ${error instanceof Error ? error.message : String(error)}.`], signal);
    }
  }

  /** A role whose setting has changed begins with a clean slate. */
  #remember(role: ModelRole, configured: string | undefined): void {
    const before = this.#configured.get(role);
    const known = this.#configured.has(role);
    this.#configured.set(role, configured);
    if (known && before === configured) return;
    if (before !== undefined && configured !== undefined) this.#changedFrom.set(role, before);
    this.#endStandIn(role);
    this.#failedWishes.delete(role);
    this.parts.report(role, []);
  }

  async #load(role: ModelRole, file: CheckedFile | undefined, configured: string | undefined, settings: Settings, signal: AbortSignal): Promise<void> {
    const { supervisor, tuning, onUnmeasured, lastGood } = this.parts;
    const request = file && await this.#request(role, file, settings, signal);
    const wish = JSON.stringify([request, file?.sha256]);
    if (signal.aborted || (this.#failedWishes.get(role) === wish && this.#standIns.has(role))) return;
    this.#failedWishes.delete(role);
    this.#wishes.set(role, wish);
    if (file) this.#report(role, [], signal);
    await supervisor.use(role, request);
    if (signal.aborted || (file && supervisor.loaded(role)?.path !== file.path)) return;
    this.#endStandIn(role);
    this.#changedFrom.delete(role);
    if (configured !== undefined) lastGood.write(role, configured);
    if (file === undefined || configured === "") return;
    if (role !== "embedding" && tuning?.(file.sha256, role) === undefined) onUnmeasured?.(role, file.path);
    if (file.newHash !== undefined) void this.#tellHash(role, file.path, file.newHash);
  }

  async #failed(failure: ModelFailure): Promise<void> {
    const { role } = failure;
    const { signal } = this.#round;
    this.#report(role, [describeModelFailure(failure)], signal);
    // Behind what stands in, and behind what comes with Ghostlight, there is nothing more.
    if (failure.path !== this.#configured.get(role) || signal.aborted) return;
    this.#failedWishes.set(role, this.#wishes.get(role) ?? "");
    await this.#fillIn(role, signal).catch((error: unknown) => {
      if (!isAbortError(error)) this.parts.log.error(`${role} model: ${String(error)}`);
    });
  }

  /** Lets the model before this one, or what comes with Ghostlight, do the work. */
  async #fillIn(role: ModelRole, signal: AbortSignal): Promise<void> {
    const { supervisor, lastGood } = this.parts;
    const reasons = this.#problems.get(role) ?? [];
    for (const path of new Set([lastGood.read(role), ""])) {
      if (path === this.#configured.get(role)) continue;
      const file = path === "" ? await this.#bundled(role, signal) : await this.#known(path, signal);
      if (signal.aborted || !this.#settings) return;
      if (file === undefined && (path !== "" || role === "completion")) continue;
      // Adapters are made for the model that they were set for.
      await supervisor.use(role, file && { ...(await this.#request(role, file, this.#settings, signal)), adapters: [] });
      if (signal.aborted) return;
      if (file && supervisor.loaded(role)?.path !== file.path) continue;
      this.#standIns.set(role, path);
      this.parts.onStandIn();
      return this.#tellStandIn(role, reasons, path, signal);
    }
  }

  #tellStandIn(role: ModelRole, reasons: readonly string[], path: string, signal: AbortSignal): void {
    const name = path === "" ? BUNDLED[role] : fileName(path);
    const meanwhile = `Meanwhile ${WORK[role].comesFrom} ${name}.`;
    this.#report(role, [...reasons, meanwhile], signal);
    this.parts.log.warn(`${role} model: ${name} stands in`);
    const before = this.#changedFrom.get(role);
    this.#changedFrom.delete(role);
    if (before !== undefined) void this.#offerTheWayBack(role, [...reasons, meanwhile].join(" "), before);
  }

  /** The person has just chosen the model that failed: one message. */
  async #offerTheWayBack(role: ModelRole, words: string, before: string): Promise<void> {
    const back = `Go Back to ${before === "" ? BUNDLED[role] : fileName(before)}`;
    const choice = await vscode.window.showWarningMessage(`Ghostlight: ${words}`, back, "Show Models");
    if (choice === back) await this.parts.choose(role, before);
    else if (choice !== undefined) await vscode.commands.executeCommand("ghostlight.models.focus");
  }

  #endStandIn(role: ModelRole): void {
    if (this.#standIns.delete(role)) this.parts.onStandIn();
  }

  async #request(role: ModelRole, file: CheckedFile, settings: Settings, signal: AbortSignal): Promise<ModelRequest> {
    const tuning = this.parts.tuning?.(file.sha256, role);
    const options = this.parts.loadOptions(role, settings);
    return { ...loadWish(options, tuning), path: file.path, adapters: await this.#adapters(role, options.adapters, signal) };
  }

  /** The adapters whose files are what they were; each is asked about like a model, and left out where it may not be used. */
  async #adapters(role: ModelRole, adapters: readonly LoraAdapter[], signal: AbortSignal): Promise<readonly LoraAdapter[]> {
    const checked: LoraAdapter[] = [];
    for (const adapter of adapters) {
      const file = await this.#identified(role, adapter.path, signal);
      if (file) checked.push(adapter);
      if (file?.newHash !== undefined) this.parts.log.info(`${role} adapter file remembered, SHA-256 ${file.newHash}`);
    }
    return checked;
  }

  /** A round that a newer one has ended says nothing any more. */
  #report(role: ModelRole, problems: readonly string[], signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#problems.set(role, problems);
    this.parts.report(role, problems);
  }

  /** The starter for completion; nothing for the others, which do without a model. */
  async #bundled(role: ModelRole, signal: AbortSignal): Promise<CheckedFile | undefined> {
    if (role !== "completion") return undefined;
    const starter = await findStarterModel(this.parts.extensionFolder, signal);
    if (starter.path !== undefined) return starter;
    this.#report(role, [starter.reason], signal);
    return undefined;
  }

  /** A file that was used before and is what it was; nobody is asked. */
  async #known(path: string, signal: AbortSignal): Promise<CheckedFile | undefined> {
    const identity = await this.parts.identities.identify(path, signal);
    return identity.identity === "known" ? { path, sha256: identity.sha256 } : undefined;
  }

  /** A configured file is loaded only after its hash was compared with the remembered one (design §4.9). */
  async #identified(role: ModelRole, path: string, signal: AbortSignal): Promise<CheckedFile | undefined> {
    const identity = await this.parts.identities.identify(path, signal);
    switch (identity.identity) {
      case "known": return { path, sha256: identity.sha256 };
      case "missing":
        this.#report(role, [describeModelFailure({ role, path: identity.file, code: "missing", detail: "there is no such file" })], signal);
        return undefined;
      case "new":
        this.parts.identities.accept(path, identity.hashed);
        return { path, sha256: identity.sha256, newHash: identity.sha256 };
      case "changing":
        this.#report(role, [`${fileName(path)} is still being written: restart the engine when it is complete.`], signal);
        return undefined;
      case "changed":
        this.#report(role, [`${fileName(path)} is not the file that was used before: it waits for your answer.`], signal);
        // What may have been damaged on the disk must not go on answering while the person thinks about it.
        if (path === this.#configured.get(role)) await this.#fillIn(role, signal);
        return (await this.#askAboutChange(role, path, identity.hashed, signal)) ? { path, sha256: identity.sha256 } : undefined;
    }
  }

  /** The person has just set the path: one message, with the hash to compare and a button that copies it. */
  async #tellHash(role: ModelRole, path: string, sha256: string): Promise<void> {
    this.parts.log.info(`${role} model file remembered, SHA-256 ${sha256}`);
    const choice = await vscode.window.showInformationMessage(`Ghostlight uses ${fileName(path)} for ${WORK[role].is}. SHA-256 ${sha256.slice(0, 16)}…`, "Copy SHA-256");
    if (choice !== undefined) await vscode.env.clipboard.writeText(sha256);
  }

  async #askAboutChange(role: ModelRole, path: string, hashed: HashedFile, signal: AbortSignal): Promise<boolean> {
    const use = "Use the Changed File";
    const choice = await vscode.window.showWarningMessage(`${fileName(path)} has changed since Ghostlight used it last. Its SHA-256 is now ${hashed.sha256.slice(0, 16)}…`, use, "Keep It Off");
    if (choice === use && !signal.aborted) this.parts.identities.accept(path, hashed);
    this.#report(role, choice === use ? [] : [`${fileName(path)} is not the file that was used before: it is kept off.`], signal);
    return choice === use && !signal.aborted;
  }
}

/** How a role's model is to be held by the settings, and what was wrong with them: the role's own options, and the context that one setting gives both roles that write. */
export function loadOptionsOf(role: ModelRole, settings: Settings): ReturnType<typeof parseLoadOptions> {
  if (role === "embedding") return { options: { ...AUTOMATIC_OPTIONS, contextSize: EMBEDDING_CONTEXT }, problems: [] };
  const { options, problems } = parseLoadOptions(role === "completion" ? settings.completionLoad : settings.chatLoad, `ghostlight.${role}.load`);
  if (options.contextSize !== "auto") return { options, problems };
  return { options: { ...options, contextSize: role === "completion" ? settings.engineContextSize : Math.max(settings.engineContextSize, LEAST_CHAT_CONTEXT) }, problems };
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
