import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { renameOver, renameOverSync } from "../../../../src/services/store/renameOver";

/** Fails so many times with this code, then does nothing. */
function failing(times: number, code: string): { readonly calls: string[]; readonly move: (from: string, to: string) => void; readonly rename: (from: string, to: string) => Promise<void> } {
  const calls: string[] = [];
  const move = (from: string, to: string): void => {
    calls.push(`${from} ${to}`);
    if (calls.length <= times) throw Object.assign(new Error(code), { code });
  };
  return { calls, move, rename: async (from, to) => { move(from, to); } };
}

describe("services/store: renaming over a file", () => {
  for (const code of ["EPERM", "EACCES", "EBUSY"]) {
    it(`on Windows ${code} is waited out, because somebody has the file open`, async () => {
      const { calls, rename } = failing(3, code);
      await renameOver("a", "b", { platform: "win32", rename });
      assert.deepEqual(calls, ["a b", "a b", "a b", "a b"]);
      const sync = failing(3, code);
      renameOverSync("a", "b", "win32", sync.move);
      assert.equal(sync.calls.length, 4);
    });
  }

  it("not without end: then it rejects with what the system said", async () => {
    await assert.rejects(renameOver("a", "b", { platform: "win32", rename: failing(Infinity, "EPERM").rename }), { code: "EPERM" });
    assert.throws(() => { renameOverSync("a", "b", "win32", failing(Infinity, "EPERM").move); }, { code: "EPERM" });
  });

  for (const [platform, code] of [["linux", "EPERM"], ["darwin", "EACCES"], ["win32", "ENOENT"], ["win32", "ENOSPC"]] as const) {
    it(`${code} on ${platform} is told at once`, async () => {
      const { calls, rename } = failing(1, code);
      await assert.rejects(renameOver("a", "b", { platform, rename }), { code });
      assert.equal(calls.length, 1);
      assert.throws(() => { renameOverSync("a", "b", platform, failing(1, code).move); }, { code });
    });
  }

  it("a file that somebody reads is replaced once they have closed it", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "ghostlight-over-"));
    try {
      const [from, to] = [path.join(folder, "new"), path.join(folder, "file")];
      writeFileSync(from, "new");
      writeFileSync(to, "old");
      const reader = await open(to, "r");
      const replaced = renameOver(from, to);
      await new Promise(setImmediate);
      await reader.close();
      await replaced;
      assert.equal(readFileSync(to, "utf8"), "new");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
