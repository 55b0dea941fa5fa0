import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { syntheticModel } from "../../models/starter/train/syntheticModel";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { RealEngine, textOf } from "../support/realEngine";
import { splitModel } from "../support/splitModel";

describe("engine: a model in two parts", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  const whole = syntheticModel({ family: "qwen" });
  const parts = splitModel(whole).map((bytes, index) => models.file(`split-0000${String(index + 1)}-of-00002.gguf`, bytes));
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();

  it("completes as it does in one", async () => {
    await engine.load(models.file("whole.gguf", whole));
    const expected = textOf(await engine.complete());
    await engine.load(parts[0] ?? "");
    assert.equal(textOf(await engine.complete({}, { fresh: true })), expected);
  });

  it("without its second part is refused before the library sees it", async () => {
    rmSync(path.join(models.path, "split-00002-of-00002.gguf"));
    await engine.use("completion", { path: parts[0] ?? "", contextSize: 512 });
    assert.equal(engine.failures.at(-1)?.code, "missing", JSON.stringify(engine.failures));
  });
});
