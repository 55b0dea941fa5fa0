import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { complete, freshMemory, type CompletionMemory, type CompletionPorts, type Engines } from "../../src/core/completion/complete";
import type { FollowUp, Outcome } from "../../src/core/completion/outcome";
import type { RecallCandidate } from "../../src/core/recall/suggestion";
import { neverAborted } from "../../src/core/util/abort";
import { createCompletionEngine } from "../../src/services/engine/completionEngine";
import { readTogether } from "../../src/services/models/togetherFile";
import { leavesNoEngine } from "../support/childProcesses";
import { RealEngine } from "../support/realEngine";
import { snapshotAt } from "../support/snapshotNotation";

const STARTER = "models/starter/ghostlight-starter.gguf";
const BEFORE = "export function sum(values: number[]): number {\n  let total = 0;\n  for (let i = 0; i < ";
const AFTER = "\n    total += values[i];\n  }\n  return total;\n}\n";

describe("engine: recall and the real model together", function () {
  this.timeout(60_000);
  const engine = new RealEngine();
  before(async () => {
    assert.ok(existsSync(STARTER), `${STARTER} is missing`);
    await engine.load(STARTER);
  });
  after(() => { engine.dispose(); });
  leavesNoEngine();

  /** Recall that proposes the same line wherever it still fits. */
  const LINE = "values.length; i++) {";
  function portsWith(probability: number, followUps: FollowUp[] = []): CompletionPorts {
    const suggest = async (typed: string): Promise<{ candidates: RecallCandidate[] }> => {
      const done = typed.slice(BEFORE.length);
      return { candidates: LINE.startsWith(done) ? [{ text: LINE.slice(done.length), probability, following: [] }] : [] };
    };
    return {
      recall: { suggest: (snapshot) => suggest(snapshot.before) },
      engine: createCompletionEngine(engine),
      together: readTogether(".").weights,
      heads: { head: () => [] },
      exclusions: { excludedBecause: async () => undefined },
      wait: async () => undefined,
      clock: () => performance.now(),
      onFollowUp: (followUp) => { followUps.push(followUp); },
    };
  }
  const ask = (typed: string, memory: CompletionMemory, ports: CompletionPorts, engines: Engines = "both", threshold = 0.5): Promise<Outcome> =>
    complete(snapshotAt(`${BEFORE}${typed}|${AFTER}`), { explicit: false, threshold, engines }, memory, ports, neverAborted);

  it("recall answers, the model's verdict follows with what it cost, and typing along asks nobody", async () => {
    const followUps: FollowUp[] = [];
    const memory = freshMemory();
    const ports = portsWith(0.8, followUps);
    const shown = await ask("", memory, ports);
    assert.ok(shown.outcome === "shown" && shown.voice === "recall" && shown.text === LINE && shown.counts.evaluatedTokens === 0);
    await memory.followUp?.ended;
    const [followUp] = followUps;
    assert.ok(followUp && followUp.followUp !== "cancelled" && followUp.followUp !== "failed", JSON.stringify(followUp));
    assert.ok(followUp.shown.counts.promptTokens > 20 && followUp.shown.counts.evaluatedTokens > 0);
    for (let length = 1; length < 8; length++) {
      const held = await ask(LINE.slice(0, length), memory, ports);
      assert.ok(held.outcome === "shown" && held.held && held.counts.evaluatedTokens === 0 && held.text === LINE.slice(length));
    }
  });

  it("with both voices a key costs the prompt what it costs with the model alone", async () => {
    const costs = async (engines: Engines): Promise<number[]> => {
      const memory = freshMemory();
      // Recall is never sure here, so each key waits for the model.
      const ports = portsWith(0.2);
      const evaluated: number[] = [];
      for (let length = 0; length < 12; length++) {
        memory.stage = freshMemory().stage;
        evaluated.push((await ask(LINE.slice(0, length), memory, ports, engines, 0.99)).counts.evaluatedTokens);
      }
      return evaluated.slice(1);
    };
    await costs("model");
    assert.deepEqual(await costs("both"), await costs("model"));
  });

  it("an engine that is gone costs recall nothing", async () => {
    const followUps: FollowUp[] = [];
    const memory = freshMemory();
    await engine.use("completion", undefined);
    const shown = await ask("", memory, portsWith(0.8, followUps));
    assert.ok(shown.outcome === "shown" && shown.voice === "recall");
    await memory.followUp?.ended;
    assert.deepEqual(followUps, []);
  });
});
