import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { MAXIMUM_CHECKED_LENGTH, createOutlineMaker } from "../../../../src/services/syntax/treeSitterOutline";
import { grammarFile } from "../../../support/indexWorkerBundle";

const maker = createOutlineMaker({ locate: grammarFile });
const GENEROUS_MS = 15_000;
const verdict = (tag: string, code: string): Promise<string> => maker.verdict({ tag, code }, GENEROUS_MS);

describe("does an answer's code parse", () => {
  const parses: [string, string][] = [
    ["ts", "const a: number = 1;\n"],
    ["TypeScript", "  function a(): void {}\n"],
    ["ts", "private async load(): Promise<void> {\n  await this.#read();\n}\n"],
    ["js", "const r = await load();\nreturn r;\n"],
    ["javascript", "name: 'soup',\ncount: 2,\n"],
    ["tsx", "<Panel title=\"a\">{rows.map((row) => <Row key={row} />)}</Panel>;\n"],
    ["ts", "export function a() {\n  ...\n}\n"],
    ["python", "    def soup(self):\n        return 1\n"],
    ["py", "def soup():\n    ...\n"],
    ["py", "def soup():\n    …\n\nreturn soup\n"],
    ["go", "x := 1\nfmt.Println(x)\n"],
    ["go", "func (s *Shelf) Find() error {\n\treturn nil\n}\n"],
    ["rust", "fn find(&self) -> bool { true }\n"],
    ["rust", "let x = 1;\nprintln!(\"{x}\");\n"],
    ["java", "@Override\npublic String name() { return name; }\n"],
    ["java", "int x = 1;\nsystem.out(x);\n"],
    ["cs", "public int Count { get; set; }\n"],
    ["c", "for (int i = 0; i < 3; i++) puts(\"a\");\n"],
    ["c++", "public:\n  int count() const { return count_; }\n"],
    ["ts", ""],
  ];
  for (const [tag, code] of parses) it(`parses: ${JSON.stringify([tag, code])}`, async () => assert.equal(await verdict(tag, code), "parses"));

  const broken: [string, string][] = [
    ["ts", "function a( {\n  return 1;\n"],
    ["ts", "const a = ;\n"],
    ["js", "if (x {\n  y();\n}\n"],
    ["tsx", "return <Panel><Row></Panel>;\n"],
    ["python", "def soup(:\n    return 1\n"],
    ["py", "for x in y\n    print(x)\n"],
    ["go", "func (s *Shelf Find() error {\n"],
    ["rust", "fn find(&self -> bool { true }\n"],
    ["java", "public String name( { return name; }\n"],
    ["csharp", "public int Count { get; set;\n"],
    ["c", "int main(void) { return 0;\n"],
    ["cpp", "class A { int b;\n"],
  ];
  for (const [tag, code] of broken) it(`broken: ${JSON.stringify([tag, code])}`, async () => assert.equal(await verdict(tag, code), "broken"));

  const unchecked: [string, string][] = [["", "const a = ;"], ["sh", "if ["], ["diff", "+ a"], ["json", "{"], ["__proto__", "{"], ["ts", " ".repeat(MAXIMUM_CHECKED_LENGTH + 1)]];
  for (const [tag, code] of unchecked) it(`unchecked: ${JSON.stringify([tag, code.slice(0, 12)])}`, async () => assert.equal(await verdict(tag, code), "unchecked"));

  it("every whole file of the language fixtures parses", async () => {
    const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../../fixtures/languages");
    for (const file of readdirSync(folder).filter((name) => name !== "outlines.txt")) {
      const text = readFileSync(path.join(folder, file), "utf8");
      const tag = file.slice(file.lastIndexOf(".") + 1);
      assert.equal(await verdict(tag, text), "parses", file);
    }
  });

  it("out of time is unchecked, and does not spoil the next", async () => {
    assert.equal(await maker.verdict({ tag: "ts", code: "const a = (1);\n".repeat(4_000) }, 0), "unchecked");
    assert.equal(await verdict("ts", "const b = 2;\n"), "parses");
  });

  it("a grammar that is not there is unchecked", async () => {
    const missing = createOutlineMaker({ locate: (file) => (file === "web-tree-sitter.wasm" ? grammarFile(file) : `/nowhere/${file}`) });
    assert.equal(await missing.verdict({ tag: "ts", code: "a" }), "unchecked");
  });
});
