import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { commandLine, runCommand } from "../../../scripts/project";

describe("scripts/project", () => {
  it("starts a program as it is, and on Windows a batch file by its shell, each part in quotes", () => {
    assert.deepEqual(commandLine("/usr/bin/code", ["a b"], "linux"), { program: "/usr/bin/code", parts: ["a b"], verbatim: false });
    assert.deepEqual(commandLine("C:\\Code.exe", ["a b"], "win32"), { program: "C:\\Code.exe", parts: ["a b"], verbatim: false });
    const { program, parts, verbatim } = commandLine("C:\\My Programs\\code.CMD", ["--wait", "a b"], "win32");
    assert.match(program, /cmd\.exe$/i);
    assert.deepEqual([parts, verbatim], [["/d", "/s", "/c", '""C:\\My Programs\\code.CMD" "--wait" "a b""'], true]);
  });

  it("runs a script of the system from a folder with a space, and hands its arguments over whole", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight script-"));
    try {
      const script = path.join(folder, "say it.cmd");
      writeFileSync(script, process.platform === "win32" ? "@echo %2\r\n" : '#!/bin/sh\necho "$2"\n', { mode: 0o755 });
      assert.match(await runCommand(script, ["--say", "a & b"], { quiet: true }), /^"?a & b"?\r?\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
