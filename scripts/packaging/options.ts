import { parseArgs } from "node:util";
import { PlainError } from "../project";
import { currentPlatform, platformFor, releasedPlatforms, type PackagePlatform } from "./platform";

export interface PackageOptions {
  /** The packages to make, in order. */
  readonly platforms: readonly PackagePlatform[];
  /**
   * Whether the engine's binaries come from the registry even where they are installed. So for every target that is
   * named; only the bare command takes what is installed, and then needs no network.
   */
  readonly fetched: boolean;
}

export const PACKAGE_USAGE = `usage: npm run package                                       for this machine, from what is installed
       npm run package -- --target TARGET [--variant vulkan]
       npm run package -- --all                              every package of a release`;

/** Reads the command line; throws `PlainError` with one line that says what is wrong. */
export function parsePackageOptions(argv: readonly string[]): PackageOptions {
  const { target, variant, all } = parsed(argv);
  if (all && (target !== undefined || variant !== undefined)) throw new PlainError("--all makes every package: it goes with neither --target nor --variant.");
  if (all) return { platforms: releasedPlatforms(), fetched: true };
  if (target === undefined && variant === undefined) return { platforms: [currentPlatform()], fetched: false };
  return { platforms: [platformFor(target ?? currentPlatform().target, variant ?? null)], fetched: true };
}

function parsed(argv: readonly string[]): { target?: string | undefined; variant?: string | undefined; all: boolean } {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { target: { type: "string" }, variant: { type: "string" }, all: { type: "boolean", default: false } },
    });
    return { target: values.target, variant: values.variant, all: values.all };
  } catch (error) {
    throw new PlainError(`${error instanceof Error ? error.message : String(error)}\n${PACKAGE_USAGE}`);
  }
}
