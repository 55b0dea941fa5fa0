import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { silentLog } from "../../../../src/core/util/log";
import { isAbortError } from "../../../../src/core/util/abort";
import { EngineGoneError, EngineProcess, HandshakeError, withLimit, type EngineLimits } from "../../../../src/services/engine/engineProcess";
import { ended, leavesNoEngine, lives } from "../../../support/childProcesses";
import { KILLED_BY_ID } from "../../../support/killed";
import { stubEntry } from "../../../support/supervisors";

function start(stub: string, limits: Partial<EngineLimits> = {}, command = process.execPath): Promise<EngineProcess> {
  return EngineProcess.start({ runtime: { kind: "node", command, environment: {} }, entry: stubEntry(stub), threads: 1, log: silentLog, limits });
}

/** Runs a test with a process and ends it afterwards. */
async function withProcess(stub: string, use: (engine: EngineProcess) => Promise<void>, limits: Partial<EngineLimits> = {}): Promise<void> {
  const engine = await start(stub, limits);
  try {
    await use(engine);
  } finally {
    engine.kill();
    await engine.exited;
  }
}

describe("services/engine/engineProcess", () => {
  leavesNoEngine();

  it("shakes hands and calls", () => withProcess("works", async (engine) => {
    assert.deepEqual(await engine.request("complete", { plan: "ä😀" }), { echo: { plan: "ä😀" } });
  }));

  it("another protocol version is refused with words, and its process ended", async () => {
    await assert.rejects(start("otherVersion"), (error) => error instanceof HandshakeError && /protocol 99, this extension \d+: reinstall/.test(error.message));
  });

  it("a process that says nothing is given up", async () => {
    await assert.rejects(start("silent", { helloMs: 50 }), /did not say hello in time/);
  });

  it("one that dies in the middle of a message leaves no timer behind: the host could not end", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
    // Mocha sets its own timer once the test has begun to wait.
    await new Promise(setImmediate);
    const before = timers();
    await withProcess("halfMessage", async (engine) => { await assert.rejects(engine.request("complete", {}), EngineGoneError); });
    assert.equal(timers(), before);
  });

  it("one that ends at once is told with its code", async () => {
    await assert.rejects(start("diesAtStart"), (error) => error instanceof EngineGoneError && error.exit.code === 3);
  });

  it("a command that does not exist is told with its name", async () => {
    await assert.rejects(start("works", {}, "/no/such/node"), (error) => error instanceof EngineGoneError && error.message.includes("/no/such/node"));
  });

  it("killed: what is under way rejects at once, and so does everything after it", () => withProcess("neverCompletes", async (engine) => {
    const pending = [1, 2, 3].map(() => assert.rejects(engine.request("complete", {}), (error) => error instanceof EngineGoneError && error.exit.code === KILLED_BY_ID.code && error.exit.signal === KILLED_BY_ID.signal));
    await engine.request("memory", {});
    process.kill(engine.processId ?? 0, "SIGKILL");
    await Promise.all(pending);
    await assert.rejects(engine.request("memory", {}), EngineGoneError);
  }));

  it("calls between the kill and its notice reject too, and nothing is rejected unheard", () => withProcess("works", async (engine) => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => { unheard.push(reason); };
    process.on("unhandledRejection", hear);
    process.kill(engine.processId ?? 0, "SIGKILL");
    const big = "x".repeat(1 << 20);
    await Promise.all(Array.from({ length: 20 }, () => assert.rejects(engine.request("complete", { big }), EngineGoneError)));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", hear);
    assert.deepEqual(unheard, []);
  }));

  it("a signal that has fired already calls nobody", () => withProcess("works", async (engine) => {
    await assert.rejects(engine.request("complete", {}, AbortSignal.abort()), isAbortError);
  }));

  for (const [how, end] of [["killed", (engine: EngineProcess) => { engine.kill(); }], ["crashed", (engine: EngineProcess) => { engine.request("load", {}).catch(() => undefined); }]] as const) {
    it(`${how}: what it had started ends with it`, () => withProcess("startsAnother", async (engine) => {
      const started = await engine.request<number>("complete", {});
      assert.ok(lives(started));
      end(engine);
      await engine.exited;
      await ended(started);
    }));
  }

  it("no answer to heartbeats: the process is killed, and what waits rejects", () => withProcess("deaf", async (engine) => {
    await assert.rejects(engine.request("complete", {}), EngineGoneError);
    assert.equal((await engine.exited).signal, "SIGKILL");
  }, { heartbeatMs: 5 }));

  it("a host that stood still itself while a heartbeat was under way does not kill its engine", () => withProcess("slowBeats", async (engine) => {
    await engine.request("complete", {});
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
    await engine.request("memory", {});
    assert.ok(lives(engine.processId ?? 0));
  }, { heartbeatMs: 75 }));

  it("answers are not kept once they were given", () => withProcess("works", async (engine) => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const answers: WeakRef<object>[] = [];
    for (let call = 0; call < 20; call++) answers.push(new WeakRef(await engine.request<object>("complete", { call })));
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    assert.ok(answers.filter((answer) => answer.deref() !== undefined).length <= 1);
  }));

  describe("withLimit", () => {
    it("passes an answer on and leaves no timer", async () => { assert.equal(await withLimit(Promise.resolve(1), 1_000_000, "late"), 1); });
    it("rejects when it takes too long", async () => { await assert.rejects(withLimit(new Promise(() => undefined), 5, "late"), /^Error: late$/); });
  });
});
