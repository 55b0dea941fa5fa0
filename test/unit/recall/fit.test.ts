import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eachCase, readHistory } from "../../../models/recall/fit/caseData";
import { crossFitted, fitNetwork, type NetworkData } from "../../../models/recall/fit/fitNetwork";
import { fitVotes, VoteData } from "../../../models/recall/fit/fitVotes";
import { FITTING_HISTORIES, requireFittingHistory } from "../../../models/recall/fit/histories";
import { isKeptOut } from "../../../models/starter/train/keptOut";
import { probabilityOf } from "../../../src/core/recall/ranker";

const OPTIONS = { hidden: 6, epochs: 400, decay: 1e-5, seed: 1 };

/** Rows of two numbers from -1 to 1 on a grid, in four histories. */
function gridData(right: (x: number, y: number) => boolean): NetworkData {
  const rows: number[][] = [];
  for (let x = -1; x <= 1; x += 0.05) for (let y = -1; y <= 1; y += 0.05) rows.push([x, y]);
  return { names: ["x", "y"], rows, right: rows.map(([x = 0, y = 0]) => right(x, y)), group: rows.map((_, index) => `history ${String(index % 4)}`) };
}

const share = (data: NetworkData, probabilities: readonly number[]): number => probabilities.filter((probability, index) => probability > 0.5 === data.right[index]).length / data.rows.length;

describe("models/recall/fit", () => {
  describe("histories", () => {
    it("that check the product are refused, and so is everything that is not named", () => {
      for (const name of ["express", "koa", "flask", "click", "gin", "echo", "ripgrep", "tokio", "gson", "redis", "core", "ghostlight", "Fastify", ""]) assert.throws(() => { requireFittingHistory(name); }, /may be fitted on/);
      for (const name of FITTING_HISTORIES) assert.doesNotThrow(() => { requireFittingHistory(name); });
    });

    it("that are fitted on are kept out of the starter's training", () => {
      const published: Readonly<Record<string, string>> = { json: "nlohmann-json" };
      assert.deepEqual(FITTING_HISTORIES.filter((name) => !isKeptOut(published[name] ?? name)), []);
    });
  });

  describe("the network", () => {
    it("learns a line without a hidden layer, and with one what no line can tell", () => {
      const half = gridData((x, y) => x + 2 * y > 0.3);
      const corners = gridData((x, y) => x * y > 0);
      const accuracy = (data: NetworkData, hidden: number): number => {
        const ranker = fitNetwork(data, { ...OPTIONS, hidden });
        return share(data, data.rows.map((row) => probabilityOf(row, ranker)));
      };
      assert.ok(accuracy(half, 0) > 0.97);
      assert.ok(accuracy(corners, 0) < 0.7);
      const withHidden = accuracy(corners, 6);
      assert.ok(withHidden > 0.8, String(withHidden));
    });

    it("is the same for the same data", () => {
      const data = gridData((x, y) => x > y);
      assert.deepEqual(fitNetwork(data, OPTIONS), fitNetwork(data, OPTIONS));
    });

    it("judges a history by a fit that has not seen it", () => {
      // What is right depends on the history alone: whoever has seen it knows, nobody else can.
      const data = gridData(() => false);
      const secret: NetworkData = { ...data, names: ["history", "y"], rows: data.rows.map((row, index) => [index % 4, row[1] ?? 0]), right: data.rows.map((_, index) => index % 4 === 2) };
      const seen = fitNetwork(secret, OPTIONS);
      assert.ok(share(secret, secret.rows.map((row) => probabilityOf(row, seen))) > 0.95);
      assert.ok(share(secret, crossFitted(secret, OPTIONS, 4)) <= 0.8);
    });
  });

  describe("cases", () => {
    let folder = "";
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "recall-fit-"));
      mkdirSync(join(folder, "zod", "workspace", "src"), { recursive: true });
      const line = "function a() {\n  const total = addTogether(first, second);\n}\n";
      writeFileSync(join(folder, "zod", "workspace", "src", "a.ts"), line);
      writeFileSync(join(folder, "zod", "workspace", "src", "b.ts"), "export const nothing = 0;\n");
      const one = { id: "1", repository: "zod", path: "src/a.ts", language: "typescript", line: 2, before: "function a() {\n  const total = add", after: "\n}\n", expected: "Together(first, second);", following: [], place: "inside", moved: false };
      writeFileSync(join(folder, "zod", "cases.jsonl"), [one, { ...one, id: "2", path: "src/b.ts" }, { ...one, id: "3", moved: true }].map((each) => `${JSON.stringify(each)}\n`).join(""));
    });
    after(() => { rmSync(folder, { recursive: true }); });

    it("leave moved lines out, and stand a second time at a line's end", () => {
      const { cases } = readHistory(folder, "zod", 0, 10);
      assert.deepEqual(cases.map(({ id, expected }) => [id, expected]), [["1", "Together(first, second);"], ["2", "Together(first, second);"], ["1", ""]]);
    });

    it("do not hear the old copy of the file they were written in, and the others find it again", () => {
      const history = readHistory(folder, "zod", 0, 10);
      const known = [...eachCase(history)].length;
      const heard: [string, boolean][] = [];
      for (const { one } of eachCase(history)) heard.push([one.path, history.corpus.has("src/a.ts")]);
      assert.equal(known, 3);
      assert.deepEqual(heard, [["src/a.ts", false], ["src/a.ts", false], ["src/b.ts", true]]);
    });

    it("give votes that prefer what was right", () => {
      const data = new VoteData();
      data.add(readHistory(folder, "zod", 0, 10));
      assert.ok(data.starts.length > 0 && data.right.includes(1));
      const { weights, logLikelihood } = fitVotes(data);
      assert.ok(logLikelihood > -1.5 && logLikelihood < 0);
      assert.ok(Object.values(weights).flat().every(Number.isFinite));
    });
  });
});
