import assert from "node:assert/strict";
import { rememberEdit, type RecentEdit } from "../../../../src/core/context/recentEdits";

const remember = (...edits: readonly RecentEdit[]): readonly RecentEdit[] => edits.reduce<readonly RecentEdit[]>(rememberEdit, []);

describe("core/context/recentEdits", () => {
  it("the newest edit stands first", () => {
    assert.deepEqual(remember({ path: "a", line: 1 }, { path: "b", line: 2 }).map((edit) => edit.path), ["b", "a"]);
  });

  it("an edit near an older one of the same file takes its place; a far one does not", () => {
    assert.deepEqual(remember({ path: "a", line: 1 }, { path: "a", line: 9 }), [{ path: "a", line: 9 }]);
    assert.equal(remember({ path: "a", line: 1 }, { path: "a", line: 100 }).length, 2);
  });

  it("keeps eight places", () => {
    assert.equal(remember(...Array.from({ length: 20 }, (_, index) => ({ path: `f${String(index)}`, line: 0 }))).length, 8);
  });
});
