import assert from "node:assert/strict";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { fencedCode, indentedFor, taggedBlocks } from "../../../../src/core/chat/codeBlock";

/** Each fence of the text as the panel's parser sees it. */
function fencesOf(markdown: string): { start: number; end: number; content: string }[] {
  return new MarkdownIt("commonmark")
    .parse(markdown, {})
    .filter(({ type }) => type === "fence")
    .map(({ map, content }) => ({ start: map?.[0] ?? -1, end: map?.[1] ?? -1, content: content.replace(/([^\n])$/, "$1\n") }));
}

describe("core/chat/codeBlock: the host's copy of a block", () => {
  const texts = [
    "```ts\nconst a = 1;\n```",
    "words\n\n```\n\n  indented\n\n```\nwords",
    "~~~py\nprint('```')\n~~~",
    "````md\n```ts\ninner\n```\n````",
    "```ts\nunfinished",
    "```\n```",
    "1. first\n\n   ```ts\n   const a = 1;\n     deeper\n   ```\n2. second",
    "- ```js\n  let b;\n  ```",
    "> ```c\n> int x;\n>\n>   int y;\n> ```",
    "> - ```c\n>   int x;\n>   ```",
    "a\r\n```ts\r\nconst a = 1;\r\n```\r\n",
    "  ```\n  two\n   three\n  ```",
  ];
  for (const text of texts) {
    it(JSON.stringify(text), () => {
      const fences = fencesOf(text);
      assert.ok(fences.length > 0);
      for (const { content, ...lines } of fences) assert.equal(fencedCode(text, lines), content);
    });
  }

  it("agrees with the panel's parser on fences anywhere", () => {
    const line = fc.constantFrom("", "a", "  b", "    c", "const d = 1;", "~~~", "}", "`e`");
    const container = fc.constantFrom("", "> ", "> > ", "- ", "1. ");
    fc.assert(
      fc.property(container, fc.array(line), fc.constantFrom("```", "````"), (prefix, body, fence) => {
        const rest = prefix.replace(/[-1.]/g, " ");
        const text = ["before", "", prefix + fence + "ts", ...body.map((item) => rest + item), rest + fence, "", "after"].join("\n");
        for (const { content, ...lines } of fencesOf(text)) assert.equal(fencedCode(text, lines), content);
      }),
    );
  });

  it("refuses lines where no fence opens", () => {
    assert.equal(fencedCode("words\n```\na\n```", { start: 0, end: 3 }), undefined);
    assert.equal(fencedCode("words", { start: 7, end: 9 }), undefined);
  });
});

describe("core/chat/codeBlock: blocks with a tag", () => {
  const cases: [string, [string, string][]][] = [
    ["```ts\na\n```", [["ts", "a\n"]]],
    ["```\na\n```\n\n~~~py title=x\nb\n~~~", [["py", "b\n"]]],
    ["1. one\n\n   ```c++\n   a;\n   ```\n\n> ```rust\n> b\n> ```", [["c++", "a;\n"], ["rust", "b\n"]]],
    ["- ```js\n  let b;\n  ```", [["js", "let b;\n"]]],
    ["````md\n```ts\ninner\n```\n````", [["md", "```ts\ninner\n```\n"]]],
    ["```ts\ncut", [["ts", "cut\n"]]],
    ["use ```ts inline``` here", []],
    ["no code", []],
  ];
  for (const [text, expected] of cases) it(JSON.stringify(text), () => assert.deepEqual(taggedBlocks(text).map(({ tag, code }) => [tag, code]), expected));

  it("never throws", () => {
    fc.assert(fc.property(fc.array(fc.constantFrom("```", "~~~", "ts", "> ", "- ", "\n", "a", "  ")).map((parts) => parts.join("")), (text) => void taggedBlocks(text)));
  });
});

describe("core/chat/codeBlock: indentation at the cursor", () => {
  const cases: [string, string, string][] = [
    ["a\n  b\n", "    ", "a\n      b"],
    ["a\n\nb\n", "\t", "a\n\n\tb"],
    ["a\nb\n", "", "a\nb"],
    ["a\nb\n", "  x = ", "a\nb"],
    ["", "  ", ""],
  ];
  for (const [code, before, expected] of cases) it(JSON.stringify([code, before]), () => assert.equal(indentedFor(code, before), expected));
});
