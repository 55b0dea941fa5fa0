import assert from "node:assert/strict";
import { abortError, isAbortError, neverAborted } from "../../../../src/core/util/abort";

describe("core/util/abort", () => {
  it("an abort error is known as one, whoever made it", () => {
    assert.ok(isAbortError(abortError()));
    assert.ok(isAbortError(AbortSignal.abort().reason));
  });
  it("other errors and values are not", () => {
    for (const value of [new Error("aborted"), "AbortError", undefined, { name: "AbortError" }]) assert.equal(isAbortError(value), false);
  });
  it("the signal of callers without one has not fired", () => { assert.equal(neverAborted.aborted, false); });
});
