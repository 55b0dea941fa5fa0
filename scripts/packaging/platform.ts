import { PlainError } from "../project";

/** One machine kind a VSIX can be made for. */
export interface PackagePlatform {
  /** The marketplace's name for the platform, and the middle of the VSIX's file name. */
  readonly target: string;
  /** The package that holds llama.cpp's binaries for it. */
  readonly binaryPackage: string;
  /** Builds of ggml for one processor generation that ship; null keeps all of them. */
  readonly processorBuilds: readonly string[] | null;
}

/**
 * ggml picks the best of the builds it finds that the processor supports, so leaving some out costs speed on the
 * generations they were for and never correctness: `x64` runs everywhere. Left out are cannonlake, cascadelake and
 * cooperlake (they get skylakex), ivybridge, piledriver and sandybridge (they get sse42).
 */
const x64Builds = ["x64", "sse42", "haswell", "alderlake", "skylakex", "icelake", "sapphirerapids", "zen4"];

const platforms: Readonly<Record<string, PackagePlatform>> = {
  "linux-x64": { target: "linux-x64", binaryPackage: "linux-x64", processorBuilds: x64Builds },
  "linux-arm64": { target: "linux-arm64", binaryPackage: "linux-arm64", processorBuilds: null },
  "linux-arm": { target: "linux-armhf", binaryPackage: "linux-armv7l", processorBuilds: null },
  "darwin-arm64": { target: "darwin-arm64", binaryPackage: "mac-arm64-metal", processorBuilds: null },
  "darwin-x64": { target: "darwin-x64", binaryPackage: "mac-x64", processorBuilds: null },
  "win32-x64": { target: "win32-x64", binaryPackage: "win-x64", processorBuilds: x64Builds },
  "win32-arm64": { target: "win32-arm64", binaryPackage: "win-arm64", processorBuilds: null },
};

/** The platform of this machine; throws a plain error where no prebuilt engine exists for it. */
export function currentPlatform(): PackagePlatform {
  const name = `${process.platform}-${process.arch}`;
  const platform = platforms[name];
  if (!platform) throw new PlainError(`No prebuilt engine exists for ${name}. Known: ${Object.keys(platforms).join(", ")}.`);
  return platform;
}

/** Whether a file of the binary package ships: every one but builds for other processor generations and link libraries. */
export function keepsBinary(platform: PackagePlatform, fileName: string): boolean {
  if (fileName.endsWith(".lib")) return false;
  const build = /ggml-cpu-([^.]+)\./.exec(fileName)?.[1];
  return build === undefined || platform.processorBuilds === null || platform.processorBuilds.includes(build);
}
