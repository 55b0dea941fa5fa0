import assert from "node:assert/strict";
import fc from "fast-check";
import { readConfig } from "../../../models/starter/train/config.js";
import { copyLongestMatch, copyNearestLine, lineCase } from "../../../models/starter/train/lineCases.js";
import { RowPacker } from "../../../models/starter/train/makeSamples.js";
import { randomNumbers } from "../../../models/starter/train/random.js";
import { chooseCut, encodeAsTyped, fileSamples, ignoredMark, middleMark, promptIds, shownPath } from "../../../models/starter/train/samples.js";
import { createTokenizer } from "../../../models/starter/train/tokenizer.js";

const tokenizer = createTokenizer({ merges: [] });
const config = readConfig().samples;
const file = Array.from({ length: 60 }, (_, index) => (index % 4 === 3 ? "" : `  const value${index} = compute(${index});`)).join("\n");

/** Prompt text with the special tokens visible. */
function show(ids: readonly number[]): string {
  return ids.map((id) => {
    const plain = id & ~(middleMark | ignoredMark);
    return tokenizer.byteLength(plain) > 0 ? tokenizer.decode([plain]) : tokenizer.tokens[plain];
  }).join("");
}

describe("prompts of the starter model", () => {
  it("put the suffix first and let the prefix run into the middle", () => {
    const ids = promptIds("a/b/c/d.ts", { prefix: "let a = ", suffix: "\nlet b;" }, tokenizer, 200) ?? [];
    assert.equal(show(ids), "<|file_sep|>b/c/d.ts\n<|fim_prefix|><|fim_suffix|>\nlet b;<|fim_middle|>let a = ");
  });

  it("leave out whole lines at the start where the room is short", () => {
    const ids = promptIds("a.ts", { prefix: "first line\nsecond line\nlast", suffix: "" }, tokenizer, 26) ?? [];
    assert.equal(show(ids), "<|file_sep|>a.ts\n<|fim_prefix|><|fim_suffix|><|fim_middle|>second line\nlast");
    assert.equal(promptIds("a.ts", { prefix: "x".repeat(50), suffix: "" }, tokenizer, 30), undefined);
  });

  it("show the last three parts of a path", () => assert.equal(shownPath("x/src/a/b.ts"), "src/a/b.ts"));
});

describe("samples", () => {
  it("are cuts of the text and nothing else", () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, count) => {
      const lines = file.split("\n").slice(0, count);
      const cut = chooseCut(lines, config, randomNumbers(seed));
      return cut === undefined || (cut.prefix + cut.middle + cut.suffix === lines.join("\n") && cut.middle !== "");
    }));
  });

  it("fit into a row, begin with the file token and mark the middle to its end", () => {
    const random = randomNumbers(4);
    const samples = [...Array(20).keys()].flatMap(() => [...fileSamples("src/a.ts", file, tokenizer, config, 500, random)]);
    assert.ok(samples.length >= 20);
    for (const sample of samples) {
      assert.ok(sample.length <= 500);
      assert.equal(sample[0], tokenizer.special("<|file_sep|>"));
      const marked = Array.from(sample).findIndex((id) => id >= middleMark);
      if (marked < 0) continue;
      assert.ok(sample.slice(marked).every((id) => id >= middleMark));
      assert.equal((sample.at(-1) ?? 0) & ~middleMark, tokenizer.special("<|endoftext|>"));
    }
  });

  it("split lines where somebody may have paused, and mark the piece before", () => {
    const merged = createTokenizer({ merges: ["a b", "Ġ ab"] });
    fc.assert(fc.property(fc.integer(), fc.array(fc.constantFrom("ab", " ab", "  ", "\n", "x"), { maxLength: 30 }), (seed, parts) => {
      const ids = encodeAsTyped(parts.join(""), merged, 0.8, randomNumbers(seed));
      return merged.decode(ids.map((id) => id & ~ignoredMark)) === parts.join("");
    }));
    const ids = encodeAsTyped("ab ab", merged, 0, randomNumbers(1));
    assert.deepEqual(ids, [256, 257 | ignoredMark]);
  });

  it("pack into rows without being split", () => {
    const rows: Uint16Array[] = [];
    const packer = new RowPacker(10, 99, (row) => rows.push(row), 2);
    for (const length of [6, 7, 4, 3, 9]) packer.add(new Uint16Array(length).fill(length));
    packer.finish();
    assert.deepEqual(rows.map((row) => row.join("")).sort(), ["6666664444", "7777777333", `999999999${99}`]);
    assert.throws(() => packer.add(new Uint16Array(11)), RangeError);
  });
});

describe("evaluation", () => {
  it("asks for at least three characters of a line", () => {
    for (let seed = 0; seed < 50; seed++) {
      const lineToAsk = lineCase({ package: "p", path: "a.ts", language: "typescript", heldOut: true, text: file }, randomNumbers(seed));
      assert.ok(lineToAsk === undefined || lineToAsk.middle.trimEnd().length >= 3);
    }
  });

  it("has baselines that copy", () => {
    assert.equal(copyNearestLine({ prefix: "let a = 1;\nlet b = 2;\n  let " }), "b = 2;");
    assert.equal(copyNearestLine({ prefix: "nothing alike\nfor" }), "");
    assert.equal(copyLongestMatch({ prefix: "call(first, 1);\ncall(second, 2);\nagain = call(fir" }), "st, 1);");
  });
});
