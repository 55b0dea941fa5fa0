import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neverAborted } from "../../../../src/core/util/abort";
import { ModelIdentities } from "../../../../src/services/models/modelIdentity";
import { findStarterModel } from "../../../../src/services/models/starterModel";

describe("services/models", () => {
  let folder = "";
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "ghostlight-models-")); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  const model = (): string => join(folder, "m.gguf");
  const identities = (): ModelIdentities => new ModelIdentities(join(folder, "store", "models.json"));

  it("a file is new until it is accepted, then known, also to the next session", async () => {
    writeFileSync(model(), "weights");
    const first = await identities().identify(model(), neverAborted);
    assert.ok(first.identity === "new");
    identities().accept(model(), first.hashed);
    assert.equal((await identities().identify(model(), neverAborted)).identity, "known");
  });

  it("other bytes under the same path are changed, with both hashes, until accepted", async () => {
    writeFileSync(model(), "weights");
    const first = await identities().identify(model(), neverAborted);
    assert.ok(first.identity === "new");
    identities().accept(model(), first.hashed);
    writeFileSync(model(), "WEIGHTS");
    utimesSync(model(), 1, 1);
    const second = await identities().identify(model(), neverAborted);
    assert.ok(second.identity === "changed");
    assert.equal(second.previous, first.sha256);
    assert.notEqual(second.sha256, first.sha256);
    assert.equal((await identities().identify(model(), neverAborted)).identity, "changed");
  });

  it("what was accepted is the file that was hashed, not what stands there when the answer comes", async () => {
    writeFileSync(model(), "weights");
    const first = await identities().identify(model(), neverAborted);
    assert.ok(first.identity === "new");
    writeFileSync(model(), "weights and more");
    identities().accept(model(), first.hashed);
    assert.equal((await identities().identify(model(), neverAborted)).identity, "changed");
  });

  it("a touched file with the same bytes stays known", async () => {
    writeFileSync(model(), "weights");
    const first = await identities().identify(model(), neverAborted);
    assert.ok(first.identity === "new");
    identities().accept(model(), first.hashed);
    utimesSync(model(), 5, 5);
    assert.equal((await identities().identify(model(), neverAborted)).identity, "known");
  });

  it("a missing file and a folder are missing; a damaged store knows nothing", async () => {
    assert.equal((await identities().identify(model(), neverAborted)).identity, "missing");
    assert.equal((await identities().identify(folder, neverAborted)).identity, "missing");
    writeFileSync(model(), "weights");
    writeFileSync(join(folder, "models.json"), "{ half");
    assert.equal((await new ModelIdentities(join(folder, "models.json")).identify(model(), neverAborted)).identity, "new");
  });

  it("hashing stops when nobody wants it", async () => {
    writeFileSync(model(), "weights");
    await assert.rejects(identities().identify(model(), AbortSignal.abort()), { name: "AbortError" });
  });

  it("the bundled starter is the one that its manifest names", async () => {
    const starter = await findStarterModel(process.cwd(), neverAborted);
    assert.ok(starter.path?.endsWith("ghostlight-starter.gguf"));
  });

  it("without a manifest, or with another file, the starter is not used and says why", async () => {
    const missing = await findStarterModel(folder, neverAborted);
    assert.ok(missing.path === undefined && /manifest/.test(missing.reason));
  });
});
