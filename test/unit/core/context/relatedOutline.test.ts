import assert from "node:assert/strict";
import fc from "fast-check";
import { relatedChunks, type RecentPlace, type RelatedInput } from "../../../../src/core/context/relatedOutline";
import { lineOutline } from "../../../../src/core/context/lineOutline";

const text = ["export function top(a) {", "  const inner = () => 1;", "  return inner();", "}", "", "export class Shelf {", "  size = 1;", "}", "", "export const LAST = 1;", ""].join("\n");
const outline = lineOutline("src/a.ts", text, "");
const place = (path: string, startLine: number, content = `// ${path} ${startLine}\n`): RecentPlace => ({ path, startLine, text: content });
const input = (rest: Partial<RelatedInput> = {}): RelatedInput => ({ path: "src/a.ts", outline, window: { startLine: 100, endLine: 120 }, recent: [], budgetCharacters: 1_000, ...rest });

describe("related chunks for a completion", () => {
  it("outlines what the prompt's window does not hold", () => {
    assert.deepEqual(relatedChunks(input()).chunks, [{ path: "src/a.ts", text: "export function top(a)\nexport class Shelf\nexport const LAST = 1;\n" }]);
    assert.deepEqual(relatedChunks(input({ window: { startLine: 4, endLine: 8 } })).chunks, [{ path: "src/a.ts", text: "export const LAST = 1;\n" }]);
    assert.deepEqual(relatedChunks(input({ window: { startLine: 1, endLine: 99 } })).chunks, []);
  });
  it("orders places by path and line, whatever was edited last", () => {
    const recent = [place("z.ts", 9), place("b.ts", 40), place("b.ts", 2)];
    const paths = (places: RecentPlace[]) => relatedChunks(input({ outline: undefined, recent: places })).chunks.map((chunk) => chunk.text);
    assert.deepEqual(paths(recent), ["// b.ts 2\n", "// b.ts 40\n", "// z.ts 9\n"]);
    assert.deepEqual(paths([...recent].reverse()), paths(recent));
  });
  it("the newest places win the room, and the rest is told", () => {
    const { chunks, leftOut } = relatedChunks(input({ outline: undefined, budgetCharacters: 30, recent: [place("new.ts", 1), place("old.ts", 1)] }));
    assert.deepEqual(chunks.map(({ path }) => path), ["new.ts"]);
    assert.match(leftOut.join(), /old\.ts:1/);
  });
  it("passes over the current file, empty places and overlaps", () => {
    const recent = [place("src/a.ts", 1), place("b.ts", 1, "  \n"), place("c.ts", 5, "x\ny\nz"), place("c.ts", 6, "y\nz\nq")];
    assert.deepEqual(relatedChunks(input({ outline: undefined, recent })).chunks, [{ path: "c.ts", text: "x\ny\nz" }]);
  });
  it("takes hidden characters out", () => assert.equal(relatedChunks(input({ outline: undefined, recent: [place("b.ts", 1, "a\u202Eb")] })).chunks[0]?.text, "ab"));
  it("stays within the budget and gives the same for the same", () => {
    const places = fc.array(fc.record({ path: fc.constantFrom("a.ts", "b.ts", "c/d.ts"), startLine: fc.integer({ min: 1, max: 50 }), text: fc.string({ maxLength: 200 }) }), { maxLength: 10 });
    fc.assert(
      fc.property(places, fc.integer({ min: 0, max: 800 }), fc.boolean(), (recent, budgetCharacters, outlined) => {
        const given = input({ recent, budgetCharacters, outline: outlined ? outline : undefined });
        const first = relatedChunks(given);
        assert.ok(first.chunks.reduce((sum, chunk) => sum + chunk.path.length + chunk.text.length, 0) <= budgetCharacters);
        assert.deepEqual(relatedChunks(given), first);
      }),
    );
  });
});
