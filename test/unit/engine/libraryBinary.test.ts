import assert from "node:assert/strict";
import { releasedPlatforms, packageLabel } from "../../../scripts/packaging/platform";
import { libraryBinary } from "../../../src/engine/libraryBinary";

/** The library's names of systems, as its binary packages have them. */
const SYSTEMS = { linux: "linux", darwin: "mac", win32: "win" } as const;

describe("engine/libraryBinary", () => {
  for (const platform of releasedPlatforms()) {
    it(`${packageLabel(platform)}: what computes on the processor is in the package`, () => {
      const { gpu } = libraryBinary("cpu", platform.system, platform.machine);
      const name = `${SYSTEMS[platform.system]}-${platform.machine}${gpu === false ? "" : `-${gpu}`}`;
      assert.ok(platform.binaryPackages.includes(name), `${name} is not among ${platform.binaryPackages.join(", ")}`);
    });
  }

  it("on Apple's processors the processor alone is the Metal build without devices; Metal itself has them, and takes no batch of what is not on it", () => {
    assert.deepEqual(libraryBinary("cpu", "darwin", "arm64"), { gpu: "metal", environment: { GGML_METAL_DEVICES: "0" } });
    assert.deepEqual(libraryBinary("metal", "darwin", "arm64"), { gpu: "metal", environment: { GGML_OP_OFFLOAD_MIN_BATCH: "2147483647" } });
  });

  it("elsewhere nothing is hidden from it", () => {
    assert.deepEqual(libraryBinary("cpu", "linux", "arm64"), { gpu: false, environment: {} });
    assert.deepEqual(libraryBinary("vulkan", "win32", "x64"), { gpu: "vulkan", environment: {} });
  });
});
