import * as vscode from "vscode";
import { describeModelFailure } from "../core/engine/engineState";
import { parseLoadOptions, type LoadOptions } from "../core/models/loadOptions";
import { loadWish, type Tuning } from "../core/models/tuning";
import type { Settings } from "../core/settings/settings";
import { isAbortError } from "../core/util/abort";
import type { Log } from "../core/util/log";
import type { ModelRole } from "../protocol/engine";
import type { LoraAdapter } from "../protocol/loadOptions";
import type { EngineSupervisor, ModelRequest } from "../services/engine/engineSupervisor";
import type { HashedFile, ModelIdentities } from "../services/models/modelIdentity";
import { findStarterModel } from "../services/models/starterModel";

/** What following the model settings needs. */
export interface ModelUseParts {
  readonly supervisor: EngineSupervisor;
  readonly identities: ModelIdentities;
  readonly extensionFolder: string;
  readonly log: Log;
  /** Words for the status item, by role; an empty list takes them back. */
  readonly report: (source: string, problems: readonly string[]) => void;
  /** How a role's model is to be held; automatically, with the context of the settings, where absent. */
  readonly loadOptions?: (role: ModelRole, settings: Settings) => LoadOptions;
  /** What was measured for a model on this machine; nothing where absent. */
  readonly tuning?: (sha256: string, role: ModelRole) => Tuning | undefined;
  /** A model was loaded that was never measured on this machine. */
  readonly onUnmeasured?: (role: ModelRole, path: string) => void;
}

/** A file that may be loaded; `newHash` where the person has just named it. */
interface CheckedFile {
  readonly path: string;
  readonly sha256: string;
  readonly newHash?: string;
}

/** Chat needs room for sources and history. */
const LEAST_CHAT_CONTEXT = 4_096;

/** Brings the engine's models in line with the settings: identified, asked about when changed, loaded. */
export class ModelUse implements vscode.Disposable {
  readonly #failures: { dispose(): void };
  /** Roles that have asked the engine for a model before: only those have one to give back. */
  readonly #used = new Set<ModelRole>();
  #round = new AbortController();

  constructor(private readonly parts: ModelUseParts) {
    this.#failures = parts.supervisor.onModelFailure.on((failure) => {
      parts.report(failure.role, [describeModelFailure(failure)]);
    });
  }

  /** Applies the settings. A newer call ends an older one; both roles are independent. */
  async apply(settings: Settings): Promise<void> {
    this.#round.abort();
    this.#round = new AbortController();
    const { signal } = this.#round;
    await Promise.all([
      this.#applyRole("completion", settings.completionEngines === "recall" ? undefined : settings.completionModel, settings, settings.engineContextSize, signal),
      this.#applyRole("chat", settings.chatModel, settings, Math.max(settings.engineContextSize, LEAST_CHAT_CONTEXT), signal),
    ]);
  }

  dispose(): void {
    this.#round.abort();
    this.#failures.dispose();
  }

  async #applyRole(role: ModelRole, configured: string | undefined, settings: Settings, contextSize: number, signal: AbortSignal): Promise<void> {
    try {
      this.#report(role, [], signal);
      const file = configured === undefined ? undefined : configured === "" ? await this.#bundled(role, signal) : await this.#identified(role, configured, signal);
      if (signal.aborted || (file === undefined && !this.#used.has(role) && (role === "chat" || configured === undefined))) return;
      this.#used.add(role);
      const request = file && await this.#request(role, file, settings, contextSize, signal);
      if (signal.aborted) return;
      await this.parts.supervisor.use(role, request);
      if (file !== undefined && configured !== "" && !signal.aborted && this.parts.supervisor.loaded(role)?.path === file.path && this.parts.tuning?.(file.sha256, role) === undefined) this.parts.onUnmeasured?.(role, file.path);
      if (file?.newHash !== undefined && this.parts.supervisor.loaded(role)?.path === file.path) void this.#tellHash(role, file.path, file.newHash);
    } catch (error) {
      if (isAbortError(error)) return;
      this.parts.log.error(`${role} model: ${String(error)}`);
      this.#report(role, [`The ${role} model could not be used: ${error instanceof Error ? error.message : String(error)}.`], signal);
    }
  }

  async #request(role: ModelRole, file: CheckedFile, settings: Settings, contextSize: number, signal: AbortSignal): Promise<ModelRequest> {
    const tuning = this.parts.tuning?.(file.sha256, role);
    const options = this.parts.loadOptions?.(role, settings);
    if (!options) return { path: file.path, contextSize, ...(tuning ? { batchSize: tuning.batchSize } : {}) };
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
    if (!signal.aborted) this.parts.report(role, problems);
  }

  /** The starter for completion; nothing for chat, where the index answers. */
  async #bundled(role: ModelRole, signal: AbortSignal): Promise<CheckedFile | undefined> {
    if (role === "chat") return undefined;
    const starter = await findStarterModel(this.parts.extensionFolder, signal);
    if (starter.path !== undefined) return starter;
    this.#report(role, [starter.reason], signal);
    return undefined;
  }

  /** A configured file is loaded only after its hash was compared with the remembered one (design §4.9). */
  async #identified(role: ModelRole, path: string, signal: AbortSignal): Promise<CheckedFile | undefined> {
    const identity = await this.parts.identities.identify(path, signal);
    switch (identity.identity) {
      case "known": return { path, sha256: identity.sha256 };
      case "missing":
        this.#report(role, [describeModelFailure({ role, path, code: "missing", detail: "there is no such file" })], signal);
        return undefined;
      case "new":
        this.parts.identities.accept(path, identity.hashed);
        return { path, sha256: identity.sha256, newHash: identity.sha256 };
      case "changing":
        this.#report(role, [`${fileName(path)} is still being written: restart the engine when it is complete.`], signal);
        return undefined;
      case "changed":
        // What may have been damaged on the disk must not go on answering while the person thinks about it.
        if (this.parts.supervisor.loaded(role)?.path === path) await this.parts.supervisor.use(role, undefined);
        return (await this.#askAboutChange(role, path, identity.hashed, signal)) ? { path, sha256: identity.sha256 } : undefined;
    }
  }

  /** The person has just set the path: one message, with the hash to compare and a button that copies it. */
  async #tellHash(role: ModelRole, path: string, sha256: string): Promise<void> {
    this.parts.log.info(`${role} model file remembered, SHA-256 ${sha256}`);
    const choice = await vscode.window.showInformationMessage(`Ghostlight uses ${fileName(path)} for ${role}. SHA-256 ${sha256.slice(0, 16)}…`, "Copy SHA-256");
    if (choice !== undefined) await vscode.env.clipboard.writeText(sha256);
  }

  async #askAboutChange(role: ModelRole, path: string, hashed: HashedFile, signal: AbortSignal): Promise<boolean> {
    this.#report(role, [`${fileName(path)} is not the file that was used before: it waits for your answer.`], signal);
    const use = "Use the Changed File";
    const choice = await vscode.window.showWarningMessage(`${fileName(path)} has changed since Ghostlight used it last. Its SHA-256 is now ${hashed.sha256.slice(0, 16)}…`, use, "Keep It Off");
    if (choice !== use || signal.aborted) return false;
    this.parts.identities.accept(path, hashed);
    this.#report(role, [], signal);
    return true;
  }
}

/** How a role's model is to be held by the settings, and what was wrong with them: the role's own options, and the context that one setting gives both roles. */
export function loadOptionsOf(role: ModelRole, settings: Settings): ReturnType<typeof parseLoadOptions> {
  const { options, problems } = parseLoadOptions(role === "completion" ? settings.completionLoad : settings.chatLoad, `ghostlight.${role}.load`);
  if (options.contextSize !== "auto") return { options, problems };
  return { options: { ...options, contextSize: role === "completion" ? settings.engineContextSize : Math.max(settings.engineContextSize, LEAST_CHAT_CONTEXT) }, problems };
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
