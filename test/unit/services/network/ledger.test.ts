import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { UnplacedEntry } from "../../../../src/core/outgoing/ledgerChain.js";
import { createLedger, type Ledger } from "../../../../src/services/network/ledger.js";
import { createFileLock } from "../../../../src/services/store/fileLock.js";
import { KILLED_ITSELF } from "../../../support/killed";
import { whereThereAre } from "../../../support/systemParts";
import { removeFolder } from "../../../support/removeFolder";

const entry: UnplacedEntry = { id: "a", event: "sending", origin: "https://api.example.com:443", purpose: "chat", files: [], bytesOut: 100, bytesIn: 0, status: null, durationMs: null, reason: null };

describe("the ledger", () => {
  let folder: string;
  let file: string;
  const opened: Ledger[] = [];

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-ledger-"));
    file = path.join(folder, "inner", "ledger.jsonl");
  });

  afterEach(() => {
    for (const ledger of opened.splice(0)) ledger.dispose();
    removeFolder(folder);
  });

  function open(): Ledger {
    const ledger = createLedger(file, () => Date.UTC(2026, 0, 2));
    opened.push(ledger);
    return ledger;
  }

  it("writes nothing before there is something to write", async () => {
    const ledger = open();
    assert.deepEqual([await ledger.read(), await ledger.bytesToday(), (await ledger.verify()).ok], [[], 0, true]);
    assert.deepEqual(readdirSync(folder), []);
  });

  whereThereAre("file modes", () => {
    it("is readable by its owner alone", async () => {
      await open().append(entry);
      assert.equal(statSync(file).mode & 0o777, 0o600);
    });
  });

  it("has every line of several windows in one chain", async () => {
    const windows = [open(), open(), open()];
    await Promise.all(windows.flatMap((ledger, index) => Array.from({ length: 20 }, (_, line) => ledger.append({ ...entry, id: `${String(index)}.${String(line)}` }))));
    const [first] = windows;
    assert.deepEqual(await first?.verify(), { ok: true, lines: 60, sealed: 0, cutEnd: false });
    const ids = (await first?.read())?.map(({ id }) => id) ?? [];
    assert.equal(new Set(ids).size, 60);
    // In each window's own order.
    assert.deepEqual(ids.filter((id) => id.startsWith("1.")), Array.from({ length: 20 }, (_, line) => `1.${String(line)}`));
  });

  it("seals what a crash cut, leaves it as it was, and goes on", async () => {
    const ledger = open();
    await ledger.append({ ...entry, id: "1" });
    await ledger.append({ ...entry, id: "2" });
    truncateSync(file, statSync(file).size - 40);
    const cut = readFileSync(file, "latin1");
    assert.deepEqual(await ledger.verify(), { ok: true, lines: 1, sealed: 0, cutEnd: true });
    await open().append({ ...entry, id: "3" });
    assert.ok(readFileSync(file, "latin1").startsWith(`${cut}\n`));
    assert.deepEqual(await ledger.verify(), { ok: true, lines: 3, sealed: 1, cutEnd: false });
    assert.deepEqual((await ledger.read()).map(({ id }) => id), ["1", "3"]);
  });

  it("seals what a power cut left: zeros, and bytes of somebody else", async () => {
    const ledger = open();
    for (const junk of [Buffer.alloc(5000), Buffer.from([0xff, 0xc3, 0x28, 0x0a, 0x7b]), Buffer.alloc(20_000, "x")]) {
      await ledger.append(entry);
      appendFileSync(file, junk);
    }
    await ledger.append(entry);
    assert.deepEqual(await ledger.verify(), { ok: true, lines: 7, sealed: 3, cutEnd: false });
  });

  it("finds its end behind a line that is longer than what it reads at first", async () => {
    const ledger = open();
    const files = Array.from({ length: 3000 }, (_, index) => ({ path: `src/file${String(index)}.ts`, startLine: 1, endLine: 2 }));
    await ledger.append({ ...entry, files });
    await ledger.append(entry);
    assert.deepEqual(await ledger.verify(), { ok: true, lines: 2, sealed: 0, cutEnd: false });
  });

  it("says where somebody changed it", async () => {
    const ledger = open();
    for (const id of ["1", "2", "3"]) await ledger.append({ ...entry, id });
    writeFileSync(file, readFileSync(file, "utf8").replace('"id":"2"', '"id":"9"'));
    assert.deepEqual(await ledger.verify(), { ok: false, brokenAt: 3, why: "it does not follow from the line before: a line was changed, removed or added" });
  });

  it("rejects where it cannot write, and writes again when it can", async () => {
    const ledger = open();
    mkdirSync(file, { recursive: true });
    await assert.rejects(ledger.append(entry), { code: process.platform === "win32" ? /^E(ISDIR|PERM|BADF)$/ : "EISDIR" });
    rmSync(file, { recursive: true });
    await ledger.append(entry);
    assert.equal((await ledger.read()).length, 1);
  });

  it("counts today's bytes, also those of another window, and tells of each line", async () => {
    const ledger = open();
    let changes = 0;
    ledger.onChange(() => { changes += 1; });
    await ledger.append(entry);
    await open().append({ ...entry, id: "b" });
    assert.equal(await ledger.bytesToday(), 200);
    assert.ok(changes >= 1);
  });

  it("knows which of its requests are on their way; to another window they are unknown", async () => {
    const ledger = open();
    await ledger.append(entry);
    assert.deepEqual([(await ledger.requests())[0]?.state, (await open().requests())[0]?.state], ["sending", "unknown"]);
    await ledger.append({ ...entry, event: "done" });
    assert.equal((await ledger.requests())[0]?.state, "done");
  });

  describe("its lock", () => {
    const lockFolder = (): string => path.join(folder, "lock");
    const held = (): string => readdirSync(lockFolder()).join();

    it("lets one work at a time, and the next when that one failed", async () => {
      let inside = 0;
      const work = async (): Promise<void> => {
        inside += 1;
        assert.equal(inside, 1);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        throw new Error("failed");
      };
      const locks = Array.from({ length: 8 }, () => createFileLock(lockFolder(), "the ledger"));
      const found = await Promise.allSettled(locks.map((lock) => lock.hold(work)));
      assert.ok(found.every((one) => one.status === "rejected" && (one.reason as Error).message === "failed"));
      assert.equal(held(), "free");
    });

    it("is taken from a process that died with it", async () => {
      await assert.rejects(promisify(execFile)(process.execPath, ["--import=tsx", "test/support/dieWithLock.ts", lockFolder()]), KILLED_ITSELF);
      assert.match(held(), /^held-/);
      assert.equal(await createFileLock(lockFolder(), "the ledger").hold(async (stillHeld) => stillHeld()), true);
      assert.equal(held(), "free");
    });

    it("is taken from an earlier process with the same number", async () => {
      await createFileLock(lockFolder(), "the ledger").hold(async () => {
        const name = held();
        renameSync(path.join(lockFolder(), name), path.join(lockFolder(), name.replace(/-\d{13}-/, "-1000000000000-")));
      });
      assert.match(held(), /^held-.*-1000000000000-/);
      await createFileLock(lockFolder(), "the ledger").hold(async () => undefined);
      assert.equal(held(), "free");
    });

    it("is taken from a living process that hangs, and waited for when it does not, but not for ever", async () => {
      await createFileLock(lockFolder(), "the ledger").hold(async () => {
        await assert.rejects(createFileLock(lockFolder(), "the ledger", { hangsAfterMs: 10_000, patienceMs: 30 }).hold(async () => undefined), /another window holds the ledger/);
        await createFileLock(lockFolder(), "the ledger", { hangsAfterMs: 30, patienceMs: 10_000 }).hold(async () => undefined);
      });
      assert.equal(held(), "free");
    });

    it("that was taken away is noticed before anything is written", async () => {
      await createFileLock(lockFolder(), "the ledger").hold(async (stillHeld) => {
        renameSync(path.join(lockFolder(), held()), path.join(lockFolder(), "held-other"));
        assert.equal(await stillHeld(), false);
      });
    });

    it("says so where it cannot be made", async () => {
      writeFileSync(lockFolder(), "");
      // On Windows a folder takes the place of a file.
      const places = [path.join(lockFolder(), "inside"), ...(process.platform === "win32" ? [] : [lockFolder()])];
      for (const place of places) await assert.rejects(createFileLock(place, "the ledger").hold(async () => undefined));
      assert.ok(existsSync(lockFolder()));
    });
  });
});
