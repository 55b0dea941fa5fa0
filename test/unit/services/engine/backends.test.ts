import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { candidateBackends, chooseBackend, describeFindings, type BackendFinding } from "../../../../src/core/engine/backends";
import { neverAborted } from "../../../../src/core/util/abort";
import type { GpuBackend } from "../../../../src/protocol/loadOptions";
import { Backends } from "../../../../src/services/engine/backends";

const works = (backend: GpuBackend): BackendFinding => ({ outcome: "works", report: { probe: 1, backend, devices: ["Pretend GPU"], totalBytes: 8e9, freeBytes: 7e9, shared: false, library: "v0", computed: null } });
const SLOW: BackendFinding = { outcome: "unclear", cause: "slow" };
const FULL: BackendFinding = { outcome: "unclear", cause: "full" };
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

  it("one that was not ready in time is looked for once more in the next session: its caches are warm then", async () => {
    await machine({ vulkan: SLOW }).backends.find(neverAborted);
    const second = machine({ vulkan: works("vulkan") });
    assert.deepEqual([second.backends.chosen("auto"), second.backends.complete], ["cpu", false]);
    await second.backends.find(neverAborted);
    assert.deepEqual([second.backends.chosen("auto"), second.backends.complete, second.probed], ["vulkan", true, ["vulkan"]]);
  });

  it("not ready in time twice: set aside until the driver changes or the person asks again", async () => {
    for (let session = 0; session < 2; session++) await machine({ vulkan: SLOW }).backends.find(neverAborted);
    const third = machine({ vulkan: works("vulkan") });
    await third.backends.find(neverAborted);
    assert.deepEqual([third.probed, third.backends.known().vulkan], [[], { outcome: "setAside", how: "looking for it did not come to an end, twice" }]);
    await third.backends.findAgain(neverAborted);
    assert.equal(third.backends.chosen("auto"), "vulkan");
  });

  it("one whose memory was full is looked for in every session until it is not, whatever came in between", async () => {
    for (const found of [FULL, FULL, SLOW, FULL]) await machine({ vulkan: found }).backends.find(neverAborted);
    assert.deepEqual(machine({}).backends.known().vulkan, SLOW);
    const free = machine({ vulkan: works("vulkan") });
    await free.backends.find(neverAborted);
    assert.deepEqual([free.backends.chosen("auto"), free.probed], ["vulkan", ["vulkan"]]);
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
    assert.deepEqual(describeFindings({ vulkan: SLOW, cuda: FULL }), [
      "CUDA has no free memory at present: it is looked for again at the next start.", "Vulkan was not ready in time, which may happen the first time: it is looked for once more at the next start.",
    ]);
  });
});
