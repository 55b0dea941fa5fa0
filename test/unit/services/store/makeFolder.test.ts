import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeFolder } from "../../../../src/services/store/makeFolder";

describe("services/store: making a folder", () => {
  let root = "";
  beforeEach(() => { root = mkdtempSync(path.join(tmpdir(), "ghostlight-folder-")); });
  afterEach(() => { rmSync(root, { recursive: true, force: true }); });

  it("makes those above it too, and leaves what is there", async () => {
    const folder = path.join(root, "a", "b", "c");
    await makeFolder(folder);
    writeFileSync(path.join(folder, "kept"), "");
    await Promise.all([makeFolder(folder), makeFolder(path.join(root, "a")), makeFolder(path.parse(root).root)]);
    assert.ok(statSync(path.join(folder, "kept")).isFile());
  });

  it("says that a file stands in its place, or above it", async () => {
    writeFileSync(path.join(root, "file"), "");
    await assert.rejects(makeFolder(path.join(root, "file")), { code: "EEXIST" });
    await assert.rejects(makeFolder(path.join(root, "file", "a", "b")), { code: "ENOTDIR" });
  });

  it("ends at a name that the disk cannot hold", async () => {
    await assert.rejects(makeFolder(path.join(root, "n".repeat(300), "a", "b")), { code: process.platform === "win32" ? "EINVAL" : "ENAMETOOLONG" });
  });

  it("ends where the system says, as Windows does, that what is above is missing although it is there", async () => {
    mkdirSync(path.join(root, "there"));
    const asked: string[] = [];
    const odd = async (folder: string): Promise<unknown> => {
      asked.push(path.relative(root, folder));
      if (path.basename(folder) === "a?b") throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
      return mkdir(folder);
    };
    await assert.rejects(makeFolder(path.join(root, "there", "a?b"), odd), { code: "EINVAL" });
    assert.deepEqual(asked, [path.join("there", "a?b"), "there", path.join("there", "a?b")]);
  });
});
