import assert from "node:assert/strict";
import { parsePackageOptions } from "../../../scripts/packaging/options";
import { currentPlatform, keepsBinary, packageLabel, platformFor, releasedPlatforms } from "../../../scripts/packaging/platform";
import { lockedPackage, type LockFile } from "../../../scripts/packaging/lockFile";
import { PlainError } from "../../../scripts/project";
import { readProjectFile } from "../../support/sourceTree";

const refusal = (...argv: string[]): string => {
  try {
    parsePackageOptions(argv);
  } catch (error) {
    if (error instanceof PlainError) return error.message;
    throw error;
  }
  return "nothing refused";
};
const made = (...argv: string[]): string[] => parsePackageOptions(argv).platforms.map(packageLabel);

const targets = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"];
const second = ["linux-x64-vulkan", "win32-x64-vulkan"];

describe("scripts/packaging/options", () => {
  it("makes this machine's package from what is installed, where nothing is named", () => {
    assert.deepEqual(parsePackageOptions([]), { platforms: [currentPlatform()], fetched: false });
  });

  for (const target of targets) {
    it(`makes the package for ${target} from what the registry has`, () => {
      assert.deepEqual([made("--target", target), parsePackageOptions(["--target", target]).fetched], [[target], true]);
    });
  }

  it("makes the Vulkan variant of two targets", () => {
    assert.deepEqual(["linux-x64", "win32-x64"].flatMap((target) => made("--target", target, "--variant", "vulkan")), second);
  });

  it("makes all packages of a release", () => {
    assert.deepEqual(made("--all"), [...targets, ...second]);
  });

  it("says what is wrong", () => {
    assert.match(refusal("--target", "plan9-x64"), /"plan9-x64".*linux-x64, linux-arm64.*win32-arm64/);
    assert.match(refusal("--target", "darwin-arm64", "--variant", "vulkan"), /no vulkan variant for "darwin-arm64", only for linux-x64, win32-x64/);
    assert.match(refusal("--target", "linux-x64", "--variant", "cuda"), /no variant "cuda"/);
    assert.match(refusal("--all", "--target", "linux-x64"), /neither/);
    assert.match(refusal("--all", "--variant", "vulkan"), /neither/);
    assert.match(refusal("--traget", "linux-x64"), /usage: /);
    assert.match(refusal("linux-x64"), /usage: /);
    assert.match(refusal("--target"), /usage: /);
  });
});

describe("scripts/packaging/platform", () => {
  const { "node-llama-cpp": pinned } = (JSON.parse(readProjectFile("package.json")) as { dependencies: Record<string, string> }).dependencies;
  const lock = JSON.parse(readProjectFile("package-lock.json")) as LockFile & {
    packages: Record<string, { optionalDependencies?: Record<string, string>; os?: string[]; cpu?: string[] }>;
  };

  it("pins the engine to one version, and the lock file has that one", () => {
    assert.match(pinned ?? "", /^\d+\.\d+\.\d+$/);
    assert.equal(lock.packages["node_modules/node-llama-cpp"]?.version, pinned);
  });

  for (const platform of releasedPlatforms()) {
    for (const name of platform.binaryPackages) {
      it(`${packageLabel(platform)}: ${name} exists for the engine's version, is for that system, and its SHA-512 is known`, () => {
        const full = `@node-llama-cpp/${name}`;
        assert.equal(lockedPackage(lock, full).version, pinned);
        assert.equal(lock.packages["node_modules/node-llama-cpp"]?.optionalDependencies?.[full], pinned);
        const { os, cpu } = lock.packages[`node_modules/${full}`] ?? {};
        assert.deepEqual(os, [platform.system]);
        assert.ok(cpu?.includes(platform.machine));
      });
    }
  }

  it("keeps a build that runs everywhere among those for one processor generation", () => {
    for (const { processorBuilds } of releasedPlatforms()) assert.ok(processorBuilds?.includes("x64") ?? true);
  });

  const kept: readonly (readonly [string, string, boolean])[] = [
    ["linux-x64", "libggml-cpu-zen4.so", true], ["linux-x64", "libggml-cpu-x64.so", true], ["linux-x64", "libggml-cpu-cooperlake.so", false],
    ["linux-x64", "llama-addon.node", true], ["linux-x64", "libggml.v0.4.0.so", true], ["linux-x64", "_nlcBuildMetadata.json", true],
    ["linux-arm64", "libggml-cpu-armv8.2_1.so", true], ["darwin-arm64", "libggml-cpu-apple_m1.so", true], ["darwin-x64", "libggml-cpu-sandybridge.so", false],
    ["win32-x64", "ggml-cpu-haswell.dll", true], ["win32-x64", "ggml-cpu-piledriver.dll", false], ["win32-x64", "llama-addon.lib", false],
    ["win32-arm64", "ggml-cpu.dll", true],
  ];
  for (const [target, file, expected] of kept) {
    it(`${target} ships ${expected ? "" : "no "}${file}`, () => assert.equal(keepsBinary(platformFor(target, null), file), expected));
  }
});
