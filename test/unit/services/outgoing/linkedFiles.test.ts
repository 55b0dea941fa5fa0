import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { forbiddenTarget } from "../../../../src/services/outgoing/linkedFiles";
import { linkFolder, whereThereAre } from "../../../support/systemParts";

describe("a link to a file that may not leave", () => {
  let folder = "";
  before(() => {
    folder = realpathSync.native(mkdtempSync(path.join(os.tmpdir(), "ghostlight-links-")));
    mkdirSync(path.join(folder, "secret"));
    writeFileSync(path.join(folder, "secret", "a.ts"), "");
    writeFileSync(path.join(folder, "b.ts"), "");
    linkFolder(path.join(folder, "secret"), path.join(folder, "linked"));
  });
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  const policy = { neverCloud: (file: string) => (file.startsWith("secret/") ? "the policy says so" : undefined), neverIndex: () => undefined };
  const asked = (file: string) => forbiddenTarget(path.join(folder, file), [folder], policy);

  it("is forbidden through a linked folder", async () => {
    assert.match((await asked("linked/a.ts")) ?? "", /secret\/a\.ts/);
  });

  for (const file of ["b.ts", "missing.ts"]) {
    it(`${file} is not`, async () => {
      assert.equal(await asked(file), undefined);
    });
  }

  whereThereAre("links to files", () => {
    it("is forbidden with the rule and the target", async () => {
      symlinkSync("secret/a.ts", path.join(folder, "link.ts"));
      assert.equal(await asked("link.ts"), "it is a link to secret/a.ts, and the policy says so");
    });

    it("is not, where its target may leave", async () => {
      symlinkSync("b.ts", path.join(folder, "harmless.ts"));
      assert.equal(await asked("harmless.ts"), undefined);
    });
  });
});
