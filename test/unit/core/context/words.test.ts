import assert from "node:assert/strict";
import { identifiersOf, looseName, splitWords, stem } from "../../../../src/core/context/words";

describe("words", () => {
  it("splits names", () => {
    assert.deepEqual(splitWords("parseHTTPHeader_v2"), ["parse", "HTTP", "Header", "v", "2"]);
    assert.deepEqual(splitWords("src/core/chat-view.ts"), ["src", "core", "chat", "view", "ts"]);
    assert.deepEqual(splitWords("größeÄndern"), ["größe", "Ändern"]);
  });
  it("forms of one word meet", () => {
    for (const words of [["exclude", "excludes", "excluded", "excluding"], ["trim", "trimmed", "trimming"], ["query", "queries"], ["class", "classes"], ["exclusion", "exclusions"]]) assert.equal(new Set(words.map(stem)).size, 1, words.map(stem).join());
  });
  it("short words and words in -ss stay", () => assert.deepEqual(["is", "bus", "pass", "string"].map(stem), ["is", "bus", "pass", "string"]));
  it("loose names", () => assert.equal(looseName("Completion_session-2"), "completionsession2"));
  it("identifiers once each", () => assert.deepEqual([...identifiersOf("let aa = aa + $b_2 - é1; 3x")], ["let", "aa", "$b_2", "é1"]));
});
