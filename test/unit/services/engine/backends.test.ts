import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { candidateBackends, chooseBackend, describeFindings, type BackendFinding } from "../../../../src/core/engine/backends";
import { neverAborted } from "../../../../src/core/util/abort";
import type { GpuBackend } from "../../../../src/protocol/loadOptions";
import { Backends } from "../../../../src/services/engine/backends";
import { driverKey, libraryVersion } from "../../../../src/services/engine/driverKey";

const works = (backend: GpuBackend): BackendFinding => ({ outcome: "works", report: { probe: 1, backend, devices: ["Pretend GPU"], totalBytes: 8e9, freeBytes: 7e9, shared: false, library: "v0", computed: null } });
const ABSENT: BackendFinding = { outcome: "absent" };
const CRASHED: BackendFinding = { outcome: "setAside", how: "it crashed when it was looked for (SIGSEGV)" };

describe("services/engine/backends", () => {
  let folder = "";
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), "ghostlight-backends-")); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  /** Back ends of a machine whose probes come out as said; counts them. */
  const machine = (outcomes: Partial<Record<GpuBackend, BackendFinding>>, key = "driver 1"): { backends: Backends; probed: GpuBackend[] } => {
    const probed: GpuBackend[] = [];
    const backends = new Backends({
      storePath: path.join(folder, "backends.json"), candidates: ["cuda", "vulkan"], key: () => key,
      probe: (backend) => { probed.push(backend); return Promise.resolve(outcomes[backend] ?? ABSENT); },
    });
    return { backends, probed };
  };

  it("nothing is known at first and the processor is used; found once, it is remembered in the next session", async () => {
    const first = machine({ vulkan: works("vulkan") });
    assert.deepEqual([first.backends.chosen("auto"), first.backends.complete], ["cpu", false]);
    await first.backends.find(neverAborted);
    assert.deepEqual([first.backends.chosen("auto"), first.backends.complete, first.probed], ["vulkan", true, ["cuda", "vulkan"]]);
    const second = machine({});
    await second.backends.find(neverAborted);
    assert.deepEqual([second.backends.chosen("auto"), second.probed], ["vulkan", []]);
  });

  it("another driver or library: looked for anew, and what was set aside gets its chance", async () => {
    await machine({ cuda: CRASHED }).backends.find(neverAborted);
    const updated = machine({ cuda: works("cuda") }, "driver 2");
    assert.equal(updated.backends.chosen("auto"), "cpu");
    await updated.backends.find(neverAborted);
    assert.deepEqual([updated.backends.chosen("auto"), updated.probed], ["cuda", ["cuda", "vulkan"]]);
  });

  it("one that crashed or hung at work is set aside until the person asks again", async () => {
    const { backends, probed } = machine({ cuda: works("cuda"), vulkan: works("vulkan") });
    await backends.find(neverAborted);
    backends.setAside("cuda", "crashed");
    await backends.find(neverAborted);
    assert.deepEqual([backends.chosen("auto"), backends.chosen("cuda"), probed.length], ["vulkan", "cpu", 2]);
    await backends.findAgain(neverAborted);
    assert.deepEqual([backends.chosen("auto"), probed.length], ["cuda", 4]);
  });

  it("cancelled in the middle: what was found stays, the rest is looked for next time", async () => {
    const stop = new AbortController();
    const storePath = path.join(folder, "backends.json");
    const probe = (backend: GpuBackend, signal: AbortSignal): Promise<BackendFinding> => {
      if (backend === "vulkan") stop.abort();
      return signal.aborted ? Promise.reject(Object.assign(new Error("aborted"), { name: "AbortError" })) : Promise.resolve(works(backend));
    };
    const backends = new Backends({ storePath, candidates: ["cuda", "vulkan"], key: () => "driver 1", probe });
    await assert.rejects(backends.find(stop.signal), { name: "AbortError" });
    assert.deepEqual(Object.keys(backends.known()), ["cuda"]);
    const later = machine({ vulkan: works("vulkan") });
    await later.backends.find(neverAborted);
    assert.deepEqual(later.probed, ["vulkan"]);
  });

  for (const text of ["", "{", "null", '{"key":"driver 1","findings":{"cuda":{"outcome":"works","report":{}}}}', '{"key":"driver 1","findings":{"other":{"outcome":"absent"}}}', '{"key":"driver 1","findings":[]}']) {
    it(`a damaged memory knows nothing: ${text}`, () => {
      writeFileSync(path.join(folder, "backends.json"), text);
      assert.deepEqual(machine({}).backends.known(), {});
    });
  }
});

describe("core/engine/backends", () => {
  it("candidates by platform: only what has a binary", () => {
    assert.deepEqual([candidateBackends("linux", "x64"), candidateBackends("win32", "x64"), candidateBackends("darwin", "arm64")], [["cuda", "vulkan"], ["cuda", "vulkan"], ["metal"]]);
    assert.deepEqual([candidateBackends("darwin", "x64"), candidateBackends("linux", "arm64"), candidateBackends("win32", "arm64"), candidateBackends("aix", "ppc64")], [[], [], [], []]);
  });

  it("a wish is fulfilled only where it works", () => {
    const candidates = candidateBackends("linux", "x64");
    const findings = { cuda: CRASHED, vulkan: works("vulkan") };
    assert.deepEqual(([["auto", "vulkan"], ["off", "cpu"], ["cuda", "cpu"], ["vulkan", "vulkan"], ["metal", "cpu"]] as const).filter(([wish, backend]) => chooseBackend(wish, candidates, findings) !== backend), []);
    assert.equal(chooseBackend("auto", candidates, {}), "cpu");
  });

  it("each finding is a sentence", () => {
    assert.deepEqual(describeFindings({ vulkan: works("vulkan"), cuda: CRASHED, metal: ABSENT }), [
      "Metal is not on this machine.", "CUDA is set aside: it crashed when it was looked for (SIGSEGV).", "Vulkan works: Pretend GPU, 7.0 of 8.0 GB free.",
    ]);
  });
});

describe("services/engine/driverKey", () => {
  let root = "";
  beforeEach(() => { root = mkdtempSync(path.join(tmpdir(), "ghostlight-drivers-")); });
  afterEach(() => { rmSync(root, { recursive: true, force: true }); });
  const put = (file: string, text: string): string => {
    const where = path.join(root, file);
    mkdirSync(path.dirname(where), { recursive: true });
    writeFileSync(where, text);
    return where;
  };

  it("changes with the library, the driver's version, a device, an update of a library and of a manifest; not otherwise", () => {
    const keys: string[] = [];
    const look = (version = "3.21.1"): void => { keys.push(driverKey(version, { platform: "linux", root })); };
    look();
    look("3.22.0");
    put("sys/module/nvidia/version", "580.1\n"); look();
    put("sys/module/nvidia/version", "580.2\n"); look();
    put("sys/class/drm/card0/device/vendor", "0x10de\n"); look();
    put("sys/class/drm/card0/device/device", "0x2684\n"); look();
    const manifest = put("usr/share/vulkan/icd.d/radeon.json", "{}"); look();
    utimesSync(manifest, 1, 1); look();
    put("usr/lib/x86_64-linux-gnu/libvulkan.so.1", "1"); look();
    assert.equal(new Set(keys).size, keys.length);
    const before = keys.at(-1);
    put("sys/class/drm/card0-HDMI-A-1/status", "connected"); look();
    assert.equal(keys.at(-1), before);
  });

  it("other systems: their own files, or the system's version alone", () => {
    const windows = driverKey("3", { platform: "win32", root });
    put("Windows/System32/nvcuda.dll", "x");
    assert.notEqual(driverKey("3", { platform: "win32", root }), windows);
    assert.match(driverKey("3", { platform: "darwin", root }), /^node-llama-cpp 3; darwin \S+$/);
  });

  it("the library's version comes from its manifest", () => {
    assert.match(libraryVersion(path.resolve(__dirname, "../../../..")), /^\d+\.\d+\.\d+$/);
    assert.equal(libraryVersion(root), "");
  });
});
