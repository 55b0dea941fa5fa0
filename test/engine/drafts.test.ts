import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { CompleteResult, DraftScore } from "../../src/protocol/engine";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { RealEngine, textOf } from "../support/realEngine";

const STARTER = "models/starter/ghostlight-starter.gguf";

/** A place whose rest the starter knows how to write. */
const PLACE = { path: "src/sum.ts", prefix: "export function sum(values: number[]): number {\n  let total = 0;\n", typed: "  for (let i = 0; i <", suffix: "\n    total += values[i];\n  }\n  return total;\n}\n" };
const LINE = " values.length; i++) {";

/** Batches and single steps add up their sums in another order: probabilities agree to about a thousandth. */
function close(left: number, right: number, words: string): void {
  assert.ok(Math.abs(left - right) <= 1e-3 + 1e-2 * Math.max(left, right), `${words}: ${String(left)} and ${String(right)}`);
}

describe("engine: drafts are scored", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();

  const NO_LIMIT = { maxTokens: 40, threshold: 0 };
  const scoreOf = (result: CompleteResult, index = 0): DraftScore => result.drafts[index] ?? assert.fail("not scored");

  describe("the bundled starter", () => {
    before(async () => {
      assert.ok(existsSync(STARTER), `${STARTER} is missing`);
      await engine.load(STARTER);
    });

    it("a draft's probabilities are those of generating it in single steps", async () => {
      const stepped = await engine.complete(PLACE, { limits: NO_LIMIT, fresh: true });
      const [firstLine = "", rest] = textOf(stepped).split("\n");
      assert.ok(stepped.tokens.length > 3 && stepped.verifiedTokens === 0 && rest !== undefined, textOf(stepped));
      const drafted = await engine.complete(PLACE, { limits: NO_LIMIT, fresh: true, drafts: [firstLine] });
      const score = scoreOf(drafted);
      const product = stepped.tokens.reduce((all, token) => all * token.probability, 1);
      assert.ok(score.lineProbability >= product * 0.98 && score.lineProbability < product + 0.2, `${String(score.lineProbability)} and ${String(product)}`);
      for (const [index, token] of score.tokens.slice(0, -1).entries()) {
        assert.equal(token.text, stepped.tokens[index]?.text);
        close(token.probability, stepped.tokens[index]?.probability ?? 0, token.text);
      }
      assert.equal(textOf(drafted), textOf(stepped), "and the text is the same");
      assert.ok(drafted.verifiedTokens >= score.tokens.length - 1, "its tokens cost no step");
    });

    it("a text that fits is likelier than one that does not, and than half of it", async () => {
      const [fitting, foreign, half] = (await engine.complete(PLACE, { limits: NO_LIMIT, drafts: [LINE, " 3 * banana();", " values.length"] })).drafts;
      assert.ok(fitting && foreign && half);
      assert.ok(fitting.lineProbability > 10 * foreign.lineProbability && fitting.lineProbability > 10 * half.lineProbability, JSON.stringify([fitting, foreign, half]));
    });

    it("the next key costs what it costs without drafts, and drafts at most what they are long", async () => {
      const drafts = [LINE, " values.size; i++) {", " 10; i++) {"];
      const keys = [1, 2, 3, 4, 5, 6].map((length) => ({ ...PLACE, typed: PLACE.typed + LINE.slice(0, length) }));
      const costs = async (options: { drafts?: readonly string[] }): Promise<number[]> => {
        await engine.complete(PLACE, { limits: NO_LIMIT, fresh: true, ...options });
        const found: number[] = [];
        for (const key of keys) found.push((await engine.complete(key, { limits: NO_LIMIT, ...options })).evaluatedTokens);
        return found;
      };
      assert.deepEqual(await costs({ drafts }), await costs({}));
      const first = await engine.complete(PLACE, { limits: NO_LIMIT, fresh: true, drafts });
      assert.equal(first.evaluatedTokens, first.promptTokens);
      assert.ok(first.draftTokens > 0 && first.draftTokens <= 40, String(first.draftTokens));
    });
  });

  for (const family of ["qwen", "starcoder", "deepseek"] as const) {
    it(`${family}: any draft's score is the product of single steps, whatever the model thinks of it`, async () => {
      // Single tokens of the vocabulary: so the draft is split as it is typed.
      await engine.load(models.model({ family, layers: 2 }));
      const draft = "x=1";
      const score = scoreOf(await engine.complete({ typed: "a" }, { drafts: [draft], fresh: true }));
      const texts = score.tokens.map((token) => token.text);
      assert.equal(texts.join(""), draft);
      for (const [index, token] of score.tokens.entries()) {
        const typed = `a${texts.slice(0, index).join("")}`;
        const step = scoreOf(await engine.complete({ typed }, { drafts: [token.text], fresh: true }));
        close(token.probability, step.tokens[0]?.probability ?? 0, token.text);
      }
    });
  }

  it("cancelled in the midst: no scores, and what was evaluated is used on", async () => {
    await engine.load(models.model({ family: "qwen", layers: 6, width: 512 }));
    const long = { prefix: "const value = index;\n".repeat(100) };
    await engine.complete(long);
    const controller = new AbortController();
    const drafts = ["a", "b", "c", "d", "e"].map((name) => ` ${name.repeat(3)} = ${name}[index] + ${name}.length`);
    const cancelled = engine.complete(long, { drafts, limits: { maxTokens: 60 }, signal: controller.signal });
    await engine.residentBytes();
    controller.abort();
    const { stop, draftTokens, drafts: scores, generatedTokens } = await cancelled;
    const whole = await engine.complete(long, { drafts, limits: { maxTokens: 60 } });
    assert.deepEqual([stop, scores, generatedTokens], ["cancelled", [], 0]);
    assert.ok(draftTokens < whole.draftTokens && whole.drafts.every((score) => score !== null), `${String(draftTokens)} of ${String(whole.draftTokens)}`);
    assert.equal(whole.evaluatedTokens, 0);
  });
});
