import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where Linux' Vulkan loader is told of drivers; tests replace all of it. */
export interface ManifestPlaces {
  /** Stands before every path. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** NixOS keeps its drivers beside the standard's folders, and so their libraries. */
const NIX = "/run/opengl-driver";
/** What the loader reads where no variable says otherwise, and where it reads whatever they say. */
const SYSTEM_FOLDERS = ["/etc", "/usr/local/etc", "/usr/local/share", "/usr/share", `${NIX}/share`];
/** Where the system looks for a library that a manifest names without a path. */
const LIBRARY_FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib", `${NIX}/lib`];
const MANIFEST = ".json";
/** Variables that name manifests, or folders of them, in place of the standard ones and beside them. */
const NAMING = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"];
/** A machine has about ten; more are a mistake that must not cost time. */
const MOST_MANIFESTS = 100;

/** Vulkan's driver manifests as absolute paths without the root, where the loader looks for them; each once. */
export function driverManifests(places: ManifestPlaces): string[] {
  const named = NAMING.flatMap((name) => listed(places.environment[name])).flatMap((path) => (path.endsWith(MANIFEST) ? [path] : manifestsIn(path, places.root)));
  const standard = dataFolders(places).flatMap((folder) => manifestsIn(join(folder, "vulkan/icd.d"), places.root));
  return [...new Set([...named, ...standard])].slice(0, MOST_MANIFESTS);
}

/** Where the library of a manifest's driver may be: one path, or where the system looks for a bare name. Empty for a manifest that cannot be read. */
export function driverLibraries(manifest: string, places: ManifestPlaces): string[] {
  const path = libraryPath(join(places.root, manifest));
  if (path === undefined) return [];
  if (path.startsWith("/")) return [path];
  if (path.includes("/")) return [join(dirname(manifest), path)];
  return [...listed(places.environment["LD_LIBRARY_PATH"]), ...LIBRARY_FOLDERS].map((folder) => join(folder, path));
}

/** Folders by the XDG standard and the system's own; a person's come from variables or stand under the home folder. */
function dataFolders({ environment, home }: ManifestPlaces): string[] {
  const own = [environment["XDG_CONFIG_HOME"] ?? join(home, ".config"), environment["XDG_DATA_HOME"] ?? join(home, ".local/share")];
  return [...own, ...listed(environment["XDG_CONFIG_DIRS"] ?? "/etc/xdg"), ...listed(environment["XDG_DATA_DIRS"]), ...SYSTEM_FOLDERS];
}

function listed(value: string | undefined): string[] {
  return (value ?? "").split(":").filter((path) => path.startsWith("/"));
}

function manifestsIn(folder: string, root: string): string[] {
  try {
    return readdirSync(join(root, folder)).filter((name) => name.endsWith(MANIFEST)).sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function libraryPath(file: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    const driver = typeof manifest === "object" && manifest !== null && "ICD" in manifest ? manifest.ICD : undefined;
    return typeof driver === "object" && driver !== null && "library_path" in driver && typeof driver.library_path === "string" ? driver.library_path : undefined;
  } catch {
    return undefined;
  }
}
