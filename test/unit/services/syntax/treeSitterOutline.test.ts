import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { FileOutline } from "../../../../src/protocol/indexWorker";
import { createOutlineMaker } from "../../../../src/services/syntax/treeSitterOutline";
import { grammarFile } from "../../../support/indexWorkerBundle";

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../../fixtures/languages");
const GENEROUS_MS = 15_000;
const maker = createOutlineMaker({ locate: grammarFile });
const outline = (file: string, text: string, limitMs = GENEROUS_MS, languageId?: string) => maker.outline(file, text, languageId, limitMs);

/** One line for each definition, then the calls and the imports. */
function written({ definitions, calls, imports }: FileOutline): string {
  const oneLine = (text: string) => text.replaceAll("\n", "⏎").replaceAll("\t", "→");
  return [
    ...definitions.map((item) => `${item.kind} ${[item.container, item.name].filter(Boolean).join(".")} ${item.startLine}-${item.endLine} | ${oneLine(item.signature)}${item.documentation ? ` | ${oneLine(item.documentation)}` : ""}`),
    `calls ${calls.map((call) => `${call.name}@${call.line}`).join(" ")}`,
    `imports ${imports.map((item) => `${item.module}{${item.names.join(",")}}@${item.line}`).join(" ")}`,
  ].join("\n");
}

describe("outline by tree-sitter", () => {
  const expected = new Map(readFileSync(path.join(folder, "outlines.txt"), "utf8").split(/^## /m).slice(1).map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1).trim()]));
  for (const file of readdirSync(folder).filter((name) => name !== "outlines.txt")) {
    it(`reads ${file}`, async () => {
      const result = await outline(file, readFileSync(path.join(folder, file), "utf8"));
      assert.equal(result.method, "tree-sitter", result.note);
      assert.equal(written(result), expected.get(file));
    });
  }

  it("the editor's language id wins over the extension", async () => {
    assert.equal((await outline("script", "def soup(): pass", GENEROUS_MS, "python")).language, "python");
  });

  it("a header with classes is C++", async () => {
    assert.equal((await outline("a.h", "class A { int b; };")).language, "cpp");
    assert.equal((await outline("a.h", "struct a { int b; };")).language, "c");
  });

  it("half-written code still has its other definitions", async () => {
    const names = (await outline("a.ts", "function one() { return 1; }\nfunction two( {\nclass Three { four() {} }\n")).definitions.map((item) => item.name);
    assert.ok(names.includes("one") && names.includes("four"), names.join());
  });

  it("gives up past its time and falls back to lines, and the next file is parsed again", async () => {
    const long = "export function f(a: number) { return [a, a, a].map((x) => x + 1); }\n".repeat(12_000);
    const late = await outline("long.ts", long, 1);
    assert.equal(late.method, "lines");
    assert.match(late.note, /over 1 ms/);
    assert.ok(late.definitions.length > 100);
    const next = await outline("next.ts", "export const next = 1;");
    assert.deepEqual([next.method, next.definitions[0]?.name], ["tree-sitter", "next"]);
  });

  it("does not parse over 1 MB", async () => {
    const result = await outline("big.ts", `const a = "${"x".repeat(1_100_000)}";`);
    assert.deepEqual([result.method, result.note], ["lines", "over 1 MB, so it was not parsed"]);
  });

  it("missing grammars give lines and a note, not an error", async () => {
    const broken = createOutlineMaker({ locate: (file) => (file === "web-tree-sitter.wasm" ? grammarFile(file) : `/nowhere/${file}`) });
    const result = await broken.outline("a.ts", "export function soup() {}");
    assert.equal(result.method, "lines");
    assert.match(result.note, /parser failed/);
    assert.deepEqual(result.definitions.map((item) => item.name), ["soup"]);
  });

  it("never fails on odd text, and lines stay inside the text", async () => {
    const odd = fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.array(fc.constantFrom("{", "}", "(", "class A", "def ", "\n", "\uD800", "\0", "\t", "fn x", "=>", "`", '"', "impl "), { maxLength: 80 }).map((parts) => parts.join("")));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("a.ts", "a.tsx", "a.js", "a.py", "a.go", "a.rs", "a.java", "a.c", "a.cpp", "a.cs"), odd, async (file, text) => {
        const result = await outline(file, text);
        const count = text.split("\n").length;
        assert.equal(result.lineCount, count);
        for (const item of result.definitions) assert.ok(1 <= item.documentationLine && item.documentationLine <= item.startLine && item.startLine <= item.endLine && item.endLine <= count);
        for (const call of result.calls) assert.ok(call.line >= 1 && call.line <= count);
      }),
      { numRuns: 150 },
    );
  });
});
