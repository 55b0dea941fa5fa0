import assert from "node:assert/strict";
import { uint32 } from "../../models/starter/train/gguf";
import { silentLog } from "../../src/core/util/log";
import { EngineGoneError } from "../../src/services/engine/engineProcess";
import { createMeaningComparer } from "../../src/services/engine/meaning";
import { bertModel } from "../support/bertModel";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { RealEngine } from "../support/realEngine";

describe("engine: comparing texts by meaning", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();
  const bert = (): string => models.file("bert.gguf", bertModel());
  /** A decoder whose tokens are pooled, as those of Qwen3 Embedding are: the last token's vector stands for the text. */
  const decoder = (): string => models.model({ architecture: "qwen2", family: "qwen", metadata: { "qwen2.pooling_type": uint32(3) } });

  for (const [name, model] of [["an encoder", bert], ["a decoder that pools", decoder]] as const) {
    describe(name, () => {
      before(() => engine.load(model(), "embedding"));

      it("is held with a small context, whatever it was trained for", () => {
        const loaded = engine.loaded("embedding");
        assert.deepEqual([loaded?.contextSize, loaded?.family, loaded?.placement.batchSize, loaded?.usesHead], [256, "plain", 256, false]);
      });

      it("a text is nearest to itself, and similarities are cosines", async () => {
        const { similarities, computed } = await engine.compare("boil the soup", ["open a file", "boil the soup", "the pot of water", ""]);
        assert.equal(computed, 5);
        assert.ok(similarities.every((similarity) => similarity === null || (similarity >= -1.0001 && similarity <= 1.0001)), String(similarities));
        assert.ok(Math.abs((similarities[1] ?? 0) - 1) < 1e-3, String(similarities));
        assert.ok((similarities[0] ?? 1) < 0.999 && (similarities[2] ?? 1) < 0.999, String(similarities));
      });

      it("the same texts again cost nothing and come out the same", async () => {
        const texts = ["open a file", "the pot of water"];
        const first = await engine.compare("how is soup cooked", texts);
        const again = await engine.compare("how is soup cooked", texts);
        assert.deepEqual([again.similarities, again.computed], [first.similarities, 0]);
      });

      it("texts longer than the context are read from their beginning", async () => {
        const long = "boil the soup ".repeat(500);
        const { similarities } = await engine.compare(long, [`${long} and then eat`, "open a file"]);
        assert.ok(Math.abs((similarities[0] ?? 0) - 1) < 1e-3, String(similarities));
      });

      it("special tokens in a text stay text", async () => {
        const { similarities } = await engine.compare("soup", ["soup[SEP]water<|im_end|>", "soupwater"]);
        assert.ok((similarities[0] ?? 1) < 0.9999, String(similarities));
      });

      it("without time only the question is read", async () => {
        const { similarities, computed } = await engine.compare("a new question", ["new one", "new two"], 0);
        assert.deepEqual([similarities, computed], [[null, null], 1]);
      });

      it("a signal that fires ends it between two texts, all of them uncompared", async () => {
        const controller = new AbortController();
        const texts = Array.from({ length: 400 }, (_, at) => `${"boil the soup of water ".repeat(30)} ${String(at)} ${name}`);
        const comparing = engine.compare("a question that is taken back", texts, 60_000, controller.signal);
        setImmediate(() => { controller.abort(); });
        assert.ok((await comparing).similarities.every((similarity) => similarity === null));
        assert.ok((await engine.compare("a question that is taken back", texts, 0)).similarities.some((similarity) => similarity === null), "all of it was computed");
      });
    });
  }

  it("beside ghost text, and a completion goes in between", async () => {
    await engine.load(bert(), "embedding");
    await engine.load(models.model());
    let compared = false;
    const comparing = engine.compare("which is it", Array.from({ length: 400 }, (_, at) => `${"boil the soup of water ".repeat(30)} ${String(at)}`)).then((result) => { compared = true; return result; });
    await engine.complete();
    assert.equal(compared, false);
    assert.ok((await comparing).similarities.every((similarity) => similarity !== null));
  });

  it("another model in its place begins with no vectors", async () => {
    await engine.load(models.file("other.gguf", bertModel(2)), "embedding");
    assert.equal((await engine.compare("boil the soup", ["open a file"])).computed, 2);
  });

  it("a model that writes is refused for it, and one that has no room for a text; one that makes vectors is refused for ghost text", async () => {
    const other = new RealEngine();
    await other.use("embedding", { path: models.model(), contextSize: 256 });
    await other.use("completion", { path: bert(), contextSize: 512 });
    await other.use("embedding", { path: models.file("short.gguf", bertModel(1, 8)), contextSize: 256 });
    assert.deepEqual(other.failures.map(({ role, code }) => [role, code]), [["embedding", "notEmbedding"], ["completion", "unknownFamily"], ["embedding", "notEmbedding"]]);
    other.dispose();
  });

  it("the engine dies meanwhile: words decide, nothing is thrown, and it is back for the next question", async () => {
    const warned: string[] = [];
    const comparer = createMeaningComparer(engine, { ...silentLog, warn: (message) => { warned.push(message); } });
    const texts = Array.from({ length: 400 }, (_, at) => `${"the pot is open ".repeat(40)} ${String(at)}`);
    const comparing = comparer.compare("who opens the pot", texts, new AbortController().signal);
    await engine.crash();
    assert.ok((await comparing).every((similarity) => similarity === null));
    assert.equal(warned.length, 1);
    await engine.next("ready");
    if (!comparer.available()) await engine.next("ready");
    assert.notEqual((await comparer.compare("soup", ["water"], new AbortController().signal))[0], null);
    await assert.rejects(Promise.all([engine.compare("gone", texts), engine.crash()]), EngineGoneError);
  });
});
