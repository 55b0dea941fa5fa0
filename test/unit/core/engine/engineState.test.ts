import assert from "node:assert/strict";
import { describeModelFailure, type ModelFailure } from "../../../../src/core/engine/engineState";

const CODES: readonly ModelFailure["code"][] = [
  "missing", "unreadable", "notGguf", "truncated", "damaged", "unsupportedArchitecture", "unknownFamily", "noVocabulary",
  "insufficientMemory", "libraryRefused", "timedOut", "crashedWhileLoading",
];

describe("core/engine/engineState", () => {
  for (const code of CODES) {
    it(`${code}: names the file, what is wrong and what to do, not the folder`, () => {
      const words = describeModelFailure({ role: "completion", path: "/home/somebody/models/tiny.gguf", code, detail: "this is wrong" });
      assert.match(words, /^tiny\.gguf: this is wrong\. [A-Z].+\.$/);
      assert.ok(!words.includes("somebody"));
    });
  }

  it("knows the other kind of path", () => {
    assert.match(describeModelFailure({ role: "chat", path: "C:\\models\\tiny.gguf", code: "missing", detail: "gone" }), /^tiny\.gguf: gone\./);
  });
});
