import assert from "node:assert/strict";
import fc from "fast-check";
import { remainingSuggestion, rememberShown } from "../../../../src/core/completion/held";
import { snapshotAt, snapshotOf } from "../../../support/snapshotNotation";

/** What is left of `text`, shown at the first place, once the document is the second. */
function rest(shownAt: string, text: string, now: string): string | undefined {
  return remainingSuggestion(rememberShown(snapshotAt(shownAt), text, 0.9), snapshotAt(now));
}

describe("core/completion/held", () => {
  it("nothing was shown: nothing holds", () => { assert.equal(remainingSuggestion(undefined, snapshotAt("a|")), undefined); });
  it("nothing typed: all of it", () => { assert.equal(rest("a|", " = 1;", "a|"), " = 1;"); });
  it("typed along", () => { assert.equal(rest("a|\nb", " = 1;", "a =|\nb"), " 1;"); });
  it("typed along over a line break", () => { assert.equal(rest("f(|", "\n  a,\n  b", "f(\n  a,|"), "\n  b"); });
  it("typed along and deleted back", () => { assert.equal(rest("a|", " = 1;", "a |"), "= 1;"); });
  it("deleted further back than where it began", () => { assert.equal(rest("ab|", " = 1;", "a|"), undefined); });
  it("typed something else", () => { assert.equal(rest("a|", " = 1;", "a +|"), undefined); });
  it("typed to its end: used up", () => { assert.equal(rest("a|", " = 1", "a = 1|"), undefined); });
  it("only white space left: not worth showing", () => { assert.equal(rest("a|", "b \n", "ab|"), undefined); });
  it("another place with the same words", () => { assert.equal(rest("x\na|", " = 1;", "a|"), undefined); });
  it("the text after the cursor changed", () => { assert.equal(rest("a|\nb", " = 1;", "a |\nc"), undefined); });
  it("another file", () => {
    const shown = rememberShown(snapshotAt("a|"), " = 1;", 0.9);
    assert.equal(remainingSuggestion(shown, snapshotAt("a|", { path: "other.ts" })), undefined);
  });
  it("changes far away do not count", () => {
    const far = "\n".repeat(300);
    assert.equal(rest(`old${far}a|${far}old`, " = 1;", `new${far}a =|${far}new`), " 1;");
  });

  describe("closing marks that the editor inserted", () => {
    it("do not end it, and are not doubled", () => { assert.equal(rest("a = |;", "f(x)", "a = f(|);"), "x"); });
    it("nested", () => { assert.equal(rest("a = |;", "f([x, y])", "a = f([|]);"), "x, y"); });
    it("quotes", () => { assert.equal(rest("a = |", "\"b\" + c", "a = \"|\""), "b"); });
    it("an escaped quote is not the closing one", () => { assert.equal(rest("a = |", String.raw`"b\"c" + d`, "a = \"|\""), String.raw`b\"c`); });
    it("a bracket of the rest's own stays", () => { assert.equal(rest("a = |;", "f(g(x), y)", "a = f(|);"), "g(x), y"); });
    it("typed over again: all that is left", () => { assert.equal(rest("a = |;", "f(x) + 1", "a = f(x)|;"), " + 1"); });
    it("nothing but the inserted mark left: nothing", () => { assert.equal(rest("a = |;", "f()", "a = f(|);"), undefined); });
    it("a mark that nobody opened is a change", () => { assert.equal(rest("a = |;", "b + c", "a = b|);"), undefined); });
  });

  it("property: accepting what is left gives the same document as accepting all of it at first", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", " ", "=", "\n"), maxLength: 12 });
    fc.assert(fc.property(texts, texts, texts, fc.nat(12), (before, after, text, typed) => {
      const shown = rememberShown(snapshotOf(before, after), text, 0.9);
      const left = remainingSuggestion(shown, snapshotOf(before + text.slice(0, typed), after));
      if (left !== undefined) assert.equal(before + text.slice(0, typed) + left + after, before + text + after);
      else assert.equal(text.slice(typed).trim(), "");
    }));
  });
});
