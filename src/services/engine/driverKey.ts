import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir, release } from "node:os";
import { join } from "node:path";
import { driverLibraries, driverManifests, type ManifestPlaces } from "./driverManifests";

/** Where a driver leaves its traces, and what the environment says of drivers; tests replace all of it. */
export interface DriverPlaces extends ManifestPlaces {
  readonly platform: string;
}

/** This machine and process as they are. */
export function driverPlaces(): DriverPlaces {
  return { platform: process.platform, root: process.platform === "win32" ? process.env["SystemDrive"] ?? "C:" : "/", environment: process.env, home: homedir() };
}

/** Files whose text is a version. */
const VERSIONS = ["sys/module/nvidia/version", "sys/module/amdgpu/version"];
/** Variables by which the loaders and the library choose drivers and devices. */
const CHOOSING = /^(?:VK_|GGML_|CUDA_|NVIDIA_VISIBLE_DEVICES$|MESA_VK_|DRI_PRIME$)/;
/** Libraries that are replaced by an update. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  linux: ["usr/lib/x86_64-linux-gnu/libvulkan.so.1", "usr/lib64/libvulkan.so.1", "usr/lib/libvulkan.so.1", "usr/lib/x86_64-linux-gnu/libcuda.so.1", "usr/lib64/libcuda.so.1", "usr/lib/libcuda.so.1", "usr/lib/wsl/lib/libcuda.so.1"],
  win32: ["Windows/System32/nvcuda.dll", "Windows/System32/vulkan-1.dll", "Windows/System32/nvapi64.dll", "Windows/System32/amdvlk64.dll"],
};

/**
 * What changes when a graphics driver, a device, the library or a variable that chooses among them does, read in a few
 * milliseconds and without asking the driver. On macOS the driver comes with the system, so its version says it all.
 */
export function driverKey(libraryVersion: string, places: DriverPlaces = driverPlaces()): string {
  const { platform, root, environment } = places;
  const at = (path: string): string => join(root, path);
  const parts = [`node-llama-cpp ${libraryVersion}`, `${platform} ${release()}`];
  parts.push(...Object.keys(environment).filter((name) => CHOOSING.test(name)).sort().map((name) => `${name}=${environment[name] ?? ""}`));
  if (platform === "linux") parts.push(...VERSIONS.map((path) => textOf(at(path))), ...manifestStates(places), ...devicesOf(at("sys/class/drm")));
  parts.push(...(LIBRARIES[platform] ?? []).map((path) => stateOf(at(path))));
  return parts.filter((part) => part !== "").join("; ");
}

/** Manifests and the libraries that they name: an update replaces either. */
function manifestStates(places: DriverPlaces): string[] {
  const manifests = driverManifests(places);
  const libraries = new Set(manifests.flatMap((manifest) => driverLibraries(manifest, places)));
  return [...manifests, ...libraries].map((path) => stateOf(join(places.root, path)));
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
