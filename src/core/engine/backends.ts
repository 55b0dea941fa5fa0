import type { ProbeReport } from "../../protocol/gpuProbe";
import type { ComputeBackend, GpuBackend } from "../../protocol/loadOptions";
import { BACKEND_NAMES } from "../models/loadLadder";

/** What looking for a back end came to. */
export type BackendFinding =
  | { readonly outcome: "works"; readonly report: ProbeReport }
  | { readonly outcome: "absent" }
  /**
   * Looked for again at the next start. Slow: it came to no end in time, as one may not that has to compile everything
   * first; twice is once too often. Full: another program held its memory.
   */
  | { readonly outcome: "unclear"; readonly cause: "slow" | "full" }
  /** Not used until the driver changes or the person looks again. `how` is a clause. */
  | { readonly outcome: "setAside"; readonly how: string };

/** Findings by back end; one that has none was not looked for. */
export type BackendFindings = Readonly<Partial<Record<GpuBackend, BackendFinding>>>;

/** What the person wants: the best that works, none, or one by name. */
export type BackendWish = "auto" | "off" | GpuBackend;

/** Back ends for which a binary exists on a platform (Node's names), the best first. */
export function candidateBackends(platform: string, architecture: string): readonly GpuBackend[] {
  if (platform === "darwin") return architecture === "arm64" ? ["metal"] : [];
  return (platform === "linux" || platform === "win32") && architecture === "x64" ? ["cuda", "vulkan"] : [];
}

/** The back end to use: what is wished where it works, the processor otherwise. Nothing is used that was not found to work. */
export function chooseBackend(wish: BackendWish, candidates: readonly GpuBackend[], findings: BackendFindings): ComputeBackend {
  if (wish === "off") return "cpu";
  const wanted = wish === "auto" ? candidates : candidates.filter((backend) => backend === wish);
  return wanted.find((backend) => findings[backend]?.outcome === "works") ?? "cpu";
}

/** What to remember of a back end that was looked for, beside what was remembered of it until then. */
export function settleFinding(before: BackendFinding | undefined, found: BackendFinding): BackendFinding {
  if (before?.outcome !== "unclear" || before.cause !== "slow" || found.outcome !== "unclear") return found;
  return found.cause === "full" ? before : { outcome: "setAside", how: "looking for it did not come to an end, twice" };
}

/** One sentence for each back end that was looked for. */
export function describeFindings(findings: BackendFindings): string[] {
  return (["metal", "cuda", "vulkan"] as const).flatMap((backend) => {
    const finding = findings[backend];
    return finding ? [describeFinding(BACKEND_NAMES[backend], finding)] : [];
  });
}

function describeFinding(name: string, finding: BackendFinding): string {
  switch (finding.outcome) {
    case "works": return `${name} works: ${finding.report.devices.join(", ")}, ${(finding.report.freeBytes / 1e9).toFixed(1)} of ${(finding.report.totalBytes / 1e9).toFixed(1)} GB free${finding.report.shared ? " (shared with the processor)" : ""}.`;
    case "unclear": return finding.cause === "slow"
      ? `${name} was not ready in time, which may happen the first time: it is looked for once more at the next start.`
      : `${name} has no free memory at present: it is looked for again at the next start.`;
    case "absent": return `${name} is not on this machine.`;
    case "setAside": return `${name} is set aside: ${finding.how}.`;
  }
}
