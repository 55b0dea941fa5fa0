import * as valibot from "valibot";
import { chooseBackend, settleFinding, type BackendFinding, type BackendFindings, type BackendWish } from "../../core/engine/backends";
import { parseProbeReport } from "../../protocol/gpuProbe";
import type { ComputeBackend, GpuBackend } from "../../protocol/loadOptions";
import { readJsonFile, writeJsonFile } from "../store/jsonFile";

/** What finding back ends needs. */
export interface BackendParts {
  /** Absolute path of the small file that remembers. */
  readonly storePath: string;
  /** The best first; see `candidateBackends`. */
  readonly candidates: readonly GpuBackend[];
  /** What changes when a driver, a device or the library does; see `driverKey`. */
  readonly key: () => string;
  readonly probe: (backend: GpuBackend, signal: AbortSignal) => Promise<BackendFinding>;
}

const finding = valibot.variant("outcome", [
  valibot.object({ outcome: valibot.literal("works"), report: valibot.unknown() }),
  valibot.object({ outcome: valibot.literal("absent") }),
  valibot.object({ outcome: valibot.literal("unclear"), cause: valibot.picklist(["slow", "full"]) }),
  valibot.object({ outcome: valibot.literal("setAside"), how: valibot.string() }),
]);
const stored = valibot.object({ key: valibot.string(), findings: valibot.record(valibot.picklist(["metal", "cuda", "vulkan"]), finding) });

/** The back ends of this machine, looked for once per driver and library version, and those that were set aside. */
export class Backends {
  constructor(private readonly parts: BackendParts) {}

  /** What is remembered for the drivers as they are now; starts nothing. */
  known(): BackendFindings {
    const parsed = valibot.safeParse(stored, readJsonFile(this.parts.storePath));
    if (!parsed.success || parsed.output.key !== this.parts.key()) return {};
    const findings: Partial<Record<GpuBackend, BackendFinding>> = {};
    for (const backend of this.parts.candidates) {
      const one = parsed.output.findings[backend];
      const report = one?.outcome === "works" ? parseProbeReport(JSON.stringify(one.report)) : undefined;
      if (report) findings[backend] = { outcome: "works", report };
      else if (one && one.outcome !== "works") findings[backend] = one;
    }
    return findings;
  }

  /** Whether it is clear of every candidate what it comes to. */
  get complete(): boolean {
    const known = this.known();
    return this.parts.candidates.every((backend) => isClear(known[backend]));
  }

  /** The back end to use by what is remembered: the processor where nothing is. */
  chosen(wish: BackendWish): ComputeBackend {
    return chooseBackend(wish, this.parts.candidates, this.known());
  }

  /** Looks for what is not remembered, or was not clear, one after the other, and remembers it. Rejects with an abort error; what was found until then stays. */
  async find(signal: AbortSignal): Promise<BackendFindings> {
    for (const backend of this.parts.candidates) {
      const before = this.known()[backend];
      if (isClear(before)) continue;
      this.#remember(backend, settleFinding(before, await this.parts.probe(backend, signal)));
    }
    return this.known();
  }

  /** The person asks again: everything is forgotten and looked for anew. */
  async findAgain(signal: AbortSignal): Promise<BackendFindings> {
    writeJsonFile(this.parts.storePath, { key: "", findings: {} });
    return await this.find(signal);
  }

  /** A back end crashed or hung at work: it is not used until the key changes or the person asks again. */
  setAside(backend: GpuBackend, how: "crashed" | "hung"): void {
    this.#remember(backend, { outcome: "setAside", how: `it ${how} while a model was loaded or at work` });
  }

  #remember(backend: GpuBackend, one: BackendFinding): void {
    writeJsonFile(this.parts.storePath, { key: this.parts.key(), findings: { ...this.known(), [backend]: one } });
  }
}

function isClear(one: BackendFinding | undefined): boolean {
  return one !== undefined && one.outcome !== "unclear";
}
