import assert from "node:assert/strict";
import { neverAborted } from "../../../src/core/util/abort";
import { StoppableWork } from "../../../src/engine/stoppableWork";

describe("engine/stoppableWork", () => {
  /** Work that goes on until it is told to stop, and then takes another moment to end. */
  const untilStopped = (ended: string[], name: string) => (signal: AbortSignal): Promise<never> => new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      setImmediate(() => {
        ended.push(name);
        reject(signal.reason as Error);
      });
    }, { once: true });
  });

  it("settles as the work does", async () => {
    const work = new StoppableWork();
    assert.equal(await work.run(() => Promise.resolve(7), neverAborted), 7);
    await assert.rejects(work.run(() => Promise.reject(new Error("no")), neverAborted), /no/);
    await work.stop();
  });
  it("stops all that is under way, and resolves once it has ended", async () => {
    const work = new StoppableWork();
    const ended: string[] = [];
    const both = ["one", "two"].map((name) => work.run(untilStopped(ended, name), neverAborted));
    const settled = Promise.allSettled(both);
    await work.stop();
    assert.deepEqual(ended, ["one", "two"]);
    assert.deepEqual((await settled).map(({ status }) => status), ["rejected", "rejected"]);
  });
  it("one that its own caller stops leaves the others alone", async () => {
    const work = new StoppableWork();
    const ended: string[] = [];
    const own = new AbortController();
    const first = work.run(untilStopped(ended, "first"), own.signal);
    const second = work.run(untilStopped(ended, "second"), neverAborted);
    own.abort();
    await assert.rejects(first);
    assert.deepEqual(ended, ["first"]);
    await Promise.all([work.stop(), assert.rejects(second)]);
  });
  it("what begins after a stop is not stopped by it", async () => {
    const work = new StoppableWork();
    await work.stop();
    assert.equal(await work.run((signal) => Promise.resolve(signal.aborted), neverAborted), false);
  });
});
