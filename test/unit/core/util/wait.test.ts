import assert from "node:assert/strict";
import { createWait, type Timers } from "../../../../src/core/util/wait";
import { isAbortError } from "../../../../src/core/util/abort";

/** A clock that goes off when told to. */
class FakeTimers implements Timers {
  readonly running = new Map<number, () => void>();
  #next = 0;

  setTimeout(callback: () => void): unknown {
    this.running.set(++this.#next, callback);
    return this.#next;
  }

  clearTimeout(timer: unknown): void { this.running.delete(timer as number); }

  goOff(): void {
    for (const callback of this.running.values()) callback();
    this.running.clear();
  }
}

describe("core/util/wait", () => {
  it("resolves when the time is over", async () => {
    const timers = new FakeTimers();
    const waited = createWait(timers)(20, new AbortController().signal);
    timers.goOff();
    await waited;
  });

  it("rejects when the signal fires, and leaves no timer", async () => {
    const timers = new FakeTimers();
    const controller = new AbortController();
    const waited = createWait(timers)(20, controller.signal);
    controller.abort();
    await assert.rejects(waited, isAbortError);
    assert.equal(timers.running.size, 0);
  });

  it("a signal that has fired rejects at once", async () => {
    const timers = new FakeTimers();
    await assert.rejects(createWait(timers)(20, AbortSignal.abort()), isAbortError);
    assert.equal(timers.running.size, 0);
  });

  it("aborting afterwards changes nothing", async () => {
    const timers = new FakeTimers();
    const controller = new AbortController();
    const waited = createWait(timers)(20, controller.signal);
    timers.goOff();
    await waited;
    controller.abort();
  });
});
