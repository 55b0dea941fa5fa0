import { readdirSync, readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";

/** Where a driver leaves its traces, under a root that tests replace. */
export interface DriverPlaces {
  readonly platform: string;
  readonly root: string;
}

/** Files whose text is a version. */
const VERSIONS = ["sys/module/nvidia/version", "sys/module/amdgpu/version"];
/** Folders whose entries are drivers: their names and times change with an update. */
const DRIVER_FOLDERS = ["usr/share/vulkan/icd.d", "etc/vulkan/icd.d"];
/** Libraries that are replaced by an update. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  linux: ["usr/lib/x86_64-linux-gnu/libvulkan.so.1", "usr/lib64/libvulkan.so.1", "usr/lib/libvulkan.so.1", "usr/lib/x86_64-linux-gnu/libcuda.so.1", "usr/lib64/libcuda.so.1", "usr/lib/libcuda.so.1", "usr/lib/wsl/lib/libcuda.so.1"],
  win32: ["Windows/System32/nvcuda.dll", "Windows/System32/vulkan-1.dll", "Windows/System32/nvapi64.dll", "Windows/System32/amdvlk64.dll"],
};

/**
 * What changes when a graphics driver, a device or the library does, read in under a millisecond and without asking the
 * driver. On macOS the driver comes with the system, so its version says it all.
 */
export function driverKey(libraryVersion: string, places: DriverPlaces = { platform: process.platform, root: process.platform === "win32" ? process.env["SystemDrive"] ?? "C:" : "/" }): string {
  const { platform, root } = places;
  const at = (path: string): string => join(root, path);
  const parts = [`node-llama-cpp ${libraryVersion}`, `${platform} ${release()}`];
  if (platform === "linux") parts.push(...VERSIONS.map((path) => textOf(at(path))), ...DRIVER_FOLDERS.flatMap((folder) => entriesOf(at(folder))), ...devicesOf(at("sys/class/drm")));
  parts.push(...(LIBRARIES[platform] ?? []).map((path) => stateOf(at(path))));
  return parts.filter((part) => part !== "").join("; ");
}

function textOf(path: string): string {
  try {
    return `${path} ${readFileSync(path, "utf8").trim().slice(0, 100)}`;
  } catch {
    return "";
  }
}

function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${path} ${String(stat.size)} ${String(stat.mtimeMs)}` : "";
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort().map((name) => stateOf(join(folder, name)));
  } catch {
    return [];
  }
}

/** Cards by the ids of their makers and models. */
function devicesOf(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^card\d+$/.test(name)).sort().map((card) => ["vendor", "device"].map((file) => textOf(join(folder, card, "device", file))).join(" ").trim());
  } catch {
    return [];
  }
}

/** The version of the library beside the engine; empty where it cannot be read. */
export function libraryVersion(extensionFolder: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(extensionFolder, "node_modules", "node-llama-cpp", "package.json"), "utf8"));
    return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "";
  } catch {
    return "";
  }
}
