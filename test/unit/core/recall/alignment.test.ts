import assert from "node:assert/strict";
import { align, exactLength, renameWord } from "../../../../src/core/recall/alignment";
import { contextOf } from "../../../../src/core/recall/query";
import { Vocabulary } from "../../../../src/core/recall/vocabulary";
import { scanWords, UnitList } from "../../../../src/core/recall/words";

const vocabulary = new Vocabulary();

function units(text: string): Uint32Array {
  const list = new UnitList(64);
  scanWords(text, vocabulary, list);
  return list.view().slice();
}

function compare(there: string, here: string) {
  const past = units(there);
  const context = contextOf(units(here), []);
  const exact = exactLength(past, past.length, context);
  return align(past, past.length, context, exact, vocabulary);
}

const name = (word: string): number => vocabulary.find(word);

describe("recall alignment", () => {
  it("counts equal units up to the first difference, the file's edge included", () => {
    assert.equal(compare("a = foo(", "b = foo(").exact, 3);
    assert.equal(compare("foo(", "foo(").exact, 3);
  });

  it("goes on beyond names that differ, and remembers which stands for which", () => {
    const { exact, further, renamed } = compare("const user = await load(user.", "const order = await load(order.");
    assert.equal(exact, 1);
    assert.equal(further, 5);
    assert.equal(renameWord(name("user"), renamed), name("order"));
    assert.equal(renameWord(name("load"), renamed), name("load"));
  });

  it("ends where the same name would stand for two", () => {
    assert.equal(compare("a(user, user.", "a(order, item.").further, 1);
  });

  it("ends where something other than a name differs", () => {
    assert.equal(compare("x [ user.", "x ( order.").further, 0);
    assert.equal(compare("x = 1 + user.", "x = 2 + order.").further, 1);
  });
});
