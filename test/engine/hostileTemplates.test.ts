import assert from "node:assert/strict";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { HOSTILE_TEMPLATES } from "../support/hostileTemplates";
import { RealEngine } from "../support/realEngine";
import { syntheticModel } from "../../models/starter/train/syntheticModel";

const FULL = process.env["GHOSTLIGHT_FULL"] === "1";
/** One of each kind, in one of its ten sizes; all of them where everything is run. */
const TEMPLATES = HOSTILE_TEMPLATES.filter((_, index) => FULL || index % 10 === Math.floor(index / 10) % 10);

describe("engine: hostile chat templates", function () {
  this.timeout(600_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();

  async function answerWith(chatTemplate: string | undefined): Promise<string> {
    const file = models.file("model.gguf", syntheticModel({ family: "qwen", ...(chatTemplate === undefined ? {} : { chatTemplate }) }));
    await engine.load(file, "chat", 512);
    const result = await engine.chat(["What is it?"], () => undefined, 8);
    assert.ok(result.outcome === "done");
    return `${String(result.promptTokens)} ${result.text}`;
  }

  it(`${String(TEMPLATES.length)} files answer as the file without a template does, in the same process`, async () => {
    const plain = await answerWith(undefined);
    const { processId } = engine;
    for (const template of TEMPLATES) assert.equal(await answerWith(template), plain);
    assert.equal(engine.processId, processId);
  });
});
