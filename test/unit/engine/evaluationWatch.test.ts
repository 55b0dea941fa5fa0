import assert from "node:assert/strict";
import { EvaluationWatch, type Ticker } from "../../../src/engine/evaluationWatch";

/** A timer that ticks when it is told to. */
function handTicker(): { readonly every: Ticker; readonly tick: (times: number) => void; readonly periods: number[]; readonly running: () => number } {
  const ticks = new Set<() => void>();
  const periods: number[] = [];
  return {
    every: (everyMs, tick) => {
      periods.push(everyMs);
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
    tick: (times) => { for (let time = 0; time < times; time++) for (const tick of ticks) tick(); },
    periods,
    running: () => ticks.size,
  };
}

describe("engine/evaluationWatch", () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  let hangs = 0;
  const onHang = (): void => { hangs += 1; };
  beforeEach(() => { hangs = 0; });

  it("an evaluation past its limit is told once; a little before, not at all", () => {
    const { every, tick, periods } = handTicker();
    void new EvaluationWatch(120_000, onHang, every).watch(never, 0);
    assert.deepEqual(periods, [1_000]);
    tick(119);
    assert.equal(hangs, 0);
    tick(1);
    assert.equal(hangs, 1);
    tick(500);
    assert.equal(hangs, 1);
  });

  it("what is computed beside the GPU has its time", () => {
    const { every, tick } = handTicker();
    void new EvaluationWatch(120_000, onHang, every).watch(never, 64_000);
    tick(183);
    assert.equal(hangs, 0);
    tick(1);
    assert.equal(hangs, 1);
  });

  it("a process that stood still for longer than the limit, as one does on a machine that sleeps, loses a tick", async () => {
    void new EvaluationWatch(400, onHang).watch(never, 0);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hangs, 0);
  });

  it("each evaluation begins anew, and none leaves a timer, however it ends", async () => {
    const { every, tick, running } = handTicker();
    const watch = new EvaluationWatch(120_000, onHang, every);
    for (let times = 0; times < 3; times++) {
      const evaluation = watch.watch(async () => { tick(100); return Promise.resolve(times); }, 0);
      assert.equal(await evaluation, times);
    }
    await assert.rejects(watch.watch(() => Promise.reject(new Error("lost")), 0), /^Error: lost$/);
    assert.deepEqual([hangs, running()], [0, 0]);
  });

  it("keeps time by itself", async () => {
    await new Promise<void>((resolve) => { void new EvaluationWatch(12, resolve).watch(never, 0); });
  });
});
