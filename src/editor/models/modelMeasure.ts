import * as vscode from "vscode";
import { describeTuning, type Tuning } from "../../core/models/tuning";
import type { Settings } from "../../core/settings/settings";
import type { Log } from "../../core/util/log";
import type { ModelRole, WritingRole } from "../../protocol/engine";
import type { EngineSupervisor } from "../../services/engine/engineSupervisor";
import { machineKey, measureLoaded, type Measurements } from "../../services/engine/measure";
import { physicalCores } from "../../services/engine/threads";
import type { ModelIdentities } from "../../services/models/modelIdentity";
import type { ModelLibrary } from "../../services/models/modelLibrary";
import { cancellableProgress } from "../cancellableProgress";

/** What measuring needs. */
export interface ModelMeasureParts {
  readonly supervisor: EngineSupervisor;
  readonly measurements: Measurements;
  readonly identities: ModelIdentities;
  readonly library: () => ModelLibrary;
  readonly settings: () => Settings;
  /** Loads the models again with what was measured. */
  readonly apply: () => Promise<void>;
  readonly libraryVersion: string;
  readonly log: Log;
}

/** Measures models on this machine, once each, and remembers what they are run with best. */
export class ModelMeasure {
  /** Roles that are being measured: one at a time. */
  readonly #underWay = new Set<WritingRole>();
  /** What the roles' models are run with. */
  readonly #current = new Map<ModelRole, Tuning | undefined>();

  constructor(private readonly parts: ModelMeasureParts) {}

  /** What was measured for a role's model on this machine and back end; undefined where it is to be measured. */
  tuningOf(sha256: string, role: ModelRole): Tuning | undefined {
    const tuning = this.parts.measurements.read(sha256, this.#machine());
    this.#current.set(role, tuning);
    return tuning;
  }

  /** Milliseconds that ghost text may go on after its first token; undefined where that was not measured. */
  timeBudgetMs(): number | undefined {
    return this.#current.get("completion")?.timeBudgetMs;
  }

  /** The first use of a model: measured in the background, its result said once. */
  async firstUse(role: WritingRole, path: string): Promise<void> {
    const tuning = await cancellableProgress(`Measuring the new model for ${role === "completion" ? "ghost text" : "answers"}, at most 20 seconds`, (signal, progress) => {
      return this.#measure(role, path, progress, signal);
    }).then((measured) => measured, (error: unknown) => {
      this.parts.log.warn(`measuring: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
    if (tuning) void vscode.window.showInformationMessage(`Ghostlight: ${describeTuning(role, tuning)}`, "OK");
  }

  /** Measures a model that is in use. Rejects with a sentence for the person; undefined where it was stopped. */
  async measure(path: string, signal: AbortSignal): Promise<Tuning | undefined> {
    const role = (["completion", "chat"] as const).find((one) => this.parts.supervisor.loaded(one)?.path === path);
    if (role === undefined) throw new Error("Use it for ghost text or for answers first: it is measured while it is loaded.");
    return this.#measure(role, path, undefined, signal);
  }

  async #measure(role: WritingRole, path: string, progress: vscode.Progress<{ increment?: number }> | undefined, signal: AbortSignal): Promise<Tuning | undefined> {
    if (this.#underWay.has(role)) throw new Error("It is being measured already.");
    this.#underWay.add(role);
    try {
      let done = 0;
      const measured = await measureLoaded(this.parts.supervisor, role, { physicalCores: physicalCores(), onProgress: (share) => {
        progress?.report({ increment: 100 * (share - done) });
        done = share;
      } }, signal);
      if (measured.outcome === "stopped") return undefined;
      if (measured.outcome === "failed") throw new Error(`It could not be measured: ${measured.cause}.`);
      await this.#remember(path, measured.tuning, signal);
      return measured.tuning;
    } finally {
      this.#underWay.delete(role);
    }
  }

  async #remember(path: string, tuning: Tuning, signal: AbortSignal): Promise<void> {
    const { identities, measurements, library, apply } = this.parts;
    const identity = await identities.identify(path, signal);
    if (!("sha256" in identity)) return;
    measurements.write(identity.sha256, this.#machine(), tuning);
    await library().measured(path, { prefill: tuning.prefill, decode: tuning.decode }, this.#machine(), signal);
    await apply();
  }

  #machine(): string {
    return machineKey(this.parts.libraryVersion, this.parts.supervisor.backend);
  }
}
