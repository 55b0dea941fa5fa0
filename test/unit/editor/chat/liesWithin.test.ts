import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liesWithin } from "../../../../src/editor/chat/liesWithin";
import { linkFolder, whereThereAre } from "../../../support/systemParts";

describe("editor/chat: a cited file lies in the workspace", () => {
  let base: string;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), "ghostlight-within-"));
    for (const folder of ["work/src", "workshop", "outside"]) await mkdir(join(base, folder), { recursive: true });
    for (const file of ["work/src/a.ts", "workshop/a.ts", "outside/secret"]) await writeFile(join(base, file), "");
    linkFolder(join(base, "outside"), join(base, "work/folder"));
    linkFolder(join(base, "work/src"), join(base, "work/inner"));
    linkFolder(join(base, "work"), join(base, "linked-root"));
    linkFolder(join(base, "work/loop"), join(base, "work/loop"));
  });
  after(() => rm(base, { recursive: true, force: true }));

  const cases: [string, string, boolean][] = [
    ["work/src/a.ts", "work", true],
    ["work/inner/a.ts", "work", true],
    ["linked-root/src/a.ts", "work", true],
    ["work/src/a.ts", "linked-root", true],
    ["work", "work", false],
    ["workshop/a.ts", "work", false],
    ["work/folder/secret", "work", false],
    ["work/../outside/secret", "work", false],
    ["work/missing.ts", "work", false],
    ["work/loop", "work", false],
  ];
  for (const [path, folder, expected] of cases) {
    it(`${path} in ${folder}: ${expected}`, async () => assert.equal(await liesWithin(join(base, path), join(base, folder)), expected));
  }

  whereThereAre("links to files", () => {
    it("a link to a file outside: false", async () => {
      await symlink(join(base, "outside/secret"), join(base, "work/link"));
      assert.equal(await liesWithin(join(base, "work/link"), join(base, "work")), false);
    });
  });
});
