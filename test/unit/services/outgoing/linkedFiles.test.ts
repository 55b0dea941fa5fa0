import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { forbiddenTarget } from "../../../../src/services/outgoing/linkedFiles";

describe("a link to a file that may not leave", () => {
  let folder = "";
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "ghostlight-links-")));
    mkdirSync(path.join(folder, "secret"));
    writeFileSync(path.join(folder, "secret", "a.ts"), "");
    writeFileSync(path.join(folder, "b.ts"), "");
    symlinkSync("secret/a.ts", path.join(folder, "link.ts"));
    symlinkSync("secret", path.join(folder, "linked"));
    symlinkSync("b.ts", path.join(folder, "harmless.ts"));
  });
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  const policy = { neverCloud: (file: string) => (file.startsWith("secret/") ? "the policy says so" : undefined), neverIndex: () => undefined };
  const asked = (file: string) => forbiddenTarget(path.join(folder, file), [folder], policy);

  it("is forbidden with the rule and the target", async () => {
    assert.equal(await asked("link.ts"), "it is a link to secret/a.ts, and the policy says so");
  });

  it("is forbidden through a linked folder too", async () => {
    assert.match((await asked("linked/a.ts")) ?? "", /secret\/a\.ts/);
  });

  for (const file of ["harmless.ts", "b.ts", "missing.ts"]) {
    it(`${file} is not`, async () => {
      assert.equal(await asked(file), undefined);
    });
  }
});
