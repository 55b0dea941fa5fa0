import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { BackendFinding } from "../../../../src/core/engine/backends";
import { neverAborted } from "../../../../src/core/util/abort";
import { silentLog, type Log } from "../../../../src/core/util/log";
import { probeBackend, type ProbeOptions } from "../../../../src/services/engine/gpuProbe";
import { ownRuntime } from "../../../../src/services/engine/runtimes";
import { ended } from "../../../support/childProcesses";

const root = path.resolve(__dirname, "../../../..");
const fixtures = path.join(root, "test/fixtures/probe");
const runtime = { ...ownRuntime(), kind: "node" as const };

function probe(name: string, more: Partial<ProbeOptions> = {}, signal: AbortSignal = neverAborted): Promise<BackendFinding> {
  return probeBackend("vulkan", { runtime, entry: path.join(fixtures, `${name}.mjs`), log: silentLog, ...more }, signal);
}

/** How a crash ends a process: by a signal, on Windows with a status. The fixtures end as one does. */
const [FAULT, ABORT] = process.platform === "win32" ? ["crash 0xC0000005", "crash 0xC0000409"] : ["SIGSEGV", "SIGABRT"];

/** Every fake probe, and what it is classified as. */
const ENDS: Readonly<Record<string, RegExp>> = {
  works: /^works Pretend GPU$/, chatty: /^works/, slow: /^works/,
  absent: /^absent$/,
  crashes: new RegExp(`^setAside it crashed when it was looked for \\(${FAULT}\\)$`), crashesAfterReport: new RegExp(`^setAside it crashed .*${ABORT}`),
  fails: /^setAside it failed .*exit code 1/,
  garbage: /could not be read/, halfReport: /could not be read/, otherBackend: /could not be read/, noDevices: /could not be read/, negativeMemory: /could not be read/, silent: /could not be read/,
  fullTold: /^unclear full$/, fullCrash: /^unclear full$/,
  nonsense: /^setAside it computes nonsense$/,
  floods: /^setAside it wrote without end/,
};

const words = (finding: BackendFinding): string => (finding.outcome === "works" ? `works ${finding.report.devices.join()}` : finding.outcome === "setAside" ? `setAside ${finding.how}` : finding.outcome === "unclear" ? `unclear ${finding.cause}` : finding.outcome);

describe("services/engine/gpuProbe", () => {
  for (const [name, expected] of Object.entries(ENDS)) {
    it(`${name}: ${expected.source}`, async () => { assert.match(words(await probe(name)), expected); });
  }

  it("has a word for every fake", () => {
    const names = readdirSync(fixtures).map((file) => path.basename(file, ".mjs"));
    assert.deepEqual(names.filter((name) => !["report", "hangs"].includes(name)).sort(), Object.keys(ENDS).sort());
  });

  it("one that hangs is ended at the limit, with what it had started", async () => {
    const said: string[] = [];
    const log: Log = { ...silentLog, debug: (message) => said.push(message) };
    assert.equal(words(await probe("hangs", { limitMs: 1_500, log })), "unclear slow");
    const grandchild = Number(/grandchild (\d+)/.exec(said.join())?.[1]);
    assert.ok(grandchild > 0, said.join());
    await ended(grandchild);
  });

  it("a runtime that is not there: set aside, with its words", async () => {
    assert.match(words(await probe("works", { runtime: { ...runtime, command: "/no/such/node" } })), /did not start/);
  });

  it("a runtime that no system could start: set aside, with its words", async () => {
    // This one throws at once; on Windows every file that is no program does.
    const command = path.join(fixtures, "works.mjs", "node");
    assert.match(words(await probe("works", { runtime: { ...runtime, command } })), /did not start \(.+\)/);
  });

  it("cancelled: rejects, and nothing runs on", async () => {
    const stop = new AbortController();
    const probing = probe("hangs", {}, stop.signal);
    stop.abort();
    await assert.rejects(probing, { name: "AbortError" });
    await assert.rejects(probe("works", {}, stop.signal), { name: "AbortError" });
  });

  it("the real probe on a machine without a GPU: absent, within the limit", async function () {
    this.timeout(60_000);
    const entry = path.join(root, "dist", "probe.mjs");
    assert.ok(existsSync(entry), `${entry} is missing: npm run build`);
    for (const backend of ["vulkan", "cuda"] as const) {
      const finding = await probeBackend(backend, { runtime, entry, log: silentLog }, neverAborted);
      assert.ok(finding.outcome === "absent" || finding.outcome === "works", words(finding));
    }
  });
});
