import { PlainError } from "../project";

export type PackageSystem = "linux" | "darwin" | "win32";
export type PackageMachine = "x64" | "arm64" | "arm";

/** One VSIX: the machine kind it is made for, and which builds of the engine it holds. */
export interface PackagePlatform {
  /** The marketplace's name for the platform, and the middle of the VSIX's file name. */
  readonly target: string;
  /** A second package for the same target, with a build for graphics cards besides the one for the processor. */
  readonly variant: "vulkan" | null;
  /** As `process.platform` and `process.arch` say it there. */
  readonly system: PackageSystem;
  readonly machine: PackageMachine;
  /** Packages under `@node-llama-cpp/` that hold llama.cpp's binaries for it; the processor's first. */
  readonly binaryPackages: readonly string[];
  /** Builds of ggml for one processor generation that ship; null keeps all of them. */
  readonly processorBuilds: readonly string[] | null;
}

/**
 * ggml picks the best of the builds it finds that the processor supports, so leaving some out costs speed on the
 * generations they were for and never correctness: `x64` runs everywhere. Left out are cannonlake, cascadelake and
 * cooperlake (they get skylakex), ivybridge, piledriver and sandybridge (they get sse42).
 */
const x64Builds = ["x64", "sse42", "haswell", "alderlake", "skylakex", "icelake", "sapphirerapids", "zen4"];

const cpu = { variant: null, processorBuilds: null } as const;

/** What is released: one package for each target, then the second ones. */
const released: readonly PackagePlatform[] = [
  { ...cpu, target: "linux-x64", system: "linux", machine: "x64", binaryPackages: ["linux-x64"], processorBuilds: x64Builds },
  { ...cpu, target: "linux-arm64", system: "linux", machine: "arm64", binaryPackages: ["linux-arm64"] },
  { ...cpu, target: "darwin-x64", system: "darwin", machine: "x64", binaryPackages: ["mac-x64"], processorBuilds: x64Builds },
  { ...cpu, target: "darwin-arm64", system: "darwin", machine: "arm64", binaryPackages: ["mac-arm64-metal"] },
  { ...cpu, target: "win32-x64", system: "win32", machine: "x64", binaryPackages: ["win-x64"], processorBuilds: x64Builds },
  { ...cpu, target: "win32-arm64", system: "win32", machine: "arm64", binaryPackages: ["win-arm64"] },
  // The processor's build goes with it: the library falls back to that package where no Vulkan driver answers.
  { target: "linux-x64", variant: "vulkan", system: "linux", machine: "x64", binaryPackages: ["linux-x64", "linux-x64-vulkan"], processorBuilds: x64Builds },
  { target: "win32-x64", variant: "vulkan", system: "win32", machine: "x64", binaryPackages: ["win-x64", "win-x64-vulkan"], processorBuilds: x64Builds },
];

/** Can be packaged on such a machine, and is not released: nobody has tried it on one. */
const untried: readonly PackagePlatform[] = [
  { ...cpu, target: "linux-armhf", system: "linux", machine: "arm", binaryPackages: ["linux-armv7l"] },
];

/** Every package of a release. */
export function releasedPlatforms(): readonly PackagePlatform[] {
  return released;
}

/** The platform of a target and variant; throws a plain error that names what there is. */
export function platformFor(target: string, variant: string | null): PackagePlatform {
  const platform = [...released, ...untried].find((candidate) => candidate.target === target && candidate.variant === variant);
  if (platform) return platform;
  const known = released.filter((candidate) => variant === null || candidate.variant === variant).map((candidate) => candidate.target);
  if (known.length === 0) throw new PlainError(`There is no variant "${variant}": the only one is "vulkan".`);
  throw new PlainError(`There is no ${variant === null ? "package" : `${variant} variant`} for "${target}", only for ${[...new Set(known)].join(", ")}.`);
}

/** The platform of this machine; throws a plain error where no prebuilt engine exists for it. */
export function currentPlatform(): PackagePlatform {
  const platform = [...released, ...untried].find(isThisMachine);
  if (!platform) throw new PlainError(`No prebuilt engine exists for ${process.platform}-${process.arch}.`);
  return platform;
}

/** Whether what is packaged for the platform can be run here. */
export function isThisMachine(platform: PackagePlatform): boolean {
  return platform.system === process.platform && platform.machine === process.arch;
}

/** `linux-x64`, `linux-x64-vulkan`: tells one package from all others. */
export function packageLabel({ target, variant }: PackagePlatform): string {
  return variant === null ? target : `${target}-${variant}`;
}

/** Whether a file of the binary package ships: every one but builds for other processor generations and link libraries. */
export function keepsBinary(platform: PackagePlatform, fileName: string): boolean {
  if (fileName.endsWith(".lib")) return false;
  const build = /ggml-cpu-([^.]+)\./.exec(fileName)?.[1];
  return build === undefined || platform.processorBuilds === null || platform.processorBuilds.includes(build);
}
