import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { EngineUnavailableError } from "../../../../src/services/engine/engineSupervisor";
import { EngineGoneError } from "../../../../src/services/engine/engineProcess";
import { ended, leavesNoEngine } from "../../../support/childProcesses";
import { KILLED_BY_ID } from "../../../support/killed";
import { stubEntry, WatchedSupervisor } from "../../../support/supervisors";
import { whereThereAre } from "../../../support/systemParts";

const MODEL = { path: "model.gguf", contextSize: 512 };
const never = (): AbortSignal => new AbortController().signal;

describe("services/engine/engineSupervisor", () => {
  leavesNoEngine();
  const started: WatchedSupervisor[] = [];
  afterEach(() => { for (const supervisor of started.splice(0)) supervisor.dispose(); });

  const supervise = (stub: string, more: Partial<ConstructorParameters<typeof WatchedSupervisor>[0]> = {}): WatchedSupervisor => {
    const supervisor = new WatchedSupervisor({ entry: stubEntry(stub), ...more });
    started.push(supervisor);
    return supervisor;
  };
  const names = (supervisor: WatchedSupervisor): string[] => supervisor.states.map(({ state }) => state);

  it("starts, loads and is ready", async () => {
    const supervisor = supervise("works");
    await supervisor.use("completion", MODEL);
    assert.deepEqual(names(supervisor), ["starting", "loading", "ready"]);
    assert.equal(supervisor.loaded("completion")?.contextSize, 512);
    assert.deepEqual(await supervisor.request("completion", "complete", { plan: 1 }, never()), { echo: { plan: 1 } });
    assert.equal(await supervisor.residentBytes(), 1);
  });

  it("two roles share one process; unloading one leaves the other", async () => {
    const supervisor = supervise("works");
    await supervisor.use("completion", MODEL);
    const { processId } = supervisor;
    await supervisor.use("chat", MODEL);
    await supervisor.use("completion", undefined);
    assert.deepEqual([supervisor.processId, supervisor.loaded("completion"), supervisor.loaded("chat")?.role], [processId, undefined, "chat"]);
  });

  it("without an engine a call rejects at once", async () => {
    await assert.rejects(supervise("works").request("completion", "complete", {}, never()), EngineUnavailableError);
  });

  it("killed: calls reject at once, it restarts and works again", async () => {
    const supervisor = supervise("neverCompletes");
    await supervisor.use("completion", MODEL);
    const first = supervisor.processId;
    const pending = assert.rejects(supervisor.request("completion", "complete", {}, never()), EngineGoneError);
    await supervisor.crash();
    await pending;
    await assert.rejects(supervisor.request("completion", "complete", {}, never()), EngineUnavailableError);
    await supervisor.next("ready");
    assert.notEqual(supervisor.processId, first);
    assert.deepEqual(supervisor.waits, [500]);
  });

  it("three crashes in five minutes: it stops with words, and a wish of the user starts it again", async () => {
    const supervisor = supervise("works");
    await supervisor.use("completion", MODEL);
    for (let crash = 0; crash < 2; crash++) {
      const again = supervisor.next("ready");
      await supervisor.crash();
      await again;
    }
    await supervisor.crash();
    assert.deepEqual(supervisor.waits, [500, 2_000]);
    assert.deepEqual(supervisor.state, { state: "failed", cause: `the engine crashed three times in five minutes (${KILLED_BY_ID.words})`, hint: "Restart it, or choose another model." });
    await supervisor.restart();
    assert.equal(supervisor.state.state, "ready");
  });

  it("three crashes over a longer time: it goes on", async () => {
    let now = 0;
    const supervisor = supervise("works", { clock: () => now });
    await supervisor.use("completion", MODEL);
    for (let crash = 0; crash < 4; crash++) {
      now += 3 * 60_000;
      const again = supervisor.next("ready");
      await supervisor.crash();
      await again;
    }
    assert.equal(supervisor.state.state, "ready");
  });

  it("a file that kills the engine twice is set aside with words, and stays so until it changes", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "ghostlight-"));
    const file = path.join(folder, "bad.gguf");
    writeFileSync(file, "a");
    const supervisor = supervise("diesLoading");
    const stopped = supervisor.next("stopped");
    await supervisor.use("completion", { ...MODEL, path: file });
    await stopped;
    assert.deepEqual(supervisor.failures.map(({ code, path: failed }) => [code, failed]), [["crashedWhileLoading", file]]);
    assert.deepEqual([supervisor.waits, supervisor.died], [[500, 2_000], ["node", "node"]]);

    await supervisor.use("completion", { ...MODEL, path: file });
    assert.deepEqual([supervisor.failures.length, supervisor.waits.length], [2, 2], "told again, and not tried again");

    writeFileSync(file, "another");
    const tried = supervisor.next("failed");
    await supervisor.use("completion", { ...MODEL, path: file });
    await tried;
    assert.equal(supervisor.died.length, 3, "the changed file was tried");
    rmSync(folder, { recursive: true });
  });

  it("a load that ends with an error is a failure with its words, not a load without end", async () => {
    const supervisor = supervise("errorLoading");
    await supervisor.use("completion", MODEL);
    assert.deepEqual(supervisor.failures.map(({ code }) => code), ["libraryRefused"]);
    assert.match(supervisor.failures[0]?.detail ?? "", /the library did not start/);
    assert.equal(supervisor.state.state, "stopped");
  });

  it("a load that does not end is given up and its process ended", async () => {
    const supervisor = supervise("neverLoads", { limits: { loadMs: 50 } });
    const again = supervisor.next("restarting");
    await supervisor.use("completion", MODEL);
    assert.deepEqual(supervisor.failures.map(({ code }) => code), ["timedOut"]);
    const stopped = supervisor.next("stopped");
    await again;
    await stopped;
  });

  it("another protocol version: failed, with words", async () => {
    const supervisor = supervise("otherVersion");
    await supervisor.use("completion", MODEL);
    assert.ok(supervisor.state.state === "failed" && /protocol 99/.test(supervisor.state.cause));
  });

  it("no runtime to be found: failed, with a hint", async () => {
    const supervisor = supervise("works", { runtime: "/no/such/node" });
    await supervisor.use("completion", MODEL);
    assert.ok(supervisor.state.state === "failed" && /\/no\/such\/node/.test(supervisor.state.cause) && /ghostlight\.engine\.runtime/.test(supervisor.state.hint));
  });

  whereThereAre("signals that stop a process", () => {
    it("a hung engine is ended by its heartbeat and started anew", async () => {
      const supervisor = supervise("works", { limits: { heartbeatMs: 10 } });
      await supervisor.use("completion", MODEL);
      const again = supervisor.next("ready");
      await supervisor.crash("SIGSTOP");
      await again;
    });
  });

  it("prepared ahead: the first use only loads", async () => {
    const supervisor = supervise("works");
    await supervisor.prepare();
    const { processId } = supervisor;
    await supervisor.use("completion", MODEL);
    assert.deepEqual([supervisor.processId, names(supervisor)], [processId, ["starting", "loading", "ready"]]);
  });

  it("run otherwise: the next use starts a new process", async () => {
    const supervisor = supervise("works");
    await supervisor.use("completion", MODEL);
    const { processId } = supervisor;
    supervisor.configure({ runtime: process.execPath, threads: 1 });
    await supervisor.use("completion", MODEL);
    assert.equal(supervisor.processId, processId, "nothing changed");
    supervisor.configure({ runtime: process.execPath, threads: 2 });
    await supervisor.use("completion", MODEL);
    assert.deepEqual([supervisor.processId, supervisor.loaded("completion")?.placement.threads], [processId, 2], "threads need no other process");
    supervisor.configure({ runtime: process.execPath, threads: 2, backend: "vulkan" });
    await supervisor.use("completion", MODEL);
    assert.notEqual(supervisor.processId, processId);
  });

  it("ended while it starts or loads: no process is left, and nobody is blamed", async () => {
    for (const stub of ["works", "neverLoads"]) {
      const supervisor = supervise(stub);
      const using = supervisor.use("completion", MODEL);
      if (stub === "neverLoads") await supervisor.next("loading");
      const { processId } = supervisor;
      supervisor.dispose();
      await using;
      if (processId !== undefined) await ended(processId);
      assert.deepEqual([supervisor.state, supervisor.died, supervisor.failures], [{ state: "stopped" }, [], []]);
    }
  });
});
