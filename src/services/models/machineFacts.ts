import { readdirSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import os from "node:os";
import { dirname, join, posix } from "node:path";
import type { MachineFacts, MemorySpeeds } from "../../core/models/machine";
import { physicalCores } from "../engine/threads";

/** What is asked of the system; tests give other answers. */
export interface SystemSources {
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  readonly totalMemory: number;
  readonly freeMemory: number;
  readonly physicalCores: number;
  /** A small text file of the system; undefined where it is missing or may not be read. */
  text(path: string): string | undefined;
  /** Names in a folder of the system; none where it is missing. */
  names(folder: string): readonly string[];
  /** Bytes free for this user on the disk that holds a folder; rejects where the folder is missing. */
  freeBytes(folder: string): Promise<number>;
}

/** What is known from elsewhere: the graphics processor from a probe, the memory's speeds from a measurement. */
export type MeasuredFacts = Pick<MachineFacts, "gpu" | keyof MemorySpeeds>;

/**
 * Facts of this machine, without starting a program: from Node, and on Linux from `/proc` and `/sys`. What is measured
 * elsewhere wins over what is only seen here.
 * @param modelFolder where models are kept; it need not exist yet
 */
export async function readMachineFacts(modelFolder: string, measured: MeasuredFacts = {}, sources: SystemSources = thisSystem()): Promise<MachineFacts> {
  const limit = sources.platform === "linux" ? containerMemory(sources) : undefined;
  const totalMemory = Math.min(sources.totalMemory, limit?.total ?? Infinity);
  const gpu = measured.gpu ?? seenGpu(sources, totalMemory);
  const freeDisk = await freeDiskAt(modelFolder, sources);
  return {
    platform: sources.platform,
    architecture: sources.architecture,
    totalMemory,
    freeMemory: Math.min(freeMemory(sources), limit?.free ?? Infinity),
    physicalCores: sources.physicalCores,
    instructionSets: instructionSets(sources),
    ...(gpu === undefined ? {} : { gpu }),
    ...(freeDisk === undefined ? {} : { freeDisk }),
    ...(measured.readingSpeed === undefined ? {} : { readingSpeed: measured.readingSpeed }),
    ...(measured.multiplyingSpeed === undefined ? {} : { multiplyingSpeed: measured.multiplyingSpeed }),
  };
}

function thisSystem(): SystemSources {
  return {
    platform: process.platform,
    architecture: process.arch,
    totalMemory: os.totalmem(),
    freeMemory: os.freemem(),
    physicalCores: physicalCores(),
    text: (path) => orUndefined(() => readFileSync(path, "utf8")),
    names: (folder) => orUndefined(() => readdirSync(folder)) ?? [],
    freeBytes: async (folder) => {
      const disk = await statfs(folder);
      return disk.bavail * disk.bsize;
    },
  };
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** macOS counts as free only what holds nothing at all; what it can give back at once is about half of the memory. */
function freeMemory(sources: SystemSources): number {
  return sources.platform === "darwin" ? Math.max(sources.freeMemory, sources.totalMemory / 2) : sources.freeMemory;
}

/** The least limit from this process's control group up to the root, and what is left under it; file pages that were read and not used again do not count. */
function containerMemory(sources: SystemSources): { readonly total: number; readonly free: number } | undefined {
  const groups = sources.text("/proc/self/cgroup") ?? "";
  const second = /^0::(.*)$/m.exec(groups)?.[1];
  const first = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(groups)?.[1];
  const limits = [
    ...groupFolders("/sys/fs/cgroup", second).map((folder) => limitOf(sources, folder, "memory.max", "memory.current", "inactive_file")),
    ...groupFolders("/sys/fs/cgroup/memory", first).map((folder) => limitOf(sources, folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")),
  ].filter((limit) => limit !== undefined);
  if (limits.length === 0) return undefined;
  return { total: Math.min(...limits.map((limit) => limit.total)), free: Math.min(...limits.map((limit) => limit.free)) };
}

/** A group's folder and all above it. Inside a container its path may name folders of the outside; its own then stand at the root. */
function groupFolders(root: string, path: string | undefined): string[] {
  if (path === undefined) return [];
  const folders: string[] = [];
  for (let folder = posix.normalize(`/${path}`); ; folder = posix.dirname(folder)) {
    folders.push(posix.join(root, folder));
    if (folder === "/") return folders;
  }
}

function limitOf(sources: SystemSources, folder: string, limitFile: string, usedFile: string, fileKey: string): { readonly total: number; readonly free: number } | undefined {
  const total = Number(sources.text(posix.join(folder, limitFile))?.trim() || Number.NaN);
  // "max" and the largest number that the kernel can write both mean that there is none.
  if (!Number.isFinite(total) || total <= 0 || total >= sources.totalMemory) return undefined;
  const used = Number(sources.text(posix.join(folder, usedFile)) ?? 0);
  const dropped = Number(new RegExp(`^${fileKey} (\\d+)$`, "m").exec(sources.text(posix.join(folder, "memory.stat")) ?? "")?.[1] ?? 0);
  return { total, free: Math.max(0, total - Math.max(0, used - dropped)) };
}

/** Linux lists them; Apple's processors all have the same; elsewhere no file tells. */
function instructionSets(sources: SystemSources): readonly string[] {
  if (sources.platform === "darwin" && sources.architecture === "arm64") return ["asimd", "asimddp"];
  if (sources.platform !== "linux") return [];
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(sources.text("/proc/cpuinfo") ?? "")?.[1];
  return line?.trim().split(/\s+/) ?? [];
}

/** Of Apple's shared memory the graphics processor gets about two thirds. */
const APPLE_SHARE = 2 / 3;
const VENDORS: Readonly<Record<string, { readonly kind: "cuda" | "vulkan"; readonly name: string }>> = {
  "0x10de": { kind: "cuda", name: "the NVIDIA graphics processor" },
  "0x1002": { kind: "vulkan", name: "the AMD graphics processor" },
};

/** What can be seen of a graphics processor without asking its driver. Whether it works is for a probe to find out. */
function seenGpu(sources: SystemSources, totalMemory: number): MachineFacts["gpu"] {
  if (sources.platform === "darwin" && sources.architecture === "arm64") return { kind: "metal", name: "the Apple graphics processor", memory: totalMemory * APPLE_SHARE, shared: true };
  if (sources.platform !== "linux") return undefined;
  const cards = sources.names("/sys/class/drm").filter((name) => /^card\d+$/.test(name));
  for (const card of cards) {
    const folder = posix.join("/sys/class/drm", card, "device");
    const vendor = VENDORS[sources.text(posix.join(folder, "vendor"))?.trim() ?? ""];
    if (vendor === undefined) continue;
    const memory = Number(sources.text(posix.join(folder, "mem_info_vram_total")) ?? Number.NaN);
    return { ...vendor, shared: false, ...(memory > 0 ? { memory } : {}) };
  }
  return undefined;
}

/** Asks the nearest folder that exists. */
async function freeDiskAt(folder: string, sources: SystemSources): Promise<number | undefined> {
  for (let at = join(folder); ; at = dirname(at)) {
    const free = await sources.freeBytes(at).catch(() => undefined);
    if (free !== undefined) return free;
    if (dirname(at) === at) return undefined;
  }
}
