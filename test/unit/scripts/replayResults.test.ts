import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readEarlier, renderResults, resultsOf } from "../../../scripts/replay/results";
import type { ReplayRun } from "../../../scripts/replay/run";
import type { ReplayCase } from "../../../src/core/evaluation/replayCase";
import { answerOf, replayCaseOf } from "../../support/judgedCases";

const cases = [1, 2].map((line) => replayCaseOf({ id: `sample:a.ts:${String(line)}`, line }));

/** A run in which an engine writes one text everywhere. */
function runOf(text: string, asked: readonly ReplayCase[] = cases): ReplayRun {
  const answers = asked.map(({ id }) => ({ ...answerOf({ text, confidence: 0.6 }, { calm: 0.7, balanced: 0.5, eager: 0.3 }), id }));
  return { sources: [], cases: asked, engines: [{ engine: "model", words: "a tiny one", answers }] };
}

describe("scripts/replay/results", () => {
  let folder = "";
  before(() => { folder = mkdtempSync(path.join(tmpdir(), "ghostlight-results-")); });
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  const written = (value: unknown): string => {
    const file = path.join(folder, "run.json");
    writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
    return file;
  };

  it("names the engine and its figures", () => {
    const results = resultsOf(runOf("compute();"), []);
    assert.deepEqual([results.engines[0]?.report.exact.value, results.paired], [1, []]);
    assert.match(renderResults(results), /^model \(a tiny one\): 2 cases in 1 files\n/);
  });

  it("compares with what an earlier run wrote", () => {
    const earlier = readEarlier(written(resultsOf(runOf("wrong"), [])));
    const { paired } = resultsOf(runOf("compute();"), earlier);
    assert.deepEqual(paired.map(({ first, second, figures }) => [first, second, figures.cases, figures.exact.value]), [["earlier model", "model", 2, 1]]);
  });

  it("a line that was cut elsewhere is another case", () => {
    const earlier = readEarlier(written(resultsOf(runOf("pute();", [replayCaseOf({ id: "sample:a.ts:1", before: "value = com", expected: "pute();" })]), [])));
    assert.equal(resultsOf(runOf("compute();"), earlier).paired[0]?.figures.cases, 0);
  });

  it("pairs the engines of one run", () => {
    const run = runOf("compute();");
    const results = resultsOf({ ...run, engines: [...runOf("wrong").engines, ...run.engines.map((each) => ({ ...each, engine: "both" as const }))] }, []);
    assert.deepEqual(results.paired.map(({ first, second, figures }) => [first, second, figures.exact.value]), [["model", "both", 1]]);
  });

  it("refuses other files", () => {
    assert.throws(() => readEarlier(written("{")), /run\.json: /);
    assert.throws(() => readEarlier(written({ engines: [{ engine: "model" }] })), /not written by --json/);
    assert.throws(() => readEarlier(path.join(folder, "none.json")), /none\.json/);
  });
});
