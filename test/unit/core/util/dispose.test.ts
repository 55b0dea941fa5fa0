import assert from "node:assert/strict";
import { DisposableStore } from "../../../../src/core/util/dispose";

describe("core/util/dispose", () => {
  it("ends its items once, the last first", () => {
    const ended: string[] = [];
    const store = new DisposableStore();
    for (const name of ["a", "b", "c"]) store.add({ dispose: () => ended.push(name) });
    store.dispose();
    store.dispose();
    assert.deepEqual(ended, ["c", "b", "a"]);
  });

  it("an item added after the end is ended at once", () => {
    const store = new DisposableStore();
    store.dispose();
    let ended = false;
    store.add({ dispose: () => { ended = true; } });
    assert.ok(ended);
  });
});
