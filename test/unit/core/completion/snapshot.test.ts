import assert from "node:assert/strict";
import { lineAfter, lineBefore } from "../../../../src/core/completion/snapshot";
import { snapshotAt } from "../../../support/snapshotNotation";

describe("core/completion/snapshot", () => {
  const cases: readonly (readonly [notation: string, before: string, after: string])[] = [
    ["|", "", ""],
    ["a|b", "a", "b"],
    ["first\nse|cond\nthird", "se", "cond"],
    ["first\r\nse|cond\r\nthird", "se", "cond"],
    ["first\n|\nthird", "", ""],
  ];
  for (const [notation, before, after] of cases) {
    it(JSON.stringify(notation), () => {
      const snapshot = snapshotAt(notation);
      assert.deepEqual([lineBefore(snapshot), lineAfter(snapshot)], [before, after]);
    });
  }
});
