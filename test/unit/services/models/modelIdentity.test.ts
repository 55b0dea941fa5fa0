import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neverAborted } from "../../../../src/core/util/abort";
import { ModelIdentities } from "../../../../src/services/models/modelIdentity";
import { findStarterModel } from "../../../../src/services/models/starterModel";
import { sha256Of } from "../../../support/modelServer";
import { SUM_PROGRAM } from "../../../support/sumProgram";
import { removeFolder } from "../../../support/removeFolder";

describe("services/models", () => {
  let folder = "";
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "ghostlight-models-")); });
  afterEach(() => { removeFolder(folder); });

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

  describe("of a split model", () => {
    const parts = (): string[] => [1, 2, 3].map((number) => join(folder, `m-0000${String(number)}-of-00003.gguf`));
    const first = (): string => parts()[0] ?? "";
    const second = (): string => parts()[1] ?? "";
    const accepted = async (): Promise<string> => {
      for (const [index, part] of parts().entries()) writeFileSync(part, `weights ${String(index)}`);
      const found = await identities().identify(first(), neverAborted);
      assert.ok(found.identity === "new");
      identities().accept(first(), found.hashed);
      return found.sha256;
    };

    it("is one hash over those of all parts, as sha256sum makes it", async () => {
      const sha256 = await accepted();
      const sum = SUM_PROGRAM?.join(" ");
      const said = sum === undefined ? sha256Of(Buffer.from(parts().map((part) => `${sha256Of(readFileSync(part))}\n`).join(""))) : execFileSync("sh", ["-c", `${sum} m-*-of-*.gguf | cut -c1-64 | ${sum}`], { cwd: folder, encoding: "utf8" });
      assert.equal(said.slice(0, 64), sha256);
      assert.deepEqual(await identities().identify(first(), neverAborted), { identity: "known", sha256 });
    });

    it("is changed with any part, and missing with its name", async () => {
      const previous = await accepted();
      writeFileSync(second(), "WEIGHTS 1");
      utimesSync(second(), 1, 1);
      const changed = await identities().identify(first(), neverAborted);
      assert.ok(changed.identity === "changed" && changed.previous === previous);
      rmSync(second());
      assert.deepEqual(await identities().identify(first(), neverAborted), { identity: "missing", file: second() });
    });

    it("finds a bit that flipped in its second part under the same size and time", async () => {
      const previous = await accepted();
      const { atime, mtime } = statSync(second());
      writeFileSync(second(), "weightz 1");
      utimesSync(second(), atime, mtime);
      const found = await identities().recheck(first(), async () => undefined, neverAborted);
      assert.ok(found.found === "changed" && found.previous === previous);
      assert.equal((await identities().identify(first(), neverAborted)).identity, "changed");
    });

    it("that was remembered by its first part alone stays known while that one is the same", async () => {
      await accepted();
      const store = join(folder, "store", "models.json");
      const { size, mtimeMs, ino } = statSync(first());
      const old = { [first()]: { sha256: sha256Of(readFileSync(first())), size, modified: mtimeMs, inode: ino } };
      writeFileSync(store, JSON.stringify(old));
      assert.equal((await identities().identify(first(), neverAborted)).identity, "known");
      writeFileSync(second(), "other weights");
      assert.equal((await identities().identify(first(), neverAborted)).identity, "changed");
      writeFileSync(store, JSON.stringify(old));
      writeFileSync(first(), "weightz 0");
      assert.equal((await identities().identify(first(), neverAborted)).identity, "changed");
    });
  });
});
