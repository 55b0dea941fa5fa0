import assert from "node:assert/strict";
import fc from "fast-check";
import { answerFromIndex } from "../../../../src/core/chat/indexAnswer";
import { byMeaning, MOST_COMPARED, type ComparedPlace } from "../../../../src/core/chat/meaning";
import { placesToCompare } from "../../../../src/core/chat/placesToCompare";
import { contextForQuestion } from "../../../../src/core/chat/questionContext";
import { bestHits } from "../../../../src/core/chat/searchHits";
import type { SearchHit, SymbolIndex } from "../../../../src/core/chat/symbolIndex";
import { indexedFiles } from "../../../support/indexedFiles";
import { KITCHEN } from "../../../support/kitchenFiles";

/** Functions that all speak of pots, the first of them loudest. */
const POTS = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`src/pot${String(at)}.ts`, `import { kitchen } from "./kitchen";\n\n/** Handles ${at === 0 ? "the pot, a pot, any pot" : "a pot"}. */\nexport function step${String(at)}(): number {\n  return ${String(at)};\n}\n`]));

describe("search by meaning", () => {
  let pots: SymbolIndex;
  let kitchen: SymbolIndex;
  before(async () => {
    pots = await indexedFiles(POTS);
    kitchen = await indexedFiles(KITCHEN);
  });
  const compared = (nearest: string): ComparedPlace[] => placesToCompare({ text: "how is a pot handled" }, pots).map(({ file, line }) => ({ file, line, similarity: file === nearest ? 0.9 : 0.1 + (line + file.length) / 1_000 }));

  it("compares the best hits by words, each with its comment, its name, its path and its code", () => {
    const places = placesToCompare({ text: "how is a pot handled" }, pots);
    assert.equal(places.length, MOST_COMPARED);
    const first = places.find(({ file }) => file === "src/pot0.ts");
    assert.deepEqual(first, { file: "src/pot0.ts", line: 4, text: "Handles the pot, a pot, any pot.\nstep0 in src/pot0.ts\nexport function step0(): number {\n  return 0;\n}" });
  });

  it("a long place is cut", async () => {
    const long = await indexedFiles({ "a.ts": `/** Stirs the soup. */\nexport function stir() {\n${"  next(); // and so on\n".repeat(400)}}\n` });
    assert.ok(placesToCompare({ text: "how is soup stirred" }, long).every(({ text }) => text.length <= 1_200));
  });

  for (const question of ["what is this project?", "which files import src/shelf.ts", "what does src/dinner.ts contain", "where is toLitres defined", "explain `cookDinner`", "list the functions in src/shelf.ts"]) {
    it(`"${question}" names what it is about: nothing is compared`, () => assert.deepEqual(placesToCompare({ text: question }, kitchen), []));
  }

  it("what is near in meaning comes first, where words alone had it last", () => {
    const last = bestHits("how is a pot handled", pots, MOST_COMPARED).at(-1)?.file ?? "";
    assert.notEqual(bestHits("how is a pot handled", pots, 8).findIndex(({ file }) => file === last), 0);
    const order = bestHits("how is a pot handled", pots, 8, compared(last)).map(({ file }) => file);
    assert.ok(order.includes(last), order.join());
    assert.ok(contextForQuestion({ text: "how is a pot handled" }, pots, 4_000, compared(last)).sources.some(({ file }) => file === last));
    const answer = answerFromIndex({ text: "how is a pot handled" }, pots, compared(last));
    assert.match(answer.text, /by words and by meaning:/);
    assert.ok(answer.sources.some(({ file }) => file === last));
    assert.ok(!answerFromIndex({ text: "how is a pot handled" }, pots).sources.some(({ file }) => file === last));
  });

  it("without a comparison everything is as it was", () => {
    const hits = bestHits("how is a pot handled", pots, 12);
    assert.deepEqual(bestHits("how is a pot handled", pots, 12, []), hits);
    assert.doesNotMatch(answerFromIndex({ text: "how is a pot handled" }, pots).text, /by meaning/);
  });

  it("what is noise by words comes along only where its meaning is near", async () => {
    const loud = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`src/boil${String(at)}.ts`, `import "./a";\n\n/** Boils water in a kettle. */\nexport function boilWater${String(at)}(): void {}\n`]));
    const index = await indexedFiles({ ...loud, "src/quiet.ts": "import \"./a\";\n\n/** Something about a great many things, at some length, and among them once of a kettle too. */\nexport function quiet(): void {}\n" });
    const question = "how is water boiled in a kettle";
    const shown = (similarity: number) => {
      const places = placesToCompare({ text: question }, index).map(({ file, line }) => ({ file, line, similarity: file === "src/quiet.ts" ? similarity : 0.5 }));
      assert.ok(places.some(({ file }) => file === "src/quiet.ts"));
      return bestHits(question, index, 12, places).some(({ file }) => file === "src/quiet.ts");
    };
    assert.deepEqual([bestHits(question, index, 12).some(({ file }) => file === "src/quiet.ts"), shown(0.1), shown(0.9)], [false, false, true]);
  });

  it("fusion keeps every hit, and of two hits the one that is ahead in both rankings stays ahead", () => {
    const hit = (at: number): SearchHit => ({ file: `f${String(at)}`, definition: undefined, score: 100 - at });
    fc.assert(fc.property(fc.array(fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: null }), { minLength: 1, maxLength: MOST_COMPARED }), (similarities) => {
      const hits = similarities.map((_, at) => hit(at));
      const known = similarities.flatMap((similarity, at) => (similarity === null ? [] : [{ file: `f${String(at)}`, line: 0, similarity }]));
      const order = byMeaning(hits, known).map(({ hit: { file } }) => Number(file.slice(1)));
      assert.deepEqual([...order].sort((a, b) => a - b), hits.map((_, at) => at));
      const placeOf = new Map(order.map((at, place) => [at, place]));
      for (const [left, one] of similarities.entries()) for (const [right, other] of similarities.entries()) {
        if (left < right && one !== null && other !== null && one > other) assert.ok((placeOf.get(left) ?? 0) < (placeOf.get(right) ?? 0));
      }
    }));
  });
});
