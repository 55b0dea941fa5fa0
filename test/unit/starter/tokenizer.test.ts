import assert from "node:assert/strict";
import fc from "fast-check";
import { byteCharacters, fromByteCharacters, toByteCharacters } from "../../../models/starter/train/bytes.js";
import { ghostlightSpecialTokens } from "../../../models/starter/train/modelFamilies.js";
import { createTokenizer, splitText } from "../../../models/starter/train/tokenizer.js";
import { learnMerges } from "../../../models/starter/train/trainTokenizer.js";

const frequencies = new Map([["return", 30], [" return", 20], [" value", 20], ["value", 9], ["\n\t", 12], [" =>", 7], ["é", 5]]);
const tokenizer = createTokenizer({ merges: learnMerges(frequencies, 40) });
const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r\n", "return", " value", "=>", "é", "9") }));

describe("byte alphabet", () => {
  it("has 256 different characters and is its own inverse", () => {
    assert.equal(new Set(byteCharacters).size, 256);
    assert.equal(toByteCharacters(" \n"), "ĠĊ");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => fromByteCharacters(toByteCharacters(text)).toString("utf8") === text));
    assert.throws(() => fromByteCharacters("€"), RangeError);
  });
});

describe("pre-tokenizer", () => {
  const pieces = (text: string): string => splitText(text).join("|");

  it("loses nothing", () => {
    fc.assert(fc.property(anyText, (text) => splitText(text).join("") === text));
  });

  for (const [text, expected] of [
    ["const x = 10;", "const| x| =| |1|0|;"],
    ["it's I'LL", "it|'s| I|'LL"],
    ["\treturn;\n\n", "\treturn|;\n\n"],
    ["\t)", "\t|)"],
    [" )", " )"],
    ["a  \n  b", "a|  \n| | b"],
    ["x   ", "x|   "],
  ] as const) {
    it(`splits ${JSON.stringify(text)}`, () => assert.equal(pieces(text), expected));
  }
});

describe("tokenizer", () => {
  it("gives back every text", () => {
    fc.assert(fc.property(anyText, (text) => tokenizer.decode(tokenizer.encode(text)) === text));
  });

  it("merges the frequent words to one token", () => {
    assert.equal(tokenizer.encode("return").length, 1);
    assert.equal(tokenizer.encode(" return").length, 1);
    assert.equal(tokenizer.encode("retur").length > 1, true);
  });

  it("counts bytes, not characters", () => {
    fc.assert(fc.property(anyText, (text) => {
      const bytes = tokenizer.encode(text).reduce((sum, id) => sum + tokenizer.byteLength(id), 0);
      return bytes === Buffer.byteLength(text);
    }));
  });

  it("reads special tokens in a text as text", () => {
    const lowest = Math.min(...ghostlightSpecialTokens.map((token) => tokenizer.special(token)));
    for (const token of ghostlightSpecialTokens) {
      const ids = tokenizer.encode(`a ${token} b`);
      assert.ok(ids.every((id) => id < lowest));
      assert.equal(tokenizer.decode(ids), `a ${token} b`);
    }
  });

  it("has its special tokens last, in their order", () => {
    assert.deepEqual(tokenizer.tokens.slice(-6), [...ghostlightSpecialTokens]);
    assert.equal(tokenizer.tokens[tokenizer.special("<|fim_middle|>")], "<|fim_middle|>");
  });

  it("refuses merges of unknown tokens", () => {
    assert.throws(() => createTokenizer({ merges: ["ab c"] }), RangeError);
  });
});

describe("learning merges", () => {
  it("takes the most frequent pair first", () => {
    assert.deepEqual(learnMerges(new Map([["ab", 3], ["bc", 5]]), 1), ["b c"]);
  });

  it("counts overlapping pairs as they merge", () => {
    assert.deepEqual(learnMerges(new Map([["aaaa", 2]]), 2), ["a a", "aa aa"]);
  });

  it("stops when no pair occurs twice", () => {
    assert.deepEqual(learnMerges(new Map([["ab", 1]]), 5), []);
  });
});
