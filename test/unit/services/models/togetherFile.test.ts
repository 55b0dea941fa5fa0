import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { IDENTITY, rowOf } from "../../../../src/core/completion/together";
import { readTogether } from "../../../../src/services/models/togetherFile";

describe("services/models/togetherFile", () => {
  let folder = "";
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), "ghostlight-together-")); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
  const write = (text: string): void => {
    mkdirSync(path.join(folder, "models", "recall"), { recursive: true });
    writeFileSync(path.join(folder, "models", "recall", "together.json"), text);
  };

  it("the file that ships is usable", () => {
    const { weights, problem } = readTogether(".");
    assert.equal(problem, undefined);
    assert.notDeepEqual(weights, IDENTITY);
  });

  it("weights as they stand", () => {
    const weights = { ...IDENTITY, starter: { wholeLines: false, recall: rowOf({ bias: 1 }), own: rowOf({ bias: 2 }) } };
    write(JSON.stringify(weights));
    assert.deepEqual(readTogether(folder), { weights });
  });

  for (const [name, text] of [["missing", undefined], ["damaged", "{"], ["of another version", "{\"version\":2}"]] as const) {
    it(`${name}: each voice speaks for itself, and one sentence names the file`, () => {
      if (text !== undefined) write(text);
      const { weights, problem } = readTogether(folder);
      assert.equal(weights, IDENTITY);
      assert.match(problem ?? "", /together\.json is not usable: .+\. Reinstall Ghostlight\.$/);
    });
  }
});
