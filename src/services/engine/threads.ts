import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/**
 * Threads for evaluation: physical cores minus one, at least one. With every core taken, one busy neighbour cuts the
 * speed to a tenth (measured: 3.4 tokens a second instead of 50).
 */
export function automaticThreads(): number {
  return Math.max(1, physicalCores() - 1);
}

/** The threads that a setting asks for; 0 stands for automatic. */
export function threadsFor(setting: number): number {
  return setting === 0 ? automaticThreads() : setting;
}

/** Cores that are not two halves of one, at least 1. */
export function physicalCores(): number {
  const logical = Math.max(1, cpus().length);
  if (process.platform === "linux") return coresFromProc() ?? logical;
  // Apple silicon has no hyper-threading; on other desktops two logical processors share a core as a rule.
  return process.platform === "darwin" && process.arch === "arm64" ? logical : Math.max(1, Math.ceil(logical / 2));
}

/** Distinct pairs of processor package and core as the Linux kernel lists them. */
function coresFromProc(): number | undefined {
  try {
    const blocks = readFileSync("/proc/cpuinfo", "utf8").split("\n\n");
    const cores = blocks.map((block) => `${field(block, "physical id")}:${field(block, "core id")}`).filter((core) => core !== ":");
    return cores.length === 0 ? undefined : new Set(cores).size;
  } catch {
    return undefined;
  }
}

function field(block: string, name: string): string {
  return new RegExp(`^${name}\\s*:\\s*(\\S+)`, "m").exec(block)?.[1] ?? "";
}
