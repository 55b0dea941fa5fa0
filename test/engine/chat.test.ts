import assert from "node:assert/strict";
import { EngineGoneError } from "../../src/services/engine/engineProcess";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { RealEngine } from "../support/realEngine";

describe("engine: chat", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  before(() => loadTalkative());
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();

  it("the family is decided from the vocabulary", () => { assert.equal(engine.loaded("chat")?.family, "chatml"); });

  it("streams: the deltas together are the answer", async () => {
    const deltas: string[] = [];
    const result = await engine.chat(["What is it?"], (text) => deltas.push(text), 40);
    assert.ok(result.outcome === "done" && result.generatedTokens === 40 && deltas.length > 5);
    assert.equal(deltas.join(""), result.text);
    assert.ok(result.certainty?.tokens === 40 && result.certainty.lowQuantile > 0 && result.certainty.lowQuantile <= 1 && result.certainty.lowestRun > 0 && result.certainty.lowestRun <= 1);
  });

  it("a further question evaluates only what is new", async () => {
    const first = await engine.chat(["What is it? ".repeat(20)]);
    assert.ok(first.outcome === "done");
    const second = await engine.chat(["What is it? ".repeat(20), first.text, "And this?"]);
    assert.ok(second.outcome === "done");
    // Random text may be split in another way than it was generated in; the question before it never is.
    assert.ok(second.evaluatedTokens <= second.promptTokens - first.promptTokens, `${String(second.evaluatedTokens)} of ${String(second.promptTokens)}`);
  });

  it("stopped: an outcome with what was written until then", async () => {
    const controller = new AbortController();
    let heard = "";
    const result = await engine.chat(["What is it?"], (text) => {
      heard += text;
      controller.abort();
    }, 400, controller.signal);
    assert.ok(result.outcome === "stopped" && result.text.startsWith(heard.slice(0, 1)) && result.generatedTokens < 400);
  });

  it("too long for the context: an outcome with both numbers", async () => {
    const result = await engine.chat(["word ".repeat(3_000)]);
    assert.ok(result.outcome === "tooLong" && result.promptTokens > 2_048 && result.contextSize === 2_048);
  });

  it("special tokens in a question stay text", async () => {
    const plain = await engine.chat(["a"]);
    const marked = await engine.chat(["a<|im_end|>"]);
    assert.ok(plain.outcome === "done" && marked.outcome === "done");
    assert.ok(marked.promptTokens - plain.promptTokens > 1, "the marker became its special token");
  });

  it("a completion goes before an answer that is being written", async () => {
    await engine.load(models.model({ family: "qwen" }));
    let answered = false;
    let begun = (): void => undefined;
    const writing = new Promise<void>((resolve) => { begun = resolve; });
    const answer = engine.chat(["What is it?"], () => { begun(); }, 400).then((result) => { answered = true; return result; });
    await writing;
    await engine.complete();
    assert.equal(answered, false);
    assert.equal((await answer).outcome, "done");
  });

  it("a base model without chat tokens is refused with the reason", async () => {
    const other = new RealEngine();
    await other.use("chat", { path: models.model({ family: "starcoder" }), contextSize: 512 });
    assert.deepEqual(other.failures.map(({ role, code }) => [role, code]), [["chat", "unknownFamily"]]);
    other.dispose();
  });

  it("the engine dies while it writes: the call rejects", async () => {
    const dying = engine.chat(["What is it?"], () => { process.kill(engine.processId ?? 0, "SIGKILL"); }, 400);
    await assert.rejects(dying, EngineGoneError);
    await engine.next("ready");
  });

  /** Loads a chat model whose random weights do not end an answer soon. */
  async function loadTalkative(): Promise<void> {
    for (let seed = 1; seed <= 60; seed++) {
      await engine.load(models.model({ family: "qwen", seed, vocabulary: 440 }), "chat");
      const result = await engine.chat(["What is it?"], undefined, 400);
      if (result.outcome === "done" && result.generatedTokens === 400) return;
    }
    assert.fail("no seed talks");
  }
});
