import assert from "node:assert/strict";
import { readConfig } from "../../../models/starter/train/config.js";
import { randomNumbers } from "../../../models/starter/train/random.js";
import { chooseChunks, createNeighbourhood, relatedChunks, wordsOf } from "../../../models/starter/train/repositoryContext.js";
import { fileSamples, ignoredMark, middleMark, promptIds, repositoryHead } from "../../../models/starter/train/samples.js";
import { createTokenizer } from "../../../models/starter/train/tokenizer.js";

const tokenizer = createTokenizer({ merges: [] });
const fileToken = tokenizer.special("<|file_sep|>");

/** Ids as text, a mark that nobody predicts a token as `!` before it. */
function show(ids: Iterable<number>): string {
  return [...ids].map((id) => {
    const plain = id & ~(middleMark | ignoredMark);
    return tokenizer.byteLength(plain) > 0 ? tokenizer.decode([plain]) : `${(id & ignoredMark) > 0 ? "!" : ""}${tokenizer.tokens[plain] ?? ""}`;
  }).join("");
}

const lines = (word: string, count: number): string => Array.from({ length: count }, (_, index) => `${word}${String(index)}();`).join("\n");
const files = [
  { path: "src/parser/read.ts", text: "export function readHeader(input) {\n  return parseHeader(input);\n}" },
  { path: "src/parser/parse.ts", text: `${lines("unrelated", 20)}\nexport function parseHeader(input) {}\n${lines("another", 20)}` },
  { path: "src/window.ts", text: lines("window", 40) },
];
const neighbourhood = createNeighbourhood(files);

describe("repository context", () => {
  it("takes the lines of another file that share rare words with the text", () => {
    const [chunk] = relatedChunks(neighbourhood, "src/parser/read.ts", "return parseHeader(input)", 200, 1);
    assert.equal(chunk?.path, "src/parser/parse.ts");
    assert.match(chunk.text, /function parseHeader/);
  });

  it("never takes the file itself, keeps whole lines and the limit", () => {
    for (let seed = 0; seed < 60; seed++) {
      const chunks = chooseChunks(neighbourhood, "src/parser/parse.ts", files[1]?.text ?? "", 120, randomNumbers(seed));
      assert.ok(chunks.every((chunk) => chunk.path !== "src/parser/parse.ts" && chunk.text.length <= 120));
      const all = files.map((file) => `\n${file.text}\n`);
      assert.ok(chunks.every((chunk) => chunk.text === "" || all.some((text) => text.includes(`\n${chunk.text}\n`))));
    }
  });

  it("has nothing to say about the only file of a package", () => {
    assert.deepEqual(chooseChunks(createNeighbourhood(files.slice(0, 1)), "src/parser/read.ts", "parseHeader", 500, randomNumbers(1)), []);
  });

  it("reads words of four characters and more", () => assert.deepEqual([...wordsOf("let a = parse(żółty, x1, _id1)")], ["parse", "żółty", "_id1"]));
});

describe("heads of samples", () => {
  it("give each file its own path; only the first file token begins the sample", () => {
    const head = repositoryHead([{ path: "a/b/c/d.ts", text: "one" }, { path: "e.ts", text: "two\n" }], 100, tokenizer);
    assert.equal(show(head), "<|file_sep|>b/c/d.ts\none\n!<|file_sep|>e.ts\ntwo\n");
  });

  it("lose whole lines where the room is short, and chunks without room", () => {
    assert.equal(show(repositoryHead([{ path: "a", text: "one\ntwo\nthree" }], 11, tokenizer)), "<|file_sep|>a\none\ntwo\n");
    assert.deepEqual(repositoryHead([{ path: "a", text: "one" }], 5, tokenizer), []);
  });

  it("stand before a share of the samples, in the order of a prompt", () => {
    const config = { ...readConfig().samples, repositoryContext: 1 };
    const context = () => [{ path: "other.ts", text: "other();" }];
    const text = lines("  const value = compute", 300);
    const samples = [...fileSamples("own.ts", text, tokenizer, config, 400, randomNumbers(3), context)];
    assert.ok(samples.length > 2);
    for (const sample of samples) {
      assert.ok(sample.length <= 400);
      assert.match(show(sample), /^<\|file_sep\|>other\.ts\nother\(\);\n!<\|file_sep\|>own\.ts\n/);
      assert.equal([...sample].filter((id) => id === fileToken).length, 1);
    }
    const none = [...fileSamples("own.ts", text, tokenizer, { ...config, repositoryContext: 0 }, 400, randomNumbers(3), context)];
    assert.ok(none.every((sample) => show(sample).startsWith("<|file_sep|>own.ts\n")));
  });
});

describe("prompts with other files", () => {
  const cut = { prefix: "let a = ", suffix: "\nlet b;" };

  it("have them before the file, without marks", () => {
    const ids = promptIds("own.ts", cut, tokenizer, 300, [{ path: "other.ts", text: "other();" }]) ?? [];
    assert.equal(show(ids), "<|file_sep|>other.ts\nother();\n<|file_sep|>own.ts\n<|fim_prefix|><|fim_suffix|>\nlet b;<|fim_middle|>let a = ");
    assert.ok(ids.every((id) => id < tokenizer.tokens.length));
  });

  it("do without them rather than without the current line", () => {
    const alone = promptIds("own.ts", cut, tokenizer, 30);
    assert.deepEqual(promptIds("own.ts", cut, tokenizer, 30, [{ path: "a", text: "bc" }]), alone);
    assert.ok(alone !== undefined);
  });
});
