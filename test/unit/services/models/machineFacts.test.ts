import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import path from "node:path";
import { readMachineFacts, type SystemSources } from "../../../../src/services/models/machineFacts";

const GB = 1e9;
/** A system that has these files and nothing else. */
function system(files: Readonly<Record<string, string>> = {}, more: Partial<SystemSources> = {}): SystemSources {
  return {
    platform: "linux", architecture: "x64", totalMemory: 32 * GB, freeMemory: 20 * GB, physicalCores: 8,
    text: (file) => files[file],
    names: (folder) => [...new Set(Object.keys(files).filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1).split("/")[0] ?? ""))],
    freeBytes: () => Promise.resolve(100 * GB),
    ...more,
  };
}
const memoryOf = async (sources: SystemSources): Promise<number[]> => {
  const { totalMemory, freeMemory } = await readMachineFacts("/models", {}, sources);
  return [totalMemory / GB, freeMemory / GB];
};
const V2 = { "/proc/self/cgroup": "0::/user/one\n" };

describe("services/models/machineFacts", () => {
  describe("memory of a container", () => {
    it("no limit: the machine's own", async () => {
      assert.deepEqual(await memoryOf(system()), [32, 20]);
      assert.deepEqual(await memoryOf(system({ ...V2, "/sys/fs/cgroup/user/one/memory.max": "max\n" })), [32, 20]);
    });
    it("its limit, without what can be dropped of files", async () => {
      const files = { ...V2, "/sys/fs/cgroup/user/one/memory.max": "8000000000\n", "/sys/fs/cgroup/user/one/memory.current": "5000000000\n", "/sys/fs/cgroup/user/one/memory.stat": "anon 1\ninactive_file 3000000000\n" };
      assert.deepEqual(await memoryOf(system(files)), [8, 6]);
    });
    it("a limit of a group above it", async () => {
      assert.deepEqual(await memoryOf(system({ ...V2, "/sys/fs/cgroup/user/one/memory.max": "max", "/sys/fs/cgroup/user/memory.max": "4000000000", "/sys/fs/cgroup/user/memory.current": "1000000000" })), [4, 3]);
    });
    it("inside, where the path is that of the outside", async () => {
      assert.deepEqual(await memoryOf(system({ ...V2, "/sys/fs/cgroup/memory.max": "4000000000", "/sys/fs/cgroup/memory.current": "0" })), [4, 4]);
    });
    it("of the first version", async () => {
      const folder = "/sys/fs/cgroup/memory/docker/a";
      const files = { "/proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/a\n", [`${folder}/memory.limit_in_bytes`]: "2000000000", [`${folder}/memory.usage_in_bytes`]: "500000000" };
      assert.deepEqual(await memoryOf(system(files)), [2, 1.5]);
      assert.deepEqual(await memoryOf(system({ ...files, [`${folder}/memory.limit_in_bytes`]: "9223372036854771712" })), [32, 20]);
    });
    it("files with nonsense are no limit", async () => {
      for (const nonsense of ["", "abc", "-1", "0"]) assert.deepEqual(await memoryOf(system({ ...V2, "/sys/fs/cgroup/user/one/memory.max": nonsense })), [32, 20]);
    });
    it("no other system is asked for it", async () => {
      assert.deepEqual(await memoryOf(system({ ...V2, "/sys/fs/cgroup/memory.max": "4000000000" }, { platform: "win32" })), [32, 20]);
    });
  });

  it("macOS can give back half of its memory", async () => { assert.deepEqual(await memoryOf(system({}, { platform: "darwin", freeMemory: GB })), [32, 16]); });

  it("instruction sets, where the system tells", async () => {
    const sets = async (sources: SystemSources) => (await readMachineFacts("/", {}, sources)).instructionSets;
    assert.deepEqual(await sets(system({ "/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu avx2 avx512f\n" })), ["fpu", "avx2", "avx512f"]);
    assert.deepEqual(await sets(system({ "/proc/cpuinfo": "Features\t: fp asimd asimddp\n" })), ["fp", "asimd", "asimddp"]);
    assert.deepEqual(await sets(system()), []);
    assert.deepEqual(await sets(system({}, { platform: "win32" })), []);
    assert.ok((await sets(system({}, { platform: "darwin", architecture: "arm64" }))).includes("asimddp"));
  });

  describe("the graphics processor", () => {
    const gpu = async (sources: SystemSources, measured = {}) => (await readMachineFacts("/", measured, sources)).gpu;
    it("of Apple shares the memory", async () => {
      const found = await gpu(system({}, { platform: "darwin", architecture: "arm64" }));
      assert.deepEqual([found?.kind, found?.shared, Math.round((found?.memory ?? 0) / GB)], ["metal", true, 21]);
      assert.equal(await gpu(system({}, { platform: "darwin", architecture: "x64" })), undefined);
    });
    it("of AMD and NVIDIA, seen in /sys", async () => {
      const amd = await gpu(system({ "/sys/class/drm/card0/device/vendor": "0x1002\n", "/sys/class/drm/card0/device/mem_info_vram_total": "8000000000\n" }));
      assert.deepEqual([amd?.kind, amd?.memory], ["vulkan", 8 * GB]);
      const nvidia = await gpu(system({ "/sys/class/drm/card0/device/vendor": "0x8086\n", "/sys/class/drm/card0-HDMI-A-1/status": "", "/sys/class/drm/card1/device/vendor": "0x10de\n" }));
      assert.deepEqual([nvidia?.kind, nvidia?.memory], ["cuda", undefined]);
      assert.equal(await gpu(system({ "/sys/class/drm/card0/device/vendor": "0x8086\n" })), undefined);
    });
    it("as a probe has found it wins", async () => {
      const probed = { kind: "cuda", name: "a card", memory: 12 * GB, shared: false } as const;
      assert.deepEqual(await gpu(system({ "/sys/class/drm/card0/device/vendor": "0x10de\n" }), { gpu: probed }), probed);
    });
  });

  it("asks the nearest folder that exists for free room", async () => {
    const asked: string[] = [];
    const freeBytes = (folder: string): Promise<number> => {
      asked.push(folder);
      return folder === path.normalize("/data") ? Promise.resolve(7) : Promise.reject(new Error("none"));
    };
    assert.equal((await readMachineFacts("/data/ghostlight/models", {}, system({}, { freeBytes }))).freeDisk, 7);
    assert.equal(asked.length, 3);
    assert.equal((await readMachineFacts("/elsewhere", {}, system({}, { freeBytes }))).freeDisk, undefined);
  });

  it("reads this machine", async () => {
    const facts = await readMachineFacts(path.join(tmpdir(), "not", "there"), { readingSpeed: 1, multiplyingSpeed: 2 });
    assert.ok(facts.totalMemory > 0 && facts.freeMemory > 0 && facts.freeMemory <= facts.totalMemory);
    assert.ok(facts.physicalCores >= 1 && (facts.freeDisk ?? 0) > 0);
    assert.deepEqual([facts.readingSpeed, facts.multiplyingSpeed], [1, 2]);
  });
});
