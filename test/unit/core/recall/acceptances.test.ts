import assert from "node:assert/strict";
import { lineHash, MOST_LINES, NOTHING_ACCEPTED, withAccepted, withShown, type AcceptanceRecord } from "../../../../src/core/recall/acceptances";

describe("core/recall: acceptances", () => {
  it("are counted by voice and kind of file", () => {
    let record = NOTHING_ACCEPTED;
    for (const path of ["a.ts", "src/b.TS", "c.py", "Makefile", ".gitignore", "weird.€"]) record = withShown(record, "recall", path);
    record = withAccepted(record, "recall", "a.ts", "x");
    record = withAccepted(record, "model", "a.ts", "x");
    assert.deepEqual(record.counts, {
      recall: { ts: { shown: 2, accepted: 1 }, py: { shown: 1, accepted: 0 }, other: { shown: 3, accepted: 0 } },
      model: { ts: { shown: 0, accepted: 1 } },
    });
    assert.deepEqual(NOTHING_ACCEPTED, { counts: {}, lines: [] });
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

  it("remember lines by their hashes, the latest last, each once", () => {
    const record = ["one", "two\n\n  three  ", "one"].reduce((sum: AcceptanceRecord, text) => withAccepted(sum, "recall", "a.ts", text), NOTHING_ACCEPTED);
    assert.deepEqual(record.lines, ["two", "three", "one"].map(lineHash));
    assert.doesNotMatch(JSON.stringify(record), /two|three/);
  });

  it("forget the oldest lines beyond their number", () => {
    let record = withAccepted(NOTHING_ACCEPTED, "recall", "a.ts", "first");
    record = withAccepted(record, "recall", "a.ts", Array.from({ length: MOST_LINES }, (_, line) => `line ${String(line)}`).join("\n"));
    assert.equal(record.lines.length, MOST_LINES);
    assert.ok(!record.lines.includes(lineHash("first")) && record.lines.includes(lineHash(`line ${String(MOST_LINES - 1)}`)));
  });

  it("hash white space around a line away, and nothing else", () => {
    assert.equal(lineHash("  a b;\t"), lineHash("a b;"));
    assert.notEqual(lineHash("a  b;"), lineHash("a b;"));
  });
});
