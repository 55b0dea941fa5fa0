import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { NOTHING_ROUTED, withAnswer, withDecision } from "../../../../src/core/routing/routingRecord";
import { createRoutingStore, type FileRoutingStore } from "../../../../src/services/store/routingStore";

describe("services/store: routing", () => {
  let folder = "";
  let file = "";
  const problems: string[] = [];
  const open = (at: string | null = file): FileRoutingStore => createRoutingStore(at, (problem) => problems.push(problem));
  const some = withDecision(withAnswer(NOTHING_ROUTED), { unsure: 0.7, asked: true });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "routing-"));
    file = path.join(folder, "storage", "routing.json");
    problems.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("comes back after the window was closed, numbers only", () => {
    const first = open();
    first.change(some);
    first.dispose();
    assert.deepEqual(open().record(), some);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { version: 1, decisions: [{ unsure: 0.7, asked: true }], counts: { answers: 1, left: 0 } });
  });

  it("is forgotten with its file", () => {
    const first = open();
    first.change(some);
    first.dispose();
    const second = open();
    second.change(some);
    second.forget();
    second.dispose();
    assert.ok(!existsSync(file));
    assert.deepEqual(second.record(), NOTHING_ROUTED);
  });

  it("writes nowhere without a place", () => {
    const store = open(null);
    store.change(some);
    store.dispose();
    assert.deepEqual([store.record(), existsSync(path.dirname(file))], [some, false]);
  });

  const damaged = ["", "{", "[]", '{"version":2,"decisions":[],"counts":{"answers":0,"left":0}}', '{"version":1,"decisions":[{"unsure":2,"asked":true}],"counts":{"answers":0,"left":0}}', '{"version":1,"decisions":[],"counts":{"answers":1,"left":2}}'];
  for (const text of damaged) {
    it(`begins anew after ${JSON.stringify(text)}`, () => {
      mkdirSync(path.dirname(file));
      writeFileSync(file, text);
      assert.deepEqual(open().record(), NOTHING_ROUTED);
    });
  }

  it("a place that refuses is told without its path, and stops nothing", () => {
    writeFileSync(path.join(folder, "storage"), "");
    const store = open();
    store.change(some);
    store.dispose();
    assert.equal(problems.length, 1);
    assert.doesNotMatch(problems.join(), /storage/);
  });
});
