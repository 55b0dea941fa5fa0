import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createEnvironmentValues } from "../../../../src/services/outgoing/environmentValues";
import { linkFolder, whereThereAre } from "../../../support/systemParts";

const signal = new AbortController().signal;

describe("environment values", () => {
  let folder = "";
  beforeEach(() => (folder = realpathSync.native(mkdtempSync(path.join(tmpdir(), "environment-")))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, text: string | Uint8Array): void {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  /** Values and kinds as they were written, other spellings left out. */
  async function plain(values: ReturnType<typeof createEnvironmentValues>): Promise<string[]> {
    const base64 = (text: string) => Buffer.from(text).toString("base64").replace(/=+$/, "");
    const all = await values.read(signal);
    return all.filter(({ value }) => !all.some((other) => base64(other.value) === value)).map(({ value, kind }) => `${kind}: ${value}`).sort();
  }

  it("are found in all folders but those of other people's code", async () => {
    write(".env", "A=quiet-otter");
    write("packages/shop/.env.local", "B=loud-heron");
    write("deploy/production.env", "C=calm-ibis-1");
    write("node_modules/x/.env", "D=left-alone-1");
    write(".git/.env", "E=left-alone-2");
    mkdirSync(path.join(folder, ".env.d"));
    assert.deepEqual(await plain(createEnvironmentValues({ folders: () => [folder] })), ["value of .env: quiet-otter", "value of deploy/production.env: calm-ibis-1", "value of packages/shop/.env.local: loud-heron"]);
  });

  it("a changed, a new and a deleted file count", async () => {
    let now = 0;
    const values = createEnvironmentValues({ folders: () => [folder], now: () => now });
    write(".env", "A=quiet-otter");
    assert.deepEqual(await plain(values), ["value of .env: quiet-otter"]);
    write(".env", "A=other-otter");
    assert.deepEqual(await plain(values), ["value of .env: other-otter"]);
    write("deep/.env", "B=loud-heron");
    now += 1_000;
    assert.deepEqual(await plain(values), ["value of .env: other-otter", "value of deep/.env: loud-heron"]);
    rmSync(path.join(folder, ".env"));
    assert.deepEqual(await plain(values), ["value of deep/.env: loud-heron"]);
  });

  it("a search that took long is not repeated at once, unless somebody says so", async () => {
    let now = 0;
    const values = createEnvironmentValues({ folders: () => [folder], now: () => (now += 50) });
    await values.read(signal);
    write(".env", "A=quiet-otter");
    assert.deepEqual(await plain(values), []);
    values.lookAgain();
    assert.deepEqual(await plain(values), ["value of .env: quiet-otter"]);
  });

  whereThereAre("links to files", () => {
    it("links: of files they are followed, of folders not, and a loop ends", async () => {
      write("outside/.env", "A=quiet-otter");
      mkdirSync(path.join(folder, "root"));
      symlinkSync(path.join(folder, "outside/.env"), path.join(folder, "root/.env"));
      linkFolder(path.join(folder, "root"), path.join(folder, "root/loop"));
      assert.deepEqual(await plain(createEnvironmentValues({ folders: () => [path.join(folder, "root")] })), ["value of .env: quiet-otter"]);
    });
  });

  it("limits hold, and the files nearest to the root come first", async () => {
    write("a/b/c/.env", "A=quiet-otter");
    write("z/.env", "B=loud-heron");
    assert.deepEqual(await plain(createEnvironmentValues({ folders: () => [folder], limits: { deepest: 1 } })), ["value of z/.env: loud-heron"]);
    assert.deepEqual(await plain(createEnvironmentValues({ folders: () => [folder], limits: { mostFiles: 1 } })), ["value of z/.env: loud-heron"]);
    assert.deepEqual(await plain(createEnvironmentValues({ folders: () => [folder], limits: { mostFolders: 3 } })), ["value of z/.env: loud-heron"]);
  });

  it("UTF-16, folders that are gone and files that are none give no error", async () => {
    write(".env", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("A=quiet-otter\r\n", "utf16le")]));
    mkdirSync(path.join(folder, "x.env"));
    assert.deepEqual(await plain(createEnvironmentValues({ folders: () => [folder, path.join(folder, "gone")] })), ["value of .env: quiet-otter"]);
  });

  it("stops when it is told to", async () => {
    const stopped = new AbortController();
    stopped.abort();
    await assert.rejects(createEnvironmentValues({ folders: () => [folder] }).read(stopped.signal), { name: "AbortError" });
  });
});
