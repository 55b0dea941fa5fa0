import assert from "node:assert/strict";
import { createChatEngine } from "../../../../src/services/engine/chatEngine";
import { createCompletionEngine } from "../../../../src/services/engine/completionEngine";
import { EngineUnavailableError } from "../../../../src/services/engine/engineSupervisor";
import type { CompleteResult } from "../../../../src/protocol/engine";
import { leavesNoEngine } from "../../../support/childProcesses";
import { PLAN, SHORT } from "../../../support/realEngine";
import { stubEntry, WatchedSupervisor } from "../../../support/supervisors";

const never = (): AbortSignal => new AbortController().signal;

describe("services/engine: the supervised engine as its callers see it", () => {
  const supervisor = new WatchedSupervisor({ entry: stubEntry("works") });
  after(() => { supervisor.dispose(); });
  leavesNoEngine();

  it("before a model is there: no context size, no model, and calls reject at once", async () => {
    const completion = createCompletionEngine(supervisor);
    const chat = createChatEngine(supervisor);
    assert.deepEqual([completion.contextSize(), completion.family(), chat.model()], [undefined, undefined, undefined]);
    await assert.rejects(completion.complete(PLAN, SHORT, [], never()), EngineUnavailableError);
    await assert.rejects(chat.chat([], 1, () => undefined, never()), EngineUnavailableError);
  });

  it("afterwards: the model's context, and plans as they are", async () => {
    await supervisor.use("completion", { path: "model.gguf", contextSize: 700 });
    let fresh = false;
    const completion = createCompletionEngine(supervisor, () => fresh);
    assert.equal(completion.contextSize(), 700);
    assert.equal(completion.family(), supervisor.loaded("completion")?.family);
    const ask = async (): Promise<unknown> => (await completion.complete(PLAN, SHORT, ["a = 1;"], never()) as CompleteResult & { echo: unknown }).echo;
    assert.deepEqual(await ask(), { plan: PLAN, limits: SHORT, fresh: false, drafts: ["a = 1;"] });
    fresh = true;
    assert.deepEqual(await ask(), { plan: PLAN, limits: SHORT, fresh: true, drafts: ["a = 1;"] });
  });

  it("the chat model by its name, or by its file where it has none", async () => {
    await supervisor.use("chat", { path: "/models/chat.gguf", contextSize: 600 });
    assert.deepEqual(createChatEngine(supervisor).model(), { name: "stub", contextSize: 600 });
  });
});
