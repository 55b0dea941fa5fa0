import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseCases, MOST_CASES_PER_FILE, type Choice, type GrownFile } from "../../../../src/core/evaluation/chooseCases";
import { createRandom } from "../../../../src/core/evaluation/random";
import { LEAST_EXPECTED, type ReplayCase } from "../../../../src/core/evaluation/replayCase";

/** A file in which lines that begin with `+` were added. */
function grown(marked: readonly string[], path = "src/a.ts"): GrownFile {
  const added = new Set(marked.flatMap((line, index) => (line.startsWith("+") ? [index + 1] : [])));
  return { path, language: "typescript", text: marked.map((line) => line.replace(/^\+/, "")).join("\n"), added };
}

function choose(files: readonly GrownFile[], { removed = [], cases = 100, seed = "1" }: { removed?: readonly string[]; cases?: number; seed?: string } = {}): Choice {
  return chooseCases(files, new Set(removed), { repository: "sample", cases, random: createRandom(seed) });
}

/** The case of one line under the first seed that draws the wanted place. */
function caseAt(files: readonly GrownFile[], line: number, place: ReplayCase["place"]): ReplayCase {
  for (let seed = 0; seed < 500; seed++) {
    const found = choose(files, { seed: String(seed) }).cases.find((each) => each.line === line && each.place === place);
    if (found) return found;
  }
  throw new Error("no seed draws such a case");
}

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `+const value${String(index)} = compute(${String(index)});`);

describe("core/evaluation/chooseCases", () => {
  it("a case has the new text before the cut and only old lines after it", () => {
    const file = grown(["old first", "+added before", "  +not added", "+  const a = b(c);  ", "+  added after", "old last", ""]);
    assert.deepEqual(caseAt([file], 4, "lineStart"), {
      id: "sample:src/a.ts:4", repository: "sample", path: "src/a.ts", language: "typescript", line: 4,
      before: "old first\nadded before\n  +not added\n  ", after: "\nold last\n", expected: "const a = b(c);",
      following: ["  added after"], place: "lineStart", moved: false,
    });
  });

  it("nothing old below: nothing after", () => {
    assert.equal(caseAt([grown(["+const a = 1;", "+const b = 2;"])], 1, "lineStart").after, "");
  });

  it("what follows ends with the added lines, five at most", () => {
    const file = grown(["+line number 1", "+line number 2", "old", "+line number 4", ...many(9)]);
    assert.deepEqual(caseAt([file], 1, "lineStart").following, ["line number 2"]);
    assert.equal(caseAt([file], 4, "lineStart").following.length, 5);
    assert.deepEqual(caseAt([file], 2, "lineStart").following, []);
  });

  it("cuts of every line put together are the line, with three characters left at least", () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 12 }).map((line) => line.replaceAll(/[\n\r]/g, " ")), { maxLength: 15 }), fc.string(), (lines, seed) => {
      for (const each of choose([grown(lines.map((line) => `+${line}`))], { seed }).cases) {
        const left = each.before.slice(each.before.lastIndexOf("\n") + 1);
        assert.equal(left + each.expected, (lines[each.line - 1] ?? "").trimEnd());
        assert.ok(each.expected.length >= LEAST_EXPECTED);
        assert.equal(left.trim() === "", each.place === "lineStart");
        assert.doesNotMatch(each.expected, /^[\uDC00-\uDFFF]/);
      }
    }));
  });

  it("a quarter of the cuts stands at the indentation", () => {
    const { cases } = choose(Array.from({ length: 100 }, (_, index) => grown(many(MOST_CASES_PER_FILE), `src/${String(index)}/${String(index)}.ts`)), { cases: 2_000 });
    assert.equal(cases.length, 2_000);
    const share = cases.filter((each) => each.place === "lineStart").length / cases.length;
    assert.ok(share > 0.21 && share < 0.29, String(share));
  });

  it("blank lines, lone brackets and old lines give no case", () => {
    assert.deepEqual(choose([grown(["+", "+   ", "+  }", "+ })", "const old = true;"])]), { cases: [], lines: 0, movedLines: 0 });
  });

  it("a file gives so many cases at most, each of another line", () => {
    const { cases } = choose([grown(many(200))], { cases: 150 });
    assert.equal(cases.length, MOST_CASES_PER_FILE);
    assert.equal(new Set(cases.map((each) => each.line)).size, MOST_CASES_PER_FILE);
  });

  it("gives as many as are wanted and the same ones for the same seed", () => {
    const files = ["a", "b", "c"].map((name) => grown(many(30), `src/${name}.ts`));
    const ids = (seed: string): string[] => choose(files, { cases: 25, seed }).cases.map((each) => each.id);
    assert.equal(ids("1").length, 25);
    assert.deepEqual(ids("1"), ids("1"));
    assert.notDeepEqual(ids("1"), ids("2"));
  });

  it("a line that was removed elsewhere is marked moved, whatever its indentation, and does not take a place of the others", () => {
    const choice = choose([grown([...many(12), "+    removed(elsewhere);"])], { removed: ["removed(elsewhere);"], cases: 10 });
    assert.deepEqual([choice.lines, choice.movedLines], [13, 1]);
    assert.deepEqual(choice.cases.map((each) => each.moved), [...new Array<boolean>(10).fill(false), true]);
  });

  it("a mirrored copy of a file gives its lines once; the same line elsewhere counts", () => {
    const lines = many(3);
    assert.equal(choose([grown(lines, "lib/a.ts"), grown(lines, "copy/a.ts")]).lines, 3);
    assert.equal(choose([grown(lines, "lib/a.ts"), grown(lines, "lib/b.ts")]).lines, 6);
    assert.equal(choose([grown([...lines, ...lines, ...lines])]).lines, 9);
  });
});
