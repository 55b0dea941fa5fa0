import assert from "node:assert/strict";
import { exitCodeWords, libraryHint } from "../../../../src/core/engine/processEnd";

describe("core/engine/processEnd", () => {
  for (const [code, words] of [
    [0, "exit code 0"],
    [1, "exit code 1"],
    [0xc0000005, "crash 0xC0000005"],
    [0xc0000409, "crash 0xC0000409"],
    [70, "its library does not start on this machine"],
  ] as const) {
    it(`${String(code)}: ${words}`, () => { assert.equal(exitCodeWords(code), words); });
  }

  it("each system's hint says what the library needs there", () => {
    assert.match(libraryHint("win32"), /Visual C\+\+ Redistributable/);
    assert.match(libraryHint("linux"), /glibc 2\.34/);
    assert.match(libraryHint("darwin"), /macOS 14/);
    for (const platform of ["win32", "linux", "darwin", "freebsd"]) assert.match(libraryHint(platform), /restart the engine\.$/i);
  });
});
