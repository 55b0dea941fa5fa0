import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomNumbers } from "../../../../models/starter/train/random";
import { abortError, neverAborted } from "../../../../src/core/util/abort";
import { silentLog } from "../../../../src/core/util/log";
import { ModelIdentities } from "../../../../src/services/models/modelIdentity";
import { checkPeriodically } from "../../../../src/services/models/periodicCheck";
import { removeFolder } from "../../../support/removeFolder";

const HOUR = 3_600_000;
const SIZE = 300_000;

describe("services/models: bytes that change under a known file", () => {
  let folder = "";
  let now = 0;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ghostlight-bits-"));
    now = Date.now() + HOUR;
  });
  afterEach(() => { removeFolder(folder); });
  const model = (): string => join(folder, "m.gguf");
  const store = (): string => join(folder, "models.json");
  const identities = (): ModelIdentities => new ModelIdentities(store(), () => now);
  const noPace = (): Promise<void> => Promise.resolve();

  async function accepted(): Promise<void> {
    writeFileSync(model(), Buffer.alloc(SIZE, 7));
    const found = await identities().identify(model(), neverAborted);
    if (found.identity === "new" || found.identity === "changed") identities().accept(model(), found.hashed);
  }
  /** Turns a bit where it stands. */
  function flip(at: number, bit = 0): void {
    const descriptor = openSync(model(), "r+");
    writeSync(descriptor, Buffer.from([(readFileSync(model())[at] ?? 0) ^ (1 << bit)]), 0, 1, at);
    closeSync(descriptor);
  }
  /** What the store says of the file's times, made to agree with the disk: a flip below the file system changes neither. */
  function forgetTimes(): void {
    const known = JSON.parse(readFileSync(store(), "utf8")) as Record<string, Record<string, number>>;
    const { mtimeMs, ctimeMs } = statSync(model());
    Object.assign(known[model()] ?? {}, { modified: mtimeMs, changed: ctimeMs });
    writeFileSync(store(), JSON.stringify(known));
  }

  const DAMAGES = process.env["GHOSTLIGHT_FULL"] === "1" ? 500 : 60;
  it(`${String(DAMAGES)} flips, blocks of zeros and truncations are found before the file is loaded, also where its time was set back`, async () => {
    const random = randomNumbers(3);
    const whole = (below: number): number => Math.floor(random() * below);
    for (let damage = 0; damage < DAMAGES; damage++) {
      // The clock as it is: the damage comes within the tick of the file system's.
      now = Date.now();
      await accepted();
      const { atimeMs, mtimeMs } = statSync(model());
      const kind = damage % 3;
      if (kind === 0) flip(whole(SIZE), whole(8));
      else if (kind === 1) truncateSync(model(), whole(SIZE));
      else {
        const descriptor = openSync(model(), "r+");
        writeSync(descriptor, Buffer.alloc(4_096), 0, 4_096, whole(SIZE - 4_096));
        closeSync(descriptor);
      }
      if (whole(2) === 0) utimesSync(model(), atimeMs / 1_000, mtimeMs / 1_000);
      assert.equal((await identities().identify(model(), neverAborted)).identity, "changed", String(damage));
    }
  }).timeout(60_000);

  it("a file that was read right after it changed is read once more, and then no more", async () => {
    now = Date.now();
    await accepted();
    flip(5);
    forgetTimes();
    assert.equal((await identities().identify(model(), neverAborted)).identity, "changed");
    flip(5);
    now += 10_000;
    assert.equal((await identities().identify(model(), neverAborted)).identity, "known");
    flip(5);
    forgetTimes();
    assert.equal((await identities().identify(model(), neverAborted)).identity, "known", "nothing is read again after that");
  });

  it("a change whose time was set back long after is seen: the time of the change itself cannot be set", async () => {
    await accepted();
    const { atimeMs, mtimeMs } = statSync(model());
    flip(77);
    utimesSync(model(), atimeMs / 1_000, mtimeMs / 1_000);
    const known = JSON.parse(readFileSync(store(), "utf8")) as Record<string, Record<string, number>>;
    // As if the acceptance were older than a tick of the file system's clock, and the time that was set back exact.
    Object.assign(known[model()] ?? {}, { modified: statSync(model()).mtimeMs, changed: statSync(model()).ctimeMs - 60_000 });
    writeFileSync(store(), JSON.stringify(known));
    assert.equal((await identities().identify(model(), neverAborted)).identity, "changed");
  });

  it("a flip that changes neither size nor time is not seen at a load, and found by reading again", async () => {
    await accepted();
    flip(1_000);
    forgetTimes();
    assert.equal((await identities().identify(model(), neverAborted)).identity, "known");
    const found = await identities().recheck(model(), noPace, neverAborted);
    assert.equal(found.found, "changed");
    assert.equal((await identities().identify(model(), neverAborted)).identity, "changed", "it is asked about from now on");
  });

  it("a file is due a good while before a day has passed since it was read, and not before", async () => {
    await accepted();
    assert.deepEqual(identities().due(), []);
    now += 19 * HOUR;
    assert.deepEqual(identities().due(), []);
    now += 2 * HOUR;
    assert.deepEqual(identities().due(), [model()]);
    assert.deepEqual(await identities().recheck(model(), noPace, neverAborted), { found: "same" });
    assert.deepEqual(identities().due(), []);
  });

  it("a store of an older version is due at once and keeps its file known", async () => {
    await accepted();
    const known = JSON.parse(readFileSync(store(), "utf8")) as Record<string, Record<string, unknown>>;
    for (const entry of Object.values(known)) { delete entry["changed"]; delete entry["checked"]; }
    writeFileSync(store(), JSON.stringify(known));
    assert.equal((await identities().identify(model(), neverAborted)).identity, "known");
    assert.deepEqual(identities().due(), [model()]);
  });

  it("missing and unknown files are no finding", async () => {
    await accepted();
    rmSync(model());
    assert.deepEqual(await identities().recheck(model(), noPace, neverAborted), { found: "unknown" });
    assert.deepEqual(await identities().recheck(join(folder, "other.gguf"), noPace, neverAborted), { found: "unknown" });
  });

  it("in the background: begins late, reads slowly, tells what changed, and looks again", async () => {
    await accepted();
    now += 30 * HOUR;
    flip(2_000);
    forgetTimes();
    const waits: number[] = [];
    const told: string[] = [];
    const stop = new AbortController();
    const wait = (milliseconds: number, signal: AbortSignal): Promise<void> => {
      waits.push(milliseconds);
      if (waits.filter((time) => time > 1_000).length > 2) stop.abort();
      return signal.aborted ? Promise.reject(abortError()) : Promise.resolve();
    };
    await checkPeriodically({ identities: identities(), wait, onChanged: (path) => told.push(path), log: silentLog }, stop.signal);
    assert.equal(waits[0], 5 * 60_000);
    assert.ok(waits.includes(40) && waits.includes(30 * 60_000), waits.join());
    assert.ok(told.length >= 1 && told.every((path) => path === model()));
  });

  it("stopped in the middle of a file, it ends", async () => {
    await accepted();
    now += 30 * HOUR;
    const stop = new AbortController();
    const wait = (milliseconds: number, signal: AbortSignal): Promise<void> => {
      if (milliseconds === 40) stop.abort();
      return signal.aborted ? Promise.reject(abortError()) : Promise.resolve();
    };
    await checkPeriodically({ identities: identities(), wait, onChanged: () => assert.fail("nothing changed"), log: silentLog }, stop.signal);
    assert.deepEqual(identities().due(), [model()]);
  });
});
