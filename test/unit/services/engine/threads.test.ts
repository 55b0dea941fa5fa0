import assert from "node:assert/strict";
import { cpus } from "node:os";
import { automaticThreads, threadsFor } from "../../../../src/services/engine/threads";

describe("services/engine/threads", () => {
  it("automatic: at least one, and never every core", () => {
    const threads = automaticThreads();
    assert.ok(Number.isInteger(threads) && threads >= 1 && threads <= Math.max(1, cpus().length - 1));
  });
  it("0 stands for automatic, everything else for itself", () => {
    assert.deepEqual([threadsFor(0), threadsFor(1), threadsFor(6)], [automaticThreads(), 1, 6]);
  });
});
