import assert from "node:assert/strict";
import { decideTrigger } from "../../../../src/core/completion/trigger";
import { snapshotAt, snapshotOf } from "../../../support/snapshotNotation";

const automatic = (notation: string): string => {
  const decision = decideTrigger(snapshotAt(notation), false);
  return decision.ask ? "ask" : decision.reason;
};

describe("core/completion/trigger", () => {
  const cases: readonly (readonly [notation: string, decision: string])[] = [
    ["const a = |", "ask"],
    ["|", "ask"],
    ["call(|)", "ask"],
    ["call(|);\nnext();", "ask"],
    ["const text = \"|\";", "ask"],
    ["items[|], other", "textAfterCursor"],
    ["const a = |1;", "middleOfWord"],
    ["con|st", "middleOfWord"],
    ["gr|öße", "middleOfWord"],
    ["a|$b", "middleOfWord"],
    ["a |= b", "textAfterCursor"],
    ["a |+ b", "textAfterCursor"],
    ["first|\r\nsecond", "ask"],
  ];
  for (const [notation, decision] of cases) {
    it(`${JSON.stringify(notation)}: ${decision}`, () => { assert.equal(automatic(notation), decision); });
  }

  it("an explicit request passes where an automatic one does not", () => {
    assert.deepEqual(decideTrigger(snapshotAt("con|st a = 1"), true), { ask: true });
  });

  it("a very long line is refused on either side of the cursor, also explicitly", () => {
    const long = "x".repeat(2_001);
    for (const snapshot of [snapshotOf(long, ""), snapshotOf("", `;${long}`)]) {
      assert.deepEqual(decideTrigger(snapshot, true), { ask: false, reason: "lineTooLong" });
    }
  });

  it("long lines elsewhere do not count", () => {
    const long = "x".repeat(2_001);
    assert.equal(automatic(`${long}\nshort |\n${long}`), "ask");
  });
});
