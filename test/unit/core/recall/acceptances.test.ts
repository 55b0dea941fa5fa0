import assert from "node:assert/strict";
import { NOTHING_ACCEPTED, withAccepted, withShown } from "../../../../src/core/recall/acceptances";

describe("core/recall: acceptances", () => {
  it("are counted by voice and kind of file", () => {
    let record = NOTHING_ACCEPTED;
    for (const path of ["a.ts", "src/b.TS", "c.py", "Makefile", ".gitignore", "weird.€"]) record = withShown(record, "recall", path);
    record = withAccepted(record, "recall", "a.ts");
    record = withAccepted(record, "model", "a.ts");
    assert.deepEqual(record.counts, {
      recall: { ts: { shown: 2, accepted: 1 }, py: { shown: 1, accepted: 0 }, other: { shown: 3, accepted: 0 } },
      model: { ts: { shown: 0, accepted: 1 } },
    });
    assert.deepEqual(NOTHING_ACCEPTED, { counts: {} });
  });

  it("take names that every object has for what they are", () => {
    assert.deepEqual(withShown(NOTHING_ACCEPTED, "recall", "a.valueof").counts, { recall: { valueof: { shown: 1, accepted: 0 } } });
    assert.deepEqual(withShown(NOTHING_ACCEPTED, "constructor", "a.ts").counts, { constructor: { ts: { shown: 1, accepted: 0 } } });
    assert.deepEqual(Object.keys(withShown(NOTHING_ACCEPTED, "recall", "a.constructor").counts["recall"] ?? {}), ["other"]);
  });

  it("hold a limited number of kinds", () => {
    let record = NOTHING_ACCEPTED;
    for (let number = 0; number < 100; number++) record = withShown(record, "recall", `a.x${String(number)}`);
    const kinds = record.counts["recall"] ?? {};
    assert.equal(Object.keys(kinds).length, 61);
    assert.equal(kinds["other"]?.shown, 40);
  });
});
