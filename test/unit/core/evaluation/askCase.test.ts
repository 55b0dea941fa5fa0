import assert from "node:assert/strict";
import { complete, freshMemory, type CompletionEngine, type CompletionPorts } from "../../../../src/core/completion/complete";
import { askCase, snapshotOf } from "../../../../src/core/evaluation/askCase";
import { resultAtThreshold } from "../../../../src/core/evaluation/thresholdResult";
import { neverAborted } from "../../../../src/core/util/abort";
import type { CompleteResult } from "../../../../src/protocol/engine";
import { completeResultOf, generationOf, tokensOf } from "../../../support/engineResults";
import { replayCaseOf } from "../../../support/judgedCases";

const PRESETS = [{ name: "calm", threshold: 0.7 }, { name: "eager", threshold: 0.3 }];
const snapshot = snapshotOf(replayCaseOf(), "typescript");

interface Asked {
  readonly ports: CompletionPorts;
  readonly thresholds: number[];
}

/** Ports with an engine that answers as the real one does: with the tokens up to the threshold it is asked with. */
function portsOf(result: CompleteResult | Error, changes: Partial<CompletionPorts> = {}): Asked {
  const thresholds: number[] = [];
  let now = 0;
  const engine: CompletionEngine = {
    contextSize: () => 1_024,
    family: () => "qwen",
    complete: (_plan, limits) => {
      thresholds.push(limits.threshold);
      now += 40;
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(resultAtThreshold(result, limits.threshold));
    },
  };
  const ports: CompletionPorts = { engine, heads: { head: () => [] }, exclusions: { excludedBecause: () => Promise.resolve(undefined) }, wait: () => Promise.reject(new Error("nobody waits")), clock: () => now, ...changes };
  return { ports, thresholds };
}

describe("core/evaluation/askCase", () => {
  const unsureEnd = completeResultOf(generationOf(tokensOf("compute", 0.8, "(", 0.9, ")", 0.6, ";", 0.5)));

  it("asks the engine once, with the gate off", async () => {
    const { ports, thresholds } = portsOf(unsureEnd);
    await askCase(snapshot, PRESETS, "model", ports, neverAborted);
    assert.deepEqual(thresholds, [0]);
  });

  it("tells what each preset shows, which may be less than the whole line", async () => {
    const answer = await askCase(snapshot, PRESETS, "model", portsOf(unsureEnd).ports, neverAborted);
    assert.deepEqual([answer.ungated?.text, answer.gated.eager?.text, answer.gated.calm?.text], ["compute();", "compute()", "compute("]);
    assert.equal(answer.reason, "");
  });

  it("gives what the pipeline gives when it is asked at the preset", async () => {
    const answer = await askCase(snapshot, PRESETS, "model", portsOf(unsureEnd).ports, neverAborted);
    for (const { name, threshold } of PRESETS) {
      const direct = await complete(snapshot, { explicit: true, threshold, engines: "model" }, freshMemory(), portsOf(unsureEnd).ports, neverAborted);
      assert.ok(direct.outcome === "shown");
      assert.deepEqual(answer.gated[name], { text: direct.text, confidence: direct.confidence });
    }
  });

  it("a preset that shows nothing says so; the reason is that of the open gate", async () => {
    const unsure = await askCase(snapshot, PRESETS, "model", portsOf(completeResultOf(generationOf(tokensOf("compute", 0.4)))).ports, neverAborted);
    assert.deepEqual([unsure.ungated?.text, unsure.gated.calm, unsure.gated.eager?.text], ["compute", null, "compute"]);
    const silent = await askCase(snapshot, PRESETS, "model", portsOf(completeResultOf(generationOf([]))).ports, neverAborted);
    assert.deepEqual([silent.ungated, silent.gated, silent.reason], [null, { calm: null, eager: null }, "nothingGenerated"]);
  });

  it("an excluded file and a broken engine are told apart", async () => {
    const excluded = await askCase(snapshot, PRESETS, "model", portsOf(unsureEnd, { exclusions: { excludedBecause: () => Promise.resolve("ignore file") } }).ports, neverAborted);
    assert.equal(excluded.reason, "excluded: ignore file");
    const broken = await askCase(snapshot, PRESETS, "model", portsOf(new Error("engine gone")).ports, neverAborted);
    assert.equal(broken.reason, "failed: engine gone");
  });

  it("measures the request with the gate off alone", async () => {
    const answer = await askCase(snapshot, PRESETS, "model", portsOf(unsureEnd).ports, neverAborted);
    assert.deepEqual([answer.milliseconds, answer.firstTokenMs], [40, 5]);
  });

  it("a stop is no answer", async () => {
    await assert.rejects(askCase(snapshot, PRESETS, "model", portsOf(unsureEnd).ports, AbortSignal.abort()), { name: "AbortError" });
  });

  it("the snapshot stands at the cut, with the text that an editor would read", () => {
    const long = snapshotOf(replayCaseOf({ before: `${"x\n".repeat(20_000)}value = `, after: `\n${"y".repeat(10_000)}` }), "typescript");
    assert.deepEqual([long.line, long.offset, long.before.length, long.after.length, long.before.endsWith("value = ")], [20_000, 40_008, 24_576, 8_192, true]);
  });
});
