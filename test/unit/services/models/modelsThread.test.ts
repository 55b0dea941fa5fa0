import assert from "node:assert/strict";
import path from "node:path";
import { neverAborted } from "../../../../src/core/util/abort";
import { findModelsInThread, measureMemorySpeeds } from "../../../../src/services/models/modelsThread";
import { ModelFolder } from "../../../support/engineModels";
import { modelsWorkerBundle } from "../../../support/modelsWorkerBundle";

describe("services/models/modelsThread", () => {
  const models = new ModelFolder();
  let worker = "";
  let own = 0;
  before(async () => {
    worker = await modelsWorkerBundle();
    own = liveThreads();
  });
  after(() => { models.dispose(); });
  const broken = (source: string): string => models.file(`${String(source.length)}.cjs`, Buffer.from(source));

  it("measures with one thread and with two", async () => {
    for (const threads of [1, 2]) {
      const { readingSpeed = 0, multiplyingSpeed = 0 } = await measureMemorySpeeds(worker, threads, neverAborted);
      assert.ok(readingSpeed > 1e8 && multiplyingSpeed > 1e8, `${String(readingSpeed)}, ${String(multiplyingSpeed)}`);
    }
  });
  it("finds models as the search itself does", async () => {
    const file = models.model({ family: "qwen" });
    const { models: found } = await findModelsInThread(worker, [{ program: "folder", folder: models.path }], neverAborted);
    assert.deepEqual(found.map((model) => [model.path, model.use.usable]), [[file, true]]);
  });

  for (const [what, source] of [["throws", "throw new Error('no')"], ["ends at once", "process.exit(0)"], ["is missing", undefined]] as const) {
    it(`a thread that ${what} is an outcome`, async () => {
      const bad = source === undefined ? path.join(models.path, "none.js") : broken(source);
      assert.deepEqual(await measureMemorySpeeds(bad, 2, neverAborted), {});
      assert.match((await findModelsInThread(bad, [], neverAborted)).notes.join(), /look again/);
    });
  }
  it("stops when it is no longer wanted", async () => {
    const stop = new AbortController();
    const silent = broken("setInterval(() => undefined, 1000)");
    const measuring = measureMemorySpeeds(silent, 1, stop.signal);
    const finding = findModelsInThread(silent, [], stop.signal);
    stop.abort();
    await Promise.all([assert.rejects(measuring, /abort/i), assert.rejects(finding, /abort/i)]);
    await assert.rejects(measureMemorySpeeds(worker, 1, stop.signal), /abort/i);
    assert.equal(liveThreads(), own);
  });
  it("leaves no thread behind", async () => {
    await measureMemorySpeeds(worker, 2, neverAborted);
    await findModelsInThread(worker, [], neverAborted);
    assert.equal(liveThreads(), own);
  });
});

/** Worker threads of this process, as Node's own report counts them; the test runner has some of its own. */
function liveThreads(): number {
  return (process.report.getReport() as { readonly workers: unknown[] }).workers.length;
}
