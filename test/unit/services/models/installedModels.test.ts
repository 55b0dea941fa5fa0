import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInstalledModels, type InstalledModel } from "../../../../src/services/models/installedModels";

describe("installed models", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-installed-"));
    mkdirSync(path.join(folder, "models"));
  });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
  const open = () => createInstalledModels(path.join(folder, "installed.json"), () => path.join(folder, "models"), () => 7);
  const entry = (name: string, place = "models"): Omit<InstalledModel, "installedAt"> => ({ id: name, file: path.join(folder, place, `${name}.gguf`), name, sha256: "0".repeat(64), verified: true, size: 3, licence: "MIT" });
  const write = (file: string): string => {
    writeFileSync(file, "abc");
    return file;
  };

  it("are there for another window and after a restart", async () => {
    await open().add(entry("a"));
    await open().add(entry("b"));
    assert.deepEqual(open().list().map(({ id, installedAt }) => [id, installedAt]), [["a", 7], ["b", 7]]);
  });

  it("all stay when several windows add at once", async () => {
    await Promise.all(["a", "b", "c", "d"].map((name) => open().add(entry(name))));
    assert.deepEqual(open().list().map(({ id }) => id).sort(), ["a", "b", "c", "d"]);
  });

  it("are deleted with their file where it lies in the own folder", async () => {
    await open().add(entry("a"));
    const file = write(entry("a").file);
    await open().remove(file);
    assert.deepEqual([existsSync(file), open().list()], [false, []]);
  });

  it("of another place are forgotten, and their file stays", async () => {
    const file = write(entry("a", ".").file);
    await open().add(entry("a", "."));
    await open().remove(file);
    assert.deepEqual([existsSync(file), open().list()], [true, []]);
  });

  it("that are links lose the link and not what it leads to", async () => {
    const target = write(path.join(folder, "theirs.gguf"));
    symlinkSync(target, entry("a").file);
    await open().remove(entry("a").file);
    assert.deepEqual([existsSync(target), existsSync(entry("a").file)], [true, false]);
  });

  it("remember a measurement, of a file that was not installed too", async () => {
    await open().measured("/elsewhere/m.gguf", { name: "M", size: 5 }, { prefill: 90, decode: 8 });
    await open().add(entry("a"));
    await open().measured(entry("a").file, { name: "a", size: 3 }, { prefill: 50, decode: 5 });
    assert.deepEqual(open().list().map(({ name, measured }) => [name, measured?.decode]), [["M", 8], ["a", 5]]);
  });

  it("begin anew where the list is damaged", async () => {
    writeFileSync(path.join(folder, "installed.json"), "{");
    await open().add(entry("a"));
    assert.equal(open().list().length, 1);
  });
});
