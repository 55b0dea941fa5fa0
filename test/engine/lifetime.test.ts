import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { EngineGoneError } from "../../src/services/engine/engineProcess";
import { EngineUnavailableError } from "../../src/services/engine/engineSupervisor";
import { ended, leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { RealEngine } from "../support/realEngine";
import { stubEntry } from "../support/supervisors";
import { whereThereAre } from "../support/systemParts";

const LONG = { prefix: "const value = index;\n".repeat(170) };

describe("engine: its life and its end", function () {
  this.timeout(60_000);
  leavesNoEngine();
  const models = new ModelFolder();
  const engines: RealEngine[] = [];
  afterEach(() => { for (const engine of engines.splice(0)) engine.dispose(); });
  after(() => { models.dispose(); });

  const started = async (...options: ConstructorParameters<typeof RealEngine>): Promise<RealEngine> => {
    const engine = new RealEngine(...options);
    engines.push(engine);
    await engine.load(models.model({ layers: 4, width: 256 }));
    return engine;
  };

  it("kill -9 in the middle of a prompt: the request rejects at once, the engine comes back with its model", async () => {
    const engine = await started();
    const pending = assert.rejects(engine.complete(LONG, { fresh: true }), EngineGoneError);
    await engine.crash();
    await pending;
    await assert.rejects(engine.complete(), EngineUnavailableError);
    await engine.next("ready");
    const { stop } = await engine.complete();
    assert.notEqual(stop, "cancelled");
  });

  whereThereAre("signals that stop a process", () => {
    it("SIGSTOP: its heartbeat misses, it is ended and started anew; what waited rejects", async () => {
      const engine = await started({ limits: { heartbeatMs: 300 } });
      const pending = assert.rejects(engine.complete(LONG, { fresh: true }), EngineGoneError);
      await engine.crash("SIGSTOP");
      await pending;
      await engine.next("ready");
      await engine.complete();
    });
  });

  it("three crashes: it stops, with words; a wish of the user brings it back", async () => {
    const engine = await started();
    for (let crash = 0; crash < 2; crash++) {
      const again = engine.next("ready");
      await engine.crash();
      await again;
    }
    await engine.crash();
    assert.ok(engine.state.state === "failed" && /crashed three times in five minutes/.test(engine.state.cause));
    await engine.restart();
    await engine.complete();
  });

  it("the host is killed while the engine works: the engine ends", async () => {
    const host = spawn(process.execPath, ["--import", "tsx", path.join(__dirname, "../support/hostProcess.ts"), models.model()], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface(host.stdout), "line") as [string];
    const engineId = Number(line);
    assert.ok(engineId > 0);
    host.kill("SIGKILL");
    await once(host, "exit");
    await ended(engineId);
  });

  it("the host closes the pipe: the engine ends", async () => {
    const child = spawn(process.execPath, [path.join(__dirname, "../../dist/engine.mjs")], { stdio: ["pipe", "ignore", "ignore"] });
    child.stdin.end();
    await once(child, "exit");
  });

  it("stray words on the engine's console do not break the message stream", async () => {
    const engine = await started({ entry: stubEntry("noisy") });
    for (let request = 0; request < 20; request++) await engine.complete({ typed: "x".repeat(request) });
    assert.deepEqual([engine.state.state, engine.waits], ["ready", []]);
  });

  it("disposing of the supervisor ends the process", async () => {
    const engine = await started();
    const { processId } = engine;
    engine.dispose();
    await ended(processId ?? 0);
  });
});
