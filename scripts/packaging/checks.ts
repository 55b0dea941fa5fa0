import { megabytes } from "../project";
import { readMachineCode } from "./machineCode";
import type { PackagePlatform } from "./platform";
import type { ZipEntry } from "./zipFile";

/** A VSIX as it lies on disk. */
export interface MadeVsix {
  readonly entries: readonly ZipEntry[];
  /** Size of the file. */
  readonly bytes: number;
}

/** What the extension cannot do without, on any platform. */
const required = [
  "package.json",
  "readme.md",
  "LICENSE.txt",
  "changelog.md",
  "THIRD-PARTY-NOTICES.md",
  "dist/extension.js",
  "dist/engine.mjs",
  "dist/probe.mjs",
  "dist/indexWorker.js",
  "dist/recallWorker.js",
  "dist/modelsWorker.js",
  "dist/cli.js",
  "dist/chat.js",
  "dist/grammars/web-tree-sitter.wasm",
  "dist/node_modules/node-llama-cpp/dist/index.js",
  "models/catalog.json",
  "models/recall/weights.json",
  "models/recall/together.json",
  "models/starter/manifest.json",
  "models/starter/CARD.md",
  "models/starter/TRAINING-DATA.md",
];

/** What only builds, tests or training need, and what a package manager would leave behind. */
const unwanted = /\.(map|ts|tsbuildinfo|lib|bundle|tgz|vsix|log|orig)$|(^|\/)(\.[^/]+|train|test|fit|xpack|CMakeLists\.txt)(\/|$)/;

const weights = /^models\/starter\/.*\.gguf$/;
const binaries = "dist/node_modules/@node-llama-cpp/";

/** The largest VSIX, and the largest one with the starter's weights left out, in bytes. */
const limits = { cpu: 60e6, cpuWithoutWeights: 30e6, vulkan: 90e6 };

/**
 * Why a VSIX must not be given to anybody, one sentence each; empty for a sound one. `places` are paths of this
 * machine that must stand in no bundle. On a foreign platform this is all that can be known: nothing of it runs here.
 */
export function packageFaults(vsix: MadeVsix, platform: PackagePlatform, places: readonly string[]): string[] {
  const files = new Map(vsix.entries.filter(({ name }) => name.startsWith("extension/")).map((entry) => [entry.name.slice("extension/".length), entry]));
  return [
    ...targetFaults(vsix, platform),
    ...contentFaults([...files.keys()], platform),
    ...[...files].flatMap(([name, entry]) => machineFaults(name, entry, platform)),
    ...[...files].flatMap(([name, entry]) => placeFaults(name, entry, places)),
    ...sizeFaults(vsix, platform),
  ];
}

/** Files that a package must hold, below its folder `extension/`; the starter's weights, whose name may change, come on top. */
export function requiredFiles({ binaryPackages }: PackagePlatform): string[] {
  return [...required, ...binaryPackages.map((name) => `${binaries}${name}/bins/${name}/llama-addon.node`)];
}

function targetFaults({ entries }: MadeVsix, { target }: PackagePlatform): string[] {
  const manifest = entries.find(({ name }) => name === "extension.vsixmanifest")?.read().toString("utf8") ?? "";
  const named = /<Identity [^>]*TargetPlatform="([^"]*)"/.exec(manifest)?.[1] ?? "every platform";
  return named === target ? [] : [`Its manifest says that it is for ${named}, not ${target}.`];
}

function contentFaults(names: readonly string[], platform: PackagePlatform): string[] {
  const missing = requiredFiles(platform).filter((name) => !names.includes(name));
  if (!names.some((name) => weights.test(name))) missing.push("models/starter/*.gguf");
  const held = new Set(names.filter((name) => name.startsWith(binaries)).map((name) => name.slice(binaries.length).split("/")[0] ?? ""));
  return [
    ...missing.map((name) => `It lacks ${name}.`),
    ...names.filter((name) => unwanted.test(name)).map((name) => `It holds ${name}, which no user needs.`),
    ...[...held].filter((name) => !platform.binaryPackages.includes(name)).map((name) => `It holds the engine's binaries for ${name}.`),
  ];
}

function machineFaults(name: string, entry: ZipEntry, { system, machine }: PackagePlatform): string[] {
  const code = readMachineCode(entry.read());
  if (code === null) return /\.(node|so|dll|dylib|exe)(\.|$)/.test(name) ? [`${name} is no program code of any platform.`] : [];
  if (code.system !== system) return [`${name} is for ${code.system}, not ${system}.`];
  return code.machines.includes(machine) ? [] : [`${name} is for ${code.machines.join(" and ")} processors, not ${machine}.`];
}

/** A path of the building machine tells of it, and makes the same commit give another file elsewhere. */
function placeFaults(name: string, entry: ZipEntry, places: readonly string[]): string[] {
  if (!/^(dist\/[^/]+|package\.json)$/.test(name)) return [];
  const content = entry.read();
  return places.filter((place) => content.includes(place)).map((place) => `${name} names ${place}.`);
}

function sizeFaults({ entries, bytes }: MadeVsix, { variant }: PackagePlatform): string[] {
  const starter = entries.filter(({ name }) => weights.test(name.replace("extension/", ""))).reduce((sum, { compressedSize }) => sum + compressedSize, 0);
  const over = (what: string, size: number, limit: number): string[] => (size > limit ? [`It has ${megabytes(size)}${what}, more than ${megabytes(limit)}.`] : []);
  if (variant !== null) return over("", bytes, limits[variant]);
  return [...over("", bytes, limits.cpu), ...over(" without the starter's weights", bytes - starter, limits.cpuWithoutWeights)];
}
