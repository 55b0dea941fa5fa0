import assert from "node:assert/strict";
import type { Rung } from "../../../../src/core/models/loadLadder";
import type { LoadResult } from "../../../../src/protocol/engine";
import { walkLadder } from "../../../../src/services/engine/wishes";

const GPU: Rung = { backend: "cuda", gpuLayers: "auto", contextSize: 2_048 };
const CPU: Rung = { backend: "cpu", gpuLayers: 0, contextSize: 2_048 };

describe("services/engine/wishes: walkLadder", () => {
  const failed = (code: "unreadable" | "insufficientMemory"): LoadResult => ({ outcome: "failed", code, detail: "" });

  for (const first of [GPU, CPU]) {
    it(`a bad file has no lower rung than ${first.backend}`, async () => {
      const tried: Rung[] = [];
      const walked = await walkLadder("completion", first, (rung) => Promise.resolve(tried.push(rung)).then(() => failed("unreadable")), () => undefined);
      assert.deepEqual([tried, walked], [[first], { result: failed("unreadable"), notes: [] }]);
    });
  }
  it("short memory is walked down to the last rung, each step told", async () => {
    const told: string[] = [];
    const walked = await walkLadder("completion", CPU, () => Promise.resolve(failed("insufficientMemory")), (sentence) => told.push(sentence));
    assert.deepEqual(walked, { result: failed("insufficientMemory"), notes: told });
    assert.equal(told.length, 2);
  });
});
