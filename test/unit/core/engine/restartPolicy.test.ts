import assert from "node:assert/strict";
import fc from "fast-check";
import { decideRestart } from "../../../../src/core/engine/restartPolicy";

const MINUTE = 60_000;

describe("core/engine/restartPolicy", () => {
  it("waits longer after the second crash", () => {
    assert.deepEqual(decideRestart([0], 0), { restart: true, delayMs: 500 });
    assert.deepEqual(decideRestart([0, 1_000], 1_000), { restart: true, delayMs: 2_000 });
  });

  it("stops after three crashes in five minutes", () => {
    assert.deepEqual(decideRestart([0, MINUTE, 5 * MINUTE - 1], 5 * MINUTE - 1), { restart: false });
  });

  it("old crashes are forgotten", () => {
    assert.deepEqual(decideRestart([0, MINUTE, 5 * MINUTE], 5 * MINUTE), { restart: true, delayMs: 2_000 });
    assert.deepEqual(decideRestart([0, 1, 10 * MINUTE], 10 * MINUTE), { restart: true, delayMs: 500 });
  });

  it("property: never more than two restarts in any five minutes", () => {
    fc.assert(fc.property(fc.array(fc.nat(3 * MINUTE), { maxLength: 20 }), (gaps) => {
      const crashes: number[] = [];
      const restarts: number[] = [];
      for (const gap of gaps) {
        const now = (crashes.at(-1) ?? 0) + gap;
        crashes.push(now);
        if (!decideRestart(crashes, now).restart) break;
        restarts.push(now);
        assert.ok(restarts.filter((time) => now - time < 5 * MINUTE).length <= 2);
      }
    }));
  });
});
