import assert from "node:assert/strict";
import { fitModel, fitRow, parseMeasured, type Measured } from "../../../models/recall/fit/fitRows";
import { fitLogistic, logLoss, predict } from "../../../models/recall/fit/logistic";
import { IDENTITY, probabilityOf, type Features } from "../../../src/core/completion/together";

/** Numbers between 0 and 1, the same on every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const sigmoid = (sum: number): number => 1 / (1 + Math.exp(-sum));
const NONE: Features = { recallLogit: 0, hasRecall: 0, draftLogit: 0, draftMean: 0, draftMinimum: 0, ownLogit: 0, agrees: 0 };

/** Cases of six repositories in which the truth follows a known row. */
function casesOf(truth: (features: Features) => number, count = 3_000): Measured[] {
  const next = numbers(7);
  return Array.from({ length: count }, (_, index): Measured => {
    const features: Features = { ...NONE, hasRecall: 1, recallLogit: 6 * next() - 3, draftLogit: 6 * next() - 3, agrees: Number(next() < 0.3) };
    return { candidate: "recall", features, right: next() < truth(features), repository: `r${String(index % 6)}` };
  });
}

describe("fitting how both voices are weighed", () => {
  describe("logistic", () => {
    it("finds the row that made the data", () => {
      const next = numbers(1);
      const examples = Array.from({ length: 20_000 }, () => {
        const features = [10 * next() - 5, 100 * next(), 1];
        return { features, right: next() < sigmoid(0.5 + 0.8 * (features[0] ?? 0) - 0.03 * (features[1] ?? 0)) };
      });
      const [bias = 0, first = 0, second = 0, constant] = fitLogistic(examples, 1);
      assert.ok(Math.abs(bias - 0.5) < 0.15 && Math.abs(first - 0.8) < 0.05 && Math.abs(second + 0.03) < 0.003, [bias, first, second].join(" "));
      assert.equal(constant, 0, "what never varies teaches nothing");
    });

    it("at its answer the mean prediction is the share of what was right", () => {
      const next = numbers(2);
      const examples = Array.from({ length: 500 }, () => ({ features: [next()], right: next() < 0.3 }));
      const weights = fitLogistic(examples, 1);
      const predicted = examples.reduce((sum, { features }) => sum + predict(weights, features), 0) / examples.length;
      assert.ok(Math.abs(predicted - examples.filter(({ right }) => right).length / examples.length) < 1e-6);
    });

    it("separable data give finite weights, by the ridge", () => {
      const weights = fitLogistic([-2, -1, 1, 2].map((value) => ({ features: [value], right: value > 0 })), 1);
      assert.ok(weights.every(Number.isFinite) && predict(weights, [2]) > 0.5 && predict(weights, [-2]) < 0.5);
    });

    it("log loss: certain and right costs nothing, certain and wrong a lot, but no infinity", () => {
      assert.equal(logLoss([{ probability: 1, right: true }]), 0);
      assert.ok(Math.abs(logLoss([{ probability: 0.5, right: true }]) - Math.log(2)) < 1e-12);
      assert.ok(logLoss([{ probability: 1, right: false }]) > 10 && Number.isFinite(logLoss([{ probability: 1, right: false }])));
    });
  });

  describe("a row", () => {
    it("learns that the model's score counts, and that agreement does", () => {
      const truth = (features: Features): number => sigmoid(0.6 * features.recallLogit + 0.4 * features.draftLogit + features.agrees - 0.5);
      const { row, kept, heldOut, logLoss: after, before } = fitRow(casesOf(truth), IDENTITY.starter.recall);
      assert.ok(!kept && after < before);
      for (const features of [{ ...NONE, hasRecall: 1, recallLogit: 2, draftLogit: -2 }, { ...NONE, hasRecall: 1, recallLogit: 0, draftLogit: 2, agrees: 1 }]) {
        assert.ok(Math.abs(probabilityOf(row, features) - truth(features)) < 0.06);
      }
      assert.deepEqual(heldOut.map(({ repository, cases }) => [repository, cases]), ["r0", "r1", "r2", "r3", "r4", "r5"].map((name) => [name, 500]));
      for (const { shareRight, meanProbability } of heldOut) assert.ok(Math.abs(shareRight - meanProbability) < 0.06);
    });

    it("stays as it is where the fit is no better on repositories it has not seen", () => {
      const truth = (features: Features): number => sigmoid(features.recallLogit);
      const { row, kept, logLoss: after, before } = fitRow(casesOf(truth, 600), IDENTITY.starter.recall);
      assert.ok(kept && after >= before, `${String(after)} and ${String(before)}`);
      assert.equal(row, IDENTITY.starter.recall);
    });

    it("is not judged by its own repository: one in which everything is turned round does not gain by it", () => {
      const truth = (features: Features): number => sigmoid(3 * features.recallLogit);
      const cases = casesOf(truth).map((one) => (one.repository === "r5" ? { ...one, right: one.features.recallLogit < 0 } : one));
      const odd = fitRow(cases, IDENTITY.starter.recall).heldOut.find(({ repository }) => repository === "r5");
      assert.ok((odd?.logLoss ?? 0) > 1, String(odd?.logLoss));
    });

    it("needs enough cases of enough repositories", () => {
      assert.throws(() => fitRow(casesOf(() => 0.5, 99), IDENTITY.starter.recall), /99 cases/);
      assert.throws(() => fitRow(casesOf(() => 0.5).filter(({ repository }) => repository < "r2"), IDENTITY.starter.recall), /2 repositories/);
    });
  });

  it("a model: each row from its own cases, one without enough stays", () => {
    const fitted = fitModel(casesOf((features) => sigmoid(features.draftLogit)), IDENTITY.starter);
    assert.ok("row" in fitted.recall && !fitted.recall.kept);
    assert.ok("tooLittle" in fitted.own && /^0 cases/.test(fitted.own.tooLittle));
  });

  describe("a line of the measurements", () => {
    const line = { candidate: "own", features: NONE, right: true, repository: "r" };
    it("is read", () => { assert.deepEqual(parseMeasured(JSON.stringify(line), 1), line); });
    it("that is not usable is named with what is wrong", () => {
      assert.throws(() => parseMeasured("{", 4), /^Error: line 4: it is not JSON/);
      assert.throws(() => parseMeasured(JSON.stringify({ ...line, features: { ...NONE, agrees: "1" } }), 5), /line 5: features\.agrees: /);
    });
  });
});
