import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { neverAborted } from "../../../../src/core/util/abort";
import { RecallStore } from "../../../../src/services/store/recallStore";
import { whereThereAre } from "../../../support/systemParts";

const bytes = (...numbers: number[]): Uint8Array => Uint8Array.from(numbers);

describe("services/store: recall's index", () => {
  let folder = "";
  let store: RecallStore;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "recall-store-"));
    store = new RecallStore(path.join(folder, "storage"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is not there before it was written, and comes back as it was", async () => {
    assert.equal(await store.read(), undefined);
    await store.write([bytes(1, 2), undefined, bytes(3)], neverAborted);
    assert.deepEqual([...(await store.read()) ?? []], [1, 2, 3]);
    assert.deepEqual(await readdir(path.join(folder, "storage")), ["recall.index"]);
  });

  whereThereAre("file modes", () => {
    it("is for the person alone", async () => {
      await store.write([bytes(1)], neverAborted);
      assert.equal((await stat(path.join(folder, "storage", "recall.index"))).mode & 0o077, 0);
    });
  });

  it("stays as it was when writing is given up or fails half-way", async () => {
    await store.write([bytes(1)], neverAborted);
    const stop = new AbortController();
    const pieces = function* (): Generator<Uint8Array> {
      yield bytes(9);
      stop.abort();
      yield bytes(9);
    };
    await assert.rejects(store.write(pieces(), stop.signal));
    await assert.rejects(store.write((function* () { yield bytes(8); throw new Error("broken"); })(), neverAborted), /broken/);
    assert.deepEqual([...(await store.read()) ?? []], [1]);
  });

  it("is deleted whole, and nothing beside it", async () => {
    await store.write([bytes(1)], neverAborted);
    for (const name of ["recall.index.partial", "transcript.jsonl"]) await writeFile(path.join(folder, "storage", name), "x");
    await store.remove();
    assert.deepEqual(await readdir(path.join(folder, "storage")), ["transcript.jsonl"]);
    await store.remove();
  });
});
