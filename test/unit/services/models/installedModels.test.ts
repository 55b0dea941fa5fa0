import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { neverAborted } from "../../../../src/core/util/abort";
import { createInstalledModels, type InstalledModels, type ModelFacts } from "../../../../src/services/models/installedModels";
import { ModelIdentities } from "../../../../src/services/models/modelIdentity";
import { hashOfParts } from "../../../../src/services/models/modelFiles";
import { modelBytes, sha256Of } from "../../../support/modelServer";
import { linkFolder, whereThereAre } from "../../../support/systemParts";
import { removeFolder } from "../../../support/removeFolder";

const bytes = modelBytes(5_000);
const sha256 = sha256Of(bytes);

describe("the installed models", () => {
  let root = "";
  let models: InstalledModels;
  const ours = (...names: string[]): string => path.join(root, "models", ...names);
  const theirs = (...names: string[]): string => path.join(root, "elsewhere", ...names);
  const listFile = (): string => path.join(root, "store", "installed.json");
  const identities = (): ModelIdentities => new ModelIdentities(path.join(root, "store", "identities.json"));
  const open = (): InstalledModels => createInstalledModels({ listFile: listFile(), modelsFolder: ours(), identities: identities(), clock: () => 0 });
  const facts = (id: string, more: Partial<ModelFacts> = {}): ModelFacts => ({ id, name: id.toUpperCase(), source: { how: "download", url: "https://example.com/m.gguf?token=1", repository: null, revision: null, place: null }, licence: "MIT", licenceAcceptedAt: null, uses: [], ...more });
  const written = (file: string, content: Uint8Array = bytes): string => { mkdirSync(path.dirname(file), { recursive: true }); writeFileSync(file, content); return file; };
  const nothing = (): void => undefined;

  beforeEach(() => { root = mkdtempSync(path.join(os.tmpdir(), "ghostlight-installed-")); models = open(); });
  afterEach(() => { models.dispose(); removeFolder(root); });

  async function added(id: string, more: Partial<ModelFacts> = {}): Promise<string> {
    const file = written(ours(id, `${id}.gguf`));
    await models.add({ file, sha256, size: bytes.length, verified: true }, facts(id, more));
    return file;
  }

  it("are remembered with what was told of them, without the query of their address, and known when they are loaded", async () => {
    const file = await added("a");
    const [listed] = await open().list();
    assert.deepEqual([listed?.standing, listed?.own, listed?.model.sha256, listed?.model.source.url, listed?.model.installedAt], ["sound", true, sha256, "https://example.com/m.gguf", "1970-01-01T00:00:00.000Z"]);
    assert.equal((await identities().identify(file, neverAborted)).identity, "known");
  });

  it("are changed by several windows at once, and no change is lost", async () => {
    const windows = Array.from({ length: 8 }, open);
    await Promise.all(windows.map(async (window, index) => {
      const file = written(ours(`m${String(index)}`, "m.gguf"));
      await window.add({ file, sha256, size: bytes.length, verified: false }, facts(`m${String(index)}`));
      await window.change(`m${String(index)}`, { speeds: { prefill: index, decode: 1, measuredAt: new Date(0).toISOString(), conditions: "8 threads" } });
      window.dispose();
    }));
    assert.deepEqual((await models.list()).map(({ model }) => model.speeds?.prefill).sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("give a use to one model at a time", async () => {
    await added("a", { uses: ["completion", "chat"] });
    await added("b");
    await models.change("b", { uses: ["chat"] });
    assert.deepEqual((await models.list()).map(({ model }) => model.uses), [["completion"], ["chat"]]);
  });

  it("tell other windows", async () => {
    await added("a");
    const other = open();
    const heard = new Promise<void>((resolve) => { other.onChange(resolve); });
    await models.change("a", { name: "B" });
    await heard;
    other.dispose();
  });

  it("are adopted where they lie, never copied, and verified only by a catalog's hash", async () => {
    const file = written(theirs("blob.gguf"));
    const adopted = await models.adopt(file, facts("x", { source: { how: "adopted", url: null, repository: null, revision: null, place: "LM Studio" } }), null, nothing, neverAborted);
    assert.ok(typeof adopted === "object" && !adopted.verified && adopted.sha256 === sha256);
    const known = await models.adopt(file, facts("y"), sha256, nothing, neverAborted);
    assert.ok(typeof known === "object" && known.verified);
    assert.equal(existsSync(ours()), false);
    assert.equal(await models.adopt(theirs("none.gguf"), facts("z"), null, nothing, neverAborted), "missing");
  });

  it("are deleted with their folder when it is ours, and the file of another program stays", async () => {
    const file = await added("a");
    mkdirSync(ours("a", ".downloads", "a.gguf", "lock"), { recursive: true });
    const foreign = written(theirs("blob.gguf"));
    await models.adopt(foreign, facts("x"), null, nothing, neverAborted);
    assert.deepEqual([await models.remove("a"), await models.remove("x"), await models.remove("y")], [{ removal: "removed", fileDeleted: true }, { removal: "removed", fileDeleted: false }, { removal: "unknown" }]);
    assert.deepEqual([existsSync(file), existsSync(ours("a")), existsSync(foreign), await models.list()], [false, false, true, []]);
  });

  whereThereAre("links to files", () => {
    it("never lead a deletion out of our folder", async () => {
      const outside = written(theirs("keep.gguf"));
      mkdirSync(ours("d"), { recursive: true });
      linkFolder(theirs(), ours("link"));
      symlinkSync(outside, ours("d", "alias.gguf"));
      for (const [index, file] of [ours("link", "keep.gguf"), ours("..", "elsewhere", "keep.gguf"), ours("d", "alias.gguf"), outside].entries()) {
        await models.add({ file, sha256, size: bytes.length, verified: true }, facts(`n${String(index)}`));
        await models.remove(`n${String(index)}`);
        assert.ok(existsSync(outside), file);
      }
      assert.equal(existsSync(ours("d", "alias.gguf")), false);
    });
  });

  it("are hashed again when size, time or inode changed, and only then", async () => {
    const file = await added("a");
    let read = 0;
    const verify = (always = false): ReturnType<InstalledModels["verify"]> => models.verify("a", always, (count) => { read = count; }, neverAborted);
    assert.deepEqual([(await verify()).verification, read], ["sound", 0]);
    assert.deepEqual([(await verify(true)).verification, read], ["sound", bytes.length]);
    utimesSync(file, 1, 1);
    assert.equal((await models.list())[0]?.standing, "changed");
    assert.equal((await verify()).verification, "sound");
    assert.equal((await models.list())[0]?.standing, "sound");
    const damaged = Buffer.from(bytes);
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    writeFileSync(file, damaged);
    utimesSync(file, 2, 2);
    const changed = await verify();
    assert.ok(changed.verification === "changed" && changed.found === sha256Of(damaged) && changed.model.sha256 === sha256);
    rmSync(file);
    assert.deepEqual([(await verify()).verification, (await models.list())[0]?.standing, (await models.verify("none", true, nothing, neverAborted)).verification], ["missing", "missing", "unknown"]);
  });

  it("survive a damaged list, which is kept beside", async () => {
    await added("a");
    const text = readFileSync(listFile(), "utf8");
    const list = JSON.parse(text) as { models: object[] };
    writeFileSync(listFile(), JSON.stringify({ ...list, models: [...list.models, { id: 3 }] }));
    assert.equal((await models.list()).length, 1);
    await added("b");
    assert.equal((await models.list()).length, 2);
    writeFileSync(listFile(), text.slice(0, 40));
    assert.deepEqual(await models.list(), []);
    await added("c");
    assert.equal(readFileSync(`${listFile()}.damaged`, "utf8"), text.slice(0, 40));
  });

  describe("in parts", () => {
    const pieces = [1, 2, 3].map((seed) => modelBytes(1_000 * seed, seed));
    const names = [1, 2, 3].map((number) => `s-0000${String(number)}-of-00003.gguf`);
    const parts = pieces.map((piece) => ({ size: piece.length, sha256: sha256Of(piece) }));
    const whole = hashOfParts(parts.map((part) => part.sha256));
    const place = (number: number): string => ours("s", names[number - 1] ?? "");
    beforeEach(async () => {
      for (const [index, piece] of pieces.entries()) written(place(index + 1), piece);
      await models.add({ file: place(1), sha256: whole, size: 6_000, verified: false, parts }, facts("s"));
    });

    it("have the size of all, are known when they are loaded, and changed with any of them", async () => {
      const [listed] = await open().list();
      assert.deepEqual([listed?.standing, listed?.model.size, listed?.model.sha256], ["sound", 6_000, whole]);
      assert.deepEqual(await identities().identify(place(1), neverAborted), { identity: "known", sha256: whole });
      utimesSync(place(2), 1, 1);
      assert.equal((await models.list())[0]?.standing, "changed");
      assert.equal((await models.verify("s", false, nothing, neverAborted)).verification, "sound");
      writeFileSync(place(2), modelBytes(2_000, 9));
      assert.equal((await models.verify("s", true, nothing, neverAborted)).verification, "changed");
      rmSync(place(2));
      assert.deepEqual([(await models.list())[0]?.standing, await models.verify("s", false, nothing, neverAborted)], ["missing", { verification: "missing", file: place(2) }]);
    });

    it("are adopted as one where they lie", async () => {
      for (const [index, piece] of pieces.entries()) written(theirs(names[index] ?? ""), piece);
      const adopted = await models.adopt(theirs(names[0] ?? ""), facts("t"), null, nothing, neverAborted);
      assert.ok(typeof adopted === "object");
      assert.deepEqual([adopted.sha256, adopted.size, adopted.parts?.length], [whole, 6_000, 3]);
      await models.remove("t");
      assert.ok(names.every((name) => existsSync(theirs(name))));
    });

    it("are all deleted, also where one is gone", async () => {
      rmSync(place(1));
      assert.deepEqual(await models.remove("s"), { removal: "removed", fileDeleted: true });
      assert.equal(existsSync(ours("s")), false);
    });
  });
});
