import assert from "node:assert/strict";
import fc from "fast-check";
import { Outbox } from "../../../../src/core/chat/outbox";
import type { HostMessage, UnnumberedHostMessage } from "../../../../src/protocol/chatView";

const state: UnnumberedHostMessage = { type: "state", version: 1, turns: [], earlier: false, cleared: false };
const delta = (text: string, turn = "t"): UnnumberedHostMessage => ({ type: "delta", turn, text });
const stopped: UnnumberedHostMessage = { type: "stopped", turn: "t" };

/** An outbox whose clock the test turns. */
function playedOutbox(): { outbox: Outbox; sent: HostMessage[]; tick: () => void; waiting: () => number } {
  const sent: HostMessage[] = [];
  const timers = new Set<() => void>();
  const after = (_milliseconds: number, callback: () => void): { dispose(): void } => {
    timers.add(callback);
    return { dispose: () => void timers.delete(callback) };
  };
  const outbox = new Outbox({ deliver: (message) => void sent.push(message), after });
  return { outbox, sent, waiting: () => timers.size, tick: () => [...timers].forEach((callback) => (timers.delete(callback), callback())) };
}

/** `0:state 1:delta(ab)` */
function told(sent: readonly HostMessage[]): string {
  return sent.map((message) => `${message.sequence}:${message.type}${message.type === "delta" ? `(${message.text})` : ""}`).join(" ");
}

describe("core/chat/outbox", () => {
  it("joins deltas until the clock has ticked", () => {
    const { outbox, sent, tick } = playedOutbox();
    outbox.open();
    for (const message of [state, delta("a"), delta("b")]) outbox.post(message);
    assert.equal(told(sent), "0:state");
    tick();
    outbox.post(delta("c"));
    tick();
    assert.equal(told(sent), "0:state 1:delta(ab) 2:delta(c)");
  });

  it("sends what was gathered before anything else", () => {
    const { outbox, sent, waiting } = playedOutbox();
    outbox.open();
    for (const message of [state, delta("a"), stopped, delta("b", "u"), delta("c", "v")]) outbox.post(message);
    assert.equal(told(sent), "0:state 1:delta(a) 2:stopped 3:delta(b)");
    outbox.dispose();
    assert.equal(waiting(), 0);
  });

  it("does not join the words of an answer and of its correction", () => {
    const { outbox, sent, tick } = playedOutbox();
    outbox.open();
    for (const message of [state, delta("a"), { type: "correctionDelta", turn: "t", text: "b" } as const, { type: "correctionDelta", turn: "t", text: "c" } as const]) outbox.post(message);
    tick();
    assert.deepEqual(sent.slice(1), [{ type: "delta", turn: "t", text: "a", sequence: 1 }, { type: "correctionDelta", turn: "t", text: "bc", sequence: 2 }]);
  });

  it("drops everything while no view is ready, and numbers anew for the next one", () => {
    const { outbox, sent, tick } = playedOutbox();
    outbox.post(delta("lost"));
    outbox.open();
    outbox.post(state);
    outbox.post(delta("lost"));
    outbox.close();
    tick();
    outbox.post(stopped);
    outbox.open();
    outbox.post(state);
    assert.equal(told(sent), "0:state 0:state");
  });

  it("loses no character and leaves no gap, however the clock ticks", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constant(null))), (steps) => {
        const { outbox, sent, tick } = playedOutbox();
        outbox.open();
        outbox.post(state);
        for (const step of steps) if (step === null) tick(); else outbox.post(delta(step));
        outbox.post(stopped);
        assert.equal(sent.map((message) => (message.type === "delta" ? message.text : "")).join(""), steps.join(""));
        assert.deepEqual(sent.map(({ sequence }) => sequence), sent.map((_, index) => index));
      }),
    );
  });
});
