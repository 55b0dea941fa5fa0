import assert from "node:assert/strict";
import type { EditorFocus } from "../../../../src/core/chat/answer";
import { INDEX_FOOTER } from "../../../../src/core/chat/answerText";
import { answerFromIndex } from "../../../../src/core/chat/indexAnswer";
import type { SymbolIndex } from "../../../../src/core/chat/symbolIndex";
import { indexedFiles } from "../../../support/indexedFiles";
import { KITCHEN } from "../../../support/kitchenFiles";

describe("answer from the index", () => {
  let kitchen: SymbolIndex;
  before(async () => (kitchen = await indexedFiles(KITCHEN, { exclusionOf: (file) => (file === ".env" ? "secret by name" : undefined) })));

  const ask = (text: string, focus?: EditorFocus) => answerFromIndex({ text, ...(focus ? { focus } : {}) }, kitchen);
  function says(question: string, ...parts: (string | RegExp)[]): void {
    it(question, () => {
      const { text } = ask(question);
      for (const part of parts) assert.ok(typeof part === "string" ? text.includes(part) : part.test(text), `${String(part)} is missing in:\n${text}`);
    });
  }

  describe("definitions", () => {
    const shelf = "[src/shelf.ts:5-17](src/shelf.ts#L5-L17)";
    says("where is MemoryShelf defined?", shelf, "export class MemoryShelf implements Shelf", "What is kept at home. Never sorted.", "put(name: string, unit: Unit): void");
    says("what is `MemoryShelf`", shelf);
    says("where is the memory shelf", shelf);
    says("what does memory_shelf do?", shelf);
    says("explain MemoryShelf.put", "[src/shelf.ts:9-11](src/shelf.ts#L9-L11)", "Puts a thing on the shelf, at its end.");
    says("signature of clean_floor", "def clean_floor(times=1)", "Sweeps the floor and mops it.");
    says("what does toLitres return", "export const toLitres = (grams: number): number");
    says("where is put defined", "is defined in 2 places", "src/shelf.ts#L9", "src/shelf.ts#L20");
    says("what does sweep do", "[tools/broom.py:1-2](tools/broom.py#L1-L2)");
    it("stands on the definition, its comment included", () => {
      assert.deepEqual(ask("where is toLitres").sources, [{ file: "src/unit.ts", startLine: 4, endLine: 5, tokens: 29 }]);
    });
  });

  describe("uses and callers", () => {
    says("who calls cookDinner?", "2 callers, 3 calls", "`washUp` at [src/dinner.ts:11](src/dinner.ts#L11), [src/dinner.ts:12](src/dinner.ts#L12)", "top level of the file at [test/dinner.test.ts:3]");
    says("where is Unit used", "src/shelf.ts#L9", "in `load`", "Imported in 1 file: [src/shelf.ts:2]");
    says("where is toLitres used in src/dinner.ts", "in `cookDinner`: `return toLitres(guests * 300);`");
    says("who calls washUp", "No call of `washUp` was found");
    says("where is readFile used", "`readFile` is used on 1 line", "in `load`");
    says("is anything unused?", "2 definitions in 6 files are named nowhere else", "- `washUp` (function) [src/dinner.ts:10]", "`clean_floor`");
    says("what does cookDinner call", "`toLitres` at [src/dinner.ts:7]", "defined in [src/unit.ts:5]");
    says("which classes implement Shelf", "1 type extends or implements `Shelf`", "`MemoryShelf` (class) [src/shelf.ts:5]");
  });

  describe("files, folders, imports", () => {
    says("what does src/unit.ts contain?", "typescript, 6 lines", "- `Unit` (enum) [src/unit.ts:2]", "- `toLitres` (function) [src/unit.ts:5]", "Imported by 2 files");
    says("what is in dinner.ts", "`cookDinner` (function)", "Imports from here: [src/shelf.ts:1](src/shelf.ts#L1), [src/unit.ts:1](src/unit.ts#L1)");
    says("what is in the src folder", "holds 3 indexed files", "[src/unit.ts:1]");
    says("which files import src/unit.ts", "2 files import", "[src/dinner.ts:2](src/dinner.ts#L2): `toLitres`", "[src/shelf.ts:2]");
    says("who imports node:fs/promises", "1 file imports `node:fs/promises`", "src/shelf.ts#L1");
    says("files that depend on shelf", "1 file imports [src/shelf.ts:1]", "src/dinner.ts#L1");
    says("which files mention mops", "`mops` stands in comments only", "tools/clean.py#L5");
    says("which tests cover cookDinner", "[test/dinner.test.ts:3]");
    says("which files import tools/broom.py", "[tools/clean.py:2]");
    says("which files import cookDinner", "[test/dinner.test.ts:1]");
    says("what does dinner.ts import", "2 imports", "`./shelf` [src/dinner.ts:1](src/dinner.ts#L1) → [src/shelf.ts:1]");
    says("list functions in src/dinner.ts", "2 function or method definitions", "`cookDinner`", "`washUp`");
    says("list all enums", "1 enum in the workspace", "`Unit`");
    says("which tests are there", "1 test file", "test/dinner.test.ts");
    says("list the methods of MemoryShelf", "2 members of `MemoryShelf`", "`MemoryShelf.load`");
    says("what does README.md contain", "`Kitchen` (section)", "`How to install` (section) [README.md:5]");
    says("what is this project?", "Keeps track of what is at home", "typescript (4 files)", "`src/` – 3 files", "Imported most");
    says("what does .env contain", "kept out of the index and of every prompt: secret by name");
  });

  describe("ideas and nothing", () => {
    says("how is water measured in litres", "Closest in the index", "`toLitres`");
    says("does MemoryShelf have a way to sort", "**`MemoryShelf`**");
    says("mopping floors", "`clean_floor`");
    says("how to install", "**How to install** – [README.md:5](README.md#L5)", "> Run make.");
    says("what is FluxCapacitor", "Nothing called `FluxCapacitor`", "You could ask");
    says("who calls nothingLikeThis", "Nothing called `nothingLikeThis`");
    says("what is in src/missing.ts", "Nothing called `src/missing.ts`");
    says("", "The index knows 7 files", "where is `MemoryShelf` defined");
    says("?!", "Ask for example");
    says("hello!", "Ask for example");
    says("what can you do?", "Ask for example");
  });

  describe("the place of the cursor", () => {
    const focus: EditorFocus = { file: "src/dinner.ts", line: 6 };
    it("this function", () => assert.match(ask("what does this function do?", focus).text, /\*\*`cookDinner`\*\*/));
    it("who calls this", () => assert.match(ask("who calls this?", focus).text, /`washUp` at/));
    it("this file", () => assert.match(ask("what does this file contain", focus).text, /src\/dinner\.ts:1.*typescript/));
    it("nothing named at all", () => assert.match(ask("explain", focus).text, /cookDinner/));
    it("a name beats the cursor", () => assert.match(ask("what is Unit", focus).text, /\*\*`Unit`\*\*/));
  });

  it("ends with how to get a written answer, and says what the index lacks", async () => {
    assert.ok(ask("where is Unit").text.endsWith(INDEX_FOOTER));
    const half = await indexedFiles(KITCHEN, { shortfall: () => "the index is still being built (3 files so far)" });
    const answer = answerFromIndex({ text: "where is Unit" }, half);
    assert.match(answer.text, /still being built/);
    assert.deepEqual(answer.leftOut, [{ file: "", reason: "the index is still being built (3 files so far)" }]);
  });

  it("comments cannot bring links, images or HTML to life", async () => {
    const hostile = await indexedFiles({ "a.ts": "/** ![x](https://evil.test/?q) <img src=x> [click](command:run) `a` */\nexport function soup() {}\n" });
    const { text } = answerFromIndex({ text: "what is `soup`" }, hostile);
    assert.ok(text.includes("!\\[x\\](https") && text.includes("\\<img src=x\\>") && text.includes("\\[click\\]"), text);
  });

  it("paths with odd characters are linked", async () => {
    const odd = await indexedFiles({ "a b/(c)#1.ts": "export function soup() {}\n" });
    assert.match(answerFromIndex({ text: "where is soup" }, odd).text, /\]\(a%20b\/%28c%29%231\.ts#L1\)/);
  });
});
