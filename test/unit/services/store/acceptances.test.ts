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

  it("come back after the window was closed, without a path", () => {
    const first = open();
    first.shown("recall", "src/a.ts");
    first.accepted("recall", "src/a.ts");
    first.dispose();
    const second = open();
    assert.deepEqual(second.counts(), { recall: { ts: { shown: 1, accepted: 1 } } });
    assert.doesNotMatch(readFileSync(file, "utf8"), /src|a\.ts/);
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
    first.accepted("recall", "a.ts");
    first.dispose();
    const second = open();
    second.accepted("recall", "a.ts");
    second.forget();
    second.dispose();
    assert.ok(!existsSync(file));
    assert.deepEqual([second.counts(), open().counts()], [{}, {}]);
  });

  for (const text of ["", "{", "null", "[]", '{"version":2,"counts":{}}', '{"version":1}', '{"version":1,"counts":{"recall":{"ts":{"shown":-1,"accepted":0}}}}', '{"version":1,"counts":{"recall":{"ts":{"shown":1.5,"accepted":0}}}}']) {
    it(`begin anew where the file holds ${text.slice(0, 80) || "nothing"}`, () => {
      mkdirSync(path.dirname(file));
      writeFileSync(file, text);
      const store = open();
      assert.deepEqual(store.counts(), {});
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
