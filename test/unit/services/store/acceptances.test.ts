import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAcceptanceStore, type AcceptanceStore } from "../../../../src/services/store/acceptances";

describe("services/store: acceptances", () => {
  let folder = "";
  let file = "";
  const problems: string[] = [];
  const open = (at: string | null = file): AcceptanceStore => createAcceptanceStore(at, (problem) => problems.push(problem));
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "acceptances-"));
    file = path.join(folder, "storage", "acceptances.json");
    problems.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("come back after the window was closed, without a word of code", () => {
    const first = open();
    first.shown("recall", "src/a.ts");
    first.accepted("recall", "src/a.ts", "hushword(secret);");
    first.dispose();
    const second = open();
    assert.deepEqual(second.counts(), { recall: { ts: { shown: 1, accepted: 1 } } });
    assert.deepEqual([second.wasAccepted("  hushword(secret);"), second.wasAccepted("hushword();")], [true, false]);
    assert.doesNotMatch(readFileSync(file, "utf8"), /hushword|src/);
  });

  it("know a line from the moment it was accepted", () => {
    const store = open(null);
    assert.equal(store.wasAccepted("one"), false);
    store.accepted("model", "a.ts", "one");
    assert.equal(store.wasAccepted("one"), true);
  });

  it("write nothing where nothing was shown, and nowhere without a place", () => {
    open().dispose();
    const store = open(null);
    store.shown("recall", "a.ts");
    store.dispose();
    assert.ok(!existsSync(path.dirname(file)));
  });

  it("are forgotten with their file, also what was not written yet", () => {
    const first = open();
    first.accepted("recall", "a.ts", "one");
    first.dispose();
    const second = open();
    second.accepted("recall", "a.ts", "two");
    second.forget();
    second.dispose();
    assert.ok(!existsSync(file));
    assert.deepEqual([second.counts(), second.wasAccepted("one"), open().counts()], [{}, false, {}]);
  });

  for (const text of ["", "{", "null", "[]", '{"version":2,"counts":{},"lines":[]}', '{"version":1,"counts":{"recall":{"ts":{"shown":-1,"accepted":0}}},"lines":[]}', '{"version":1,"counts":{},"lines":["x"]}', '{"version":1,"counts":{},"lines":[4294967296]}', `{"version":1,"counts":{},"lines":[${"1,".repeat(2_000)}1]}`]) {
    it(`begin anew where the file holds ${text.slice(0, 80) || "nothing"}`, () => {
      mkdirSync(path.dirname(file));
      writeFileSync(file, text);
      const store = open();
      assert.deepEqual([store.counts(), store.wasAccepted("x")], [{}, false]);
      store.shown("recall", "a.ts");
      store.dispose();
      assert.deepEqual(open().counts(), { recall: { ts: { shown: 1, accepted: 0 } } });
    });
  }

  it("that cannot be written are told, and counted on", () => {
    writeFileSync(path.dirname(file), "a file in the folder's place");
    const store = open();
    store.shown("recall", "a.ts");
    store.dispose();
    assert.equal(problems.length, 1);
    assert.deepEqual(store.counts(), { recall: { ts: { shown: 1, accepted: 0 } } });
  });
});
