import path from "node:path";
import { EngineSupervisor, type EngineSupervisorOptions } from "../../src/services/engine/engineSupervisor";
import type { EngineState, ModelFailure } from "../../src/core/engine/engineState";
import { silentLog } from "../../src/core/util/log";

const root = path.resolve(__dirname, "../..");

/** The built engine. */
export const ENGINE_ENTRY = path.join(root, "dist", "engine.mjs");

/** A stand-in for it, by the name of its script. */
export function stubEntry(name: string): string {
  return path.join(root, "test", "fixtures", "engine", `${name}.mjs`);
}

/** A supervisor that writes down what it tells; its back-off takes no time and is written down too. */
export class WatchedSupervisor extends EngineSupervisor {
  readonly states: EngineState[] = [];
  readonly failures: ModelFailure[] = [];
  readonly waits: number[] = [];
  readonly died: string[] = [];

  constructor(options: Partial<EngineSupervisorOptions> & Pick<EngineSupervisorOptions, "entry">) {
    const waits: number[] = [];
    const died: string[] = [];
    super({
      runtime: process.execPath, threads: 1, log: silentLog, clock: () => performance.now(),
      memory: { lastDied: () => undefined, remember: (kind) => died.push(kind) },
      wait: (milliseconds) => { waits.push(milliseconds); return Promise.resolve(); },
      ...options,
    });
    this.waits = waits;
    this.died = died;
    this.onState.on((state) => this.states.push(state));
    this.onModelFailure.on((failure) => this.failures.push(failure));
  }

  /** Resolves with the first state of a kind that comes from now on. */
  next<Kind extends EngineState["state"]>(kind: Kind): Promise<Extract<EngineState, { state: Kind }>> {
    return new Promise((resolve) => {
      const listening = this.onState.on((state) => {
        if (state.state !== kind) return;
        listening.dispose();
        resolve(state as Extract<EngineState, { state: Kind }>);
      });
    });
  }

  /** Kills the present process as a crash would, and resolves when the supervisor has noticed. */
  async crash(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const noticed = Promise.race([this.next("restarting"), this.next("failed")]);
    if (this.processId === undefined) throw new Error("no process to crash");
    process.kill(this.processId, signal);
    await noticed;
  }
}
