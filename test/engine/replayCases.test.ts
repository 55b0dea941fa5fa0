import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseReplayOptions, type ReplayOptions } from "../../scripts/replay/options";
import { REPORT_OPTIONS, runReplay } from "../../scripts/replay/run";
import { complete, freshMemory } from "../../src/core/completion/complete";
import { askCase } from "../../src/core/evaluation/askCase";
import { neverAborted } from "../../src/core/util/abort";
import { createVoice } from "../../scripts/replay/voices";
import { leavesNoEngine } from "../support/childProcesses";
import { createGitHistory, type GitHistory } from "../support/gitHistory";
import { replayCaseOf } from "../support/judgedCases";
import { snapshotOf } from "../support/snapshotNotation";
import { root } from "../support/sourceTree";

describe("engine: replayed cases", function () {
  this.timeout(120_000);
  leavesNoEngine();

  it("one request with the gate off tells what the engine shows at every preset", async () => {
    const lines = readFileSync(path.join(root, "src/core/completion/trim.ts"), "utf8").split("\n");
    const voice = await createVoice("model", undefined, neverAborted);
    const opened = await voice.open(path.join(root, "test/fixtures"));
    try {
      const shown = new Set<string>();
      for (let line = 8; line < 128; line += 8) {
        const text = lines[line] ?? "";
        const snapshot = snapshotOf([...lines.slice(0, line), text.slice(0, Math.ceil(text.length / 2))].join("\n"), `\n${lines.slice(line + 1).join("\n")}`, { path: "src/trim.ts" });
        const ports = await opened.ports(replayCaseOf({ path: "src/trim.ts", before: snapshot.before, after: snapshot.after }), neverAborted);
        const answer = await askCase(snapshot, REPORT_OPTIONS.presets, "model", ports, neverAborted);
        for (const { name, threshold } of REPORT_OPTIONS.presets) {
          const direct = await complete(snapshot, { explicit: true, threshold, engines: "model" }, freshMemory(), ports, neverAborted);
          assert.deepEqual(answer.gated[name] ?? null, direct.outcome === "shown" ? { text: direct.text, confidence: direct.confidence } : null, `line ${String(line + 1)} at ${name}`);
          if (direct.outcome === "shown") shown.add(name);
        }
      }
      assert.ok(shown.has("eager"), "nothing was shown anywhere: the comparison says nothing");
    } finally {
      opened.dispose();
      voice.dispose();
    }
  });

  describe("over a history", () => {
    let history: GitHistory | undefined;
    let options: ReplayOptions;
    before(() => {
      history = createGitHistory();
      history.commit({ "a.ts": "export const zero = 0;\n" });
      history.commit({ "a.ts": `export const zero = 0;\n${Array.from({ length: 6 }, (_, index) => `for (let i = ${String(index)}; i < list.length; i++) {\n}\n`).join("")}` });
      options = parseReplayOptions(["--repo", `tiny=${history.folder}`, "--cases", "4"]);
    });
    after(() => history?.dispose());

    it("goes from the cases to an answer of each", async () => {
      const told: string[] = [];
      const run = await runReplay(options, (line) => told.push(line), neverAborted);
      assert.deepEqual(run.sources.map(({ name, commits, counted }) => [name, commits, counted]), [["tiny", 1, 4]]);
      assert.deepEqual(run.engines.map(({ engine }) => engine), ["recall", "model", "both"]);
      for (const { answers } of run.engines) {
        assert.deepEqual(answers.map((each) => each.id), run.cases.map((each) => each.id));
        assert.deepEqual(answers.map((each) => each.reason), ["", "", "", ""], "each case has an answer");
      }
      assert.equal(told.at(-1), "tiny, both: 4 of 4");
    });

    it("stops where it is told to", async () => {
      const stop = new AbortController();
      await assert.rejects(runReplay(options, () => { stop.abort(); }, stop.signal), { name: "AbortError" });
    });
  });
});
