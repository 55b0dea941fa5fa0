import assert from "node:assert/strict";
import { BackendTrust, showsWork } from "../../../../src/core/engine/backendTrust";

describe("trust in a back end", () => {
  for (const [answer, works] of [[{ evaluatedTokens: 3 }, true], [{ evaluatedTokens: 0 }, false], [{ computed: 1, similarities: [0.5] }, true], [{ computed: 0, similarities: [0.5] }, false], [{ residentBytes: 5 }, false], [null, false], ["done", false]] as const) {
    it(`${JSON.stringify(answer)} ${works ? "shows" : "does not show"} that a model computed`, () => assert.equal(showsWork(answer), works));
  }

  it("one crash at work may come from anything, two are a suspicion; one that hung is one at once", () => {
    const trust = new BackendTrust();
    trust.failedAtWork("vulkan", "crashed", ["a"]);
    assert.equal(trust.suspicion, undefined);
    trust.failedAtWork("vulkan", "crashed", ["a"]);
    assert.deepEqual(trust.worked("work", "a"), { backend: "vulkan", how: "crashed" });
    trust.failedAtWork("cuda", "hung", ["b"]);
    assert.deepEqual(trust.worked("work", "b"), { backend: "cuda", how: "hung" });
  });

  it("is lost only by the file that failed on it, doing on the processor what it failed at", () => {
    const trust = new BackendTrust();
    trust.failedLoading("vulkan", "crashed", "a");
    assert.deepEqual([trust.worked("load", "b"), trust.worked("work", "a")], [undefined, undefined]);
    assert.deepEqual([trust.isMoot(["b"]), trust.isMoot(["a", "b"])], [true, false]);
    assert.deepEqual(trust.worked("load", "a"), { backend: "vulkan", how: "crashed" });
    assert.equal(trust.suspicion, undefined);
  });

  it("is never lost for memory that did not suffice", () => {
    const trust = new BackendTrust();
    trust.failedLoading("vulkan", "full", "a");
    assert.equal(trust.worked("load", "a"), undefined);
    assert.deepEqual([trust.lift(), trust.lift()], [true, false]);
  });
});
