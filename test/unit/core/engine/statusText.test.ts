import assert from "node:assert/strict";
import { describeModelFailure, type EngineState, type ModelFailure } from "../../../../src/core/engine/engineState";
import { statusText, type StatusFacts } from "../../../../src/core/engine/statusText";

const PLACEMENT = { backend: "cpu", gpuLayers: 0, layers: 25, threads: 3, batchSize: 64, cacheType: "f16", memoryMapped: true, adapters: 0, shared: false } as const;
const READY: EngineState = { state: "ready", models: [{ role: "completion", path: "/m.gguf", family: "qwen", name: "M", contextSize: 2048, usesHead: true, vocabularySize: 9, sizeBytes: 1, loadMs: 1, placement: PLACEMENT, notes: [] }] };
const textOf = (facts: Partial<StatusFacts>): string => statusText({ engine: READY, completionOff: false, recallAlone: false, thinking: false, problems: [], ...facts }).text;

describe("core/engine/statusText", () => {
  it("says each state in one word", () => {
    assert.equal(textOf({}), "Ghostlight: ready");
    assert.equal(textOf({ thinking: true }), "Ghostlight: thinking");
    assert.equal(textOf({ completionOff: true }), "Ghostlight: off");
    assert.equal(textOf({ problems: ["a.gguf is damaged"] }), "Ghostlight: check settings");
    assert.equal(textOf({ engine: { state: "starting" } }), "Ghostlight: loading");
    assert.equal(textOf({ engine: { state: "loading", role: "chat" } }), "Ghostlight: loading");
    assert.equal(textOf({ engine: { state: "stopped" } }), "Ghostlight: no model");
  });

  it("the most pressing state wins", () => {
    const failed: EngineState = { state: "failed", cause: "it crashed three times", hint: "Restart it." };
    const status = statusText({ engine: failed, completionOff: true, recallAlone: false, thinking: true, problems: ["x"] });
    assert.deepEqual([status.text, status.severity, status.detail], ["Ghostlight: failed", "error", "it crashed three times. Restart it."]);
    assert.equal(textOf({ engine: { state: "restarting", delayMs: 500, cause: "SIGKILL" }, problems: ["x"] }), "Ghostlight: restarting");
  });

  it("where the person's own code speaks alone, no model is missing", () => {
    assert.deepEqual([textOf({ recallAlone: true, engine: { state: "stopped" } }), textOf({ recallAlone: true, engine: { state: "ready", models: [] } })], ["Ghostlight: ready", "Ghostlight: ready"]);
    assert.equal(statusText({ engine: { state: "stopped" }, completionOff: false, recallAlone: true, thinking: false, problems: [] }).detail, "Ghost text comes from your own code.");
    assert.equal(textOf({ recallAlone: true, engine: { state: "stopped" }, problems: ["x"] }), "Ghostlight: check settings");
  });

  it("ready names the model and its context", () => {
    assert.match(statusText({ engine: READY, completionOff: false, recallAlone: false, thinking: false, problems: [] }).detail, /M, 2048 tokens/);
  });

  it("every model failure names the file, what is wrong and what to do", () => {
    const codes: ModelFailure["code"][] = ["missing", "unreadable", "notGguf", "truncated", "damaged", "unsupportedArchitecture", "unknownFamily", "noVocabulary", "insufficientMemory", "libraryRefused", "timedOut", "crashedWhileLoading"];
    for (const code of codes) {
      const words = describeModelFailure({ role: "completion", path: "/models/a.gguf", code, detail: "what is wrong" });
      assert.match(words, /^a\.gguf: what is wrong\. \S.+\.$/);
    }
  });
});
