import assert from "node:assert/strict";
import { keptWords } from "../../../../src/core/routing/keptLocal";
import { MOST_DECISIONS, NOTHING_ROUTED, withAnswer, withDecision, withLeft } from "../../../../src/core/routing/routingRecord";

const words = (answers: number, left: number): string | undefined => keptWords({ answers, left })?.words;

describe("core/routing/keptLocal", () => {
  it("says nothing before the first answer", () => assert.equal(words(0, 0), undefined));
  it("says all only where it is all, and never more than it is", () => {
    assert.equal(words(1, 0), "The answer stayed on this machine");
    assert.equal(words(50, 0), "All answers stayed on this machine");
    assert.equal(words(50, 4), "92 % of answers stayed on this machine");
    assert.equal(words(1_000, 1), "99 % of answers stayed on this machine");
    assert.equal(words(1_000, 999), "Less than 1 % of answers stayed on this machine");
    assert.equal(words(3, 3), "0 % of answers stayed on this machine");
  });
  it("gives the figures", () => assert.equal(keptWords({ answers: 50, left: 4 })?.figures, "46 of 50 in this workspace"));
});

describe("core/routing/routingRecord", () => {
  it("counts, and never more that left than there were", () => {
    assert.deepEqual(withLeft(withAnswer(withAnswer(NOTHING_ROUTED))).counts, { answers: 2, left: 1 });
    assert.deepEqual(withLeft(NOTHING_ROUTED).counts, { answers: 0, left: 0 });
  });
  it("keeps the newest decisions, rounded", () => {
    let record = NOTHING_ROUTED;
    for (let index = 0; index <= MOST_DECISIONS; index++) record = withDecision(record, { unsure: index / 1_234, asked: true });
    assert.equal(record.decisions.length, MOST_DECISIONS);
    assert.equal(record.decisions[0]?.unsure, 0.001);
  });
});
