import assert from "node:assert/strict";
import { complete, DEBOUNCE_MS, freshMemory, type CompletionMemory, type CompletionOptions, type CompletionPorts } from "../../../../src/core/completion/complete";
import { IDENTITY } from "../../../../src/core/completion/together";
import type { FollowUp, Outcome } from "../../../../src/core/completion/outcome";
import type { RecallCandidate } from "../../../../src/core/recall/suggestion";
import { abortError } from "../../../../src/core/util/abort";
import type { CompleteResult, DraftScore } from "../../../../src/protocol/engine";
import { completeResultOf, generationOf, tokensOf } from "../../../support/engineResults";
import { snapshotAt } from "../../../support/snapshotNotation";

/** A promise that a test ends by hand. */
class Later<T> {
  end: (value: T) => void = () => undefined;
  readonly promise = new Promise<T>((resolve) => { this.end = resolve; });
}

/** Two voices that say what a test tells them, and write down when they were asked. */
class Voices {
  readonly asked: string[] = [];
  readonly drafts: (readonly string[])[] = [];
  readonly followUps: FollowUp[] = [];
  readonly signals: AbortSignal[] = [];
  candidates: readonly RecallCandidate[] = [];
  model: () => Promise<CompleteResult> = async () => said(" 2;");
  recall: (() => Promise<never>) | undefined;
  excluded: string | undefined;
  ready = true;

  get ports(): CompletionPorts {
    return {
      recall: { suggest: async () => { this.asked.push("recall"); return this.recall ? await this.recall() : { candidates: this.candidates }; } },
      engine: {
        contextSize: () => (this.ready ? 2_048 : undefined),
        family: () => "qwen",
        complete: (_plan, _limits, drafts, signal) => {
          this.asked.push("model");
          this.drafts.push(drafts);
          this.signals.push(signal);
          return this.model();
        },
      },
      heads: { head: () => [] },
      exclusions: { excludedBecause: async () => this.excluded },
      wait: async (milliseconds, signal) => {
        this.asked.push(`wait ${String(milliseconds)}`);
        if (signal.aborted) throw abortError();
      },
      clock: () => 0,
      onFollowUp: (followUp) => { this.followUps.push(followUp); },
    };
  }

  ask(notation: string, memory: CompletionMemory = freshMemory(), options: Partial<CompletionOptions> = {}, signal = new AbortController().signal): Promise<Outcome> {
    return complete(snapshotAt(notation), { explicit: false, threshold: 0.5, engines: "both", ...options }, memory, this.ports, signal);
  }
}

const recalls = (text: string, probability: number, ...following: readonly string[]): RecallCandidate => ({ text, probability, following: following.map((line) => ({ text: line, probability })) });
const scored = (lineProbability: number): DraftScore => ({ tokens: tokensOf("x", lineProbability), endProbability: 1, lineProbability });
/** What the model says: its own text, each token with 0.99, and a score for each draft. */
const said = (text: string, ...scores: readonly number[]): CompleteResult => completeResultOf(generationOf(tokensOf(text)), scores.map(scored));
/** The model is not sure of anything of its own. */
const unsure = (...scores: readonly number[]): CompleteResult => completeResultOf(generationOf([], "unsure"), scores.map(scored));

const shownBy = (outcome: Outcome): unknown => (outcome.outcome === "shown" ? [outcome.voice, outcome.text, outcome.held] : outcome);

describe("core/completion: two voices", () => {
  it("of a model that is weighed by whole lines a line that the gate has cut is not shown; alone it is", async () => {
    const voices = new Voices();
    const cut = completeResultOf(generationOf(tokensOf(" first(", 0.99), "unsure"));
    voices.model = async () => cut;
    const rows = { ...IDENTITY.starter, wholeLines: true };
    const ports: CompletionPorts = { ...voices.ports, together: { version: 1, starter: rows, unknownModel: rows } };
    const ask = (engines: "both" | "model"): Promise<Outcome> => complete(snapshotAt("a =|"), { explicit: false, threshold: 0.5, engines }, freshMemory(), ports, new AbortController().signal);
    assert.deepEqual([shownBy(await ask("model")), (await ask("both")).outcome], [["model", " first(", false], "nothing"]);
    voices.model = async () => said(" first();\n");
    assert.deepEqual(shownBy(await ask("both")), ["model", " first();", false]);
  });

  describe("recall is sure", () => {
    it("its text is the answer at once: nobody waits, and the model has not spoken yet", async () => {
      const voices = new Voices();
      voices.candidates = [recalls(" = 1;", 0.8)];
      const never = new Later<CompleteResult>();
      voices.model = () => never.promise;
      const outcome = await voices.ask("a|");
      assert.deepEqual(shownBy(outcome), ["recall", " = 1;", false]);
      assert.ok(outcome.outcome === "shown" && outcome.confidence === 0.8 && outcome.counts.evaluatedTokens === 0);
    });

    it("the model is asked as the same request goes on, after the wait, with recall's texts as drafts", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" = 1;", 0.8), recalls(" = 2;", 0.1), recalls(" = 3;", 0.01)];
      await voices.ask("a|", memory);
      await memory.followUp?.ended;
      assert.deepEqual(voices.asked, ["recall", `wait ${String(DEBOUNCE_MS)}`, "model"]);
      assert.deepEqual(voices.drafts, [[" = 1;", " = 2;"]], "what recall itself thinks nothing of is not scored");
    });

    it("where a block starts the model's lines extend what recall was shown with, and asked again at rest they are there", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls("x) {", 0.8)];
      voices.model = async () => completeResultOf(generationOf(tokensOf("x) {", "\n    return x;", "\n  }")), [scored(0.9)]);
      await voices.ask("  if (|", memory);
      await memory.followUp?.ended;
      assert.deepEqual(voices.followUps.map((followUp) => followUp.followUp), ["extended"]);
      const again = await voices.ask("  if (|", memory, { explicit: true });
      assert.deepEqual(shownBy(again), ["both", "x) {\n    return x;\n  }", true]);
      assert.equal(voices.asked.filter((who) => who === "recall").length, 1, "nobody was asked for it");
    });

    it("confirmed: the text is then spoken by both, and held so", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" 1;", 0.6)];
      voices.model = async () => said(" 1;", 0.95);
      await voices.ask("a =|", memory);
      await memory.followUp?.ended;
      const [followUp] = voices.followUps;
      assert.ok(followUp?.followUp === "confirmed" && followUp.shown.voice === "both" && followUp.shown.counts.promptTokens === 100);
      assert.deepEqual(shownBy(await voices.ask("a = |", memory)), ["both", "1;", true]);
    });

    it("kept: a model that had no say in it is not said to agree", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" 1;", 0.6)];
      voices.model = async () => unsure();
      await voices.ask("a =|", memory);
      await memory.followUp?.ended;
      assert.deepEqual(voices.followUps.map((followUp) => followUp.followUp), ["kept"]);
    });

    it("typed along while the model works: its work goes on and its verdict still counts", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      const verdict = new Later<CompleteResult>();
      voices.candidates = [recalls(" one();", 0.6)];
      voices.model = () => verdict.promise;
      await voices.ask("a =|", memory);
      assert.deepEqual(shownBy(await voices.ask("a = |", memory)), ["recall", "one();", true]);
      verdict.end(said(" two();", 0.2));
      await memory.followUp?.ended;
      assert.equal(voices.signals[0]?.aborted, false);
      assert.deepEqual(voices.followUps.map((followUp) => followUp.followUp), ["waits"]);
      assert.deepEqual(shownBy(await voices.ask("a = |", memory)), ["recall", "one();", true], "at rest it stays");
      assert.deepEqual(shownBy(await voices.ask("a = t|", memory)), ["model", "wo();", true]);
    });

    it("surer by the margin: the model's text comes with the next key, not before", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" one();", 0.6)];
      voices.model = async () => said(" two();", 0.3);
      await voices.ask("a =|", memory);
      await memory.followUp?.ended;
      assert.deepEqual(shownBy(await voices.ask("a =|", memory)), ["recall", " one();", true]);
      assert.deepEqual(shownBy(await voices.ask("a = |", memory)), ["model", "two();", true]);
    });

    it("doubted: it stays while the person rests, and the next key asks anew", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" one();", 0.6)];
      voices.model = async () => unsure(0.001);
      const weights = { wholeLines: false, recall: { bias: 0, recallLogit: 0, hasRecall: 0, draftLogit: 1, draftMean: 0, draftMinimum: 0, ownLogit: 0, agrees: 0 }, own: { bias: 0, recallLogit: 0, hasRecall: 0, draftLogit: 0, draftMean: 0, draftMinimum: 0, ownLogit: 1, agrees: 0 } };
      const ports: CompletionPorts = { ...voices.ports, together: { version: 1, starter: weights, unknownModel: weights } };
      const ask = (notation: string): Promise<Outcome> => complete(snapshotAt(notation), { explicit: false, threshold: 0.5, engines: "both" }, memory, ports, new AbortController().signal);
      await ask("a =|");
      await memory.followUp?.ended;
      assert.deepEqual(voices.followUps.map((followUp) => followUp.followUp), ["doubted"]);
      assert.deepEqual(shownBy(await ask("a =|")), ["recall", " one();", true]);
      voices.candidates = [];
      assert.equal((await ask("a = |")).outcome, "nothing");
    });

    it("leaving the shown text stops the model's work on it, and its late verdict changes nothing", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      const verdict = new Later<CompleteResult>();
      voices.candidates = [recalls(" = 1;", 0.8)];
      voices.model = () => verdict.promise;
      await voices.ask("a|", memory);
      await Promise.resolve();
      const first = memory.followUp;
      voices.candidates = [recalls("();", 0.9)];
      await voices.ask("ab|", memory);
      verdict.end(said(" = 1; // longer", 0.99));
      await first?.ended;
      assert.equal(first?.stop.signal.aborted, true);
      assert.equal(voices.followUps[0]?.followUp, "cancelled");
      assert.equal(memory.stage.shown?.text, "();");
    });

    it("a place that is not worth asking stops it as well", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" = 1;", 0.8)];
      await voices.ask("a|", memory);
      const work = memory.followUp;
      await voices.ask("con|st", memory);
      assert.equal(work?.stop.signal.aborted, true);
    });

    it("a model that fails afterwards is told, and what is shown stays", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" = 1;", 0.8)];
      voices.model = async () => { throw new Error("the engine process ended"); };
      await voices.ask("a|", memory);
      await memory.followUp?.ended;
      assert.deepEqual(voices.followUps, [{ followUp: "failed", cause: "the engine process ended" }]);
      assert.deepEqual(shownBy(await voices.ask("a |", memory)), ["recall", "= 1;", true]);
    });

    it("no model ready: there is no follow-up", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.ready = false;
      voices.candidates = [recalls(" = 1;", 0.8)];
      assert.deepEqual(shownBy(await voices.ask("a|", memory)), ["recall", " = 1;", false]);
      assert.equal(memory.followUp, undefined);
    });
  });

  describe("recall is not sure", () => {
    it("the model is awaited and answers for itself", async () => {
      const voices = new Voices();
      voices.candidates = [recalls(" = 1;", 0.3)];
      voices.model = async () => said(" = 2;", 0.1);
      assert.deepEqual(shownBy(await voices.ask("a|")), ["model", " = 2;", false]);
      assert.deepEqual(voices.asked, ["recall", `wait ${String(DEBOUNCE_MS)}`, "model"]);
    });

    it("a model that agrees makes it sure", async () => {
      const voices = new Voices();
      voices.candidates = [recalls(" = 1;", 0.3)];
      voices.model = async () => said(" = 1;", 0.95);
      assert.deepEqual(shownBy(await voices.ask("a|")), ["both", " = 1;", false]);
    });

    it("nothing at all: the reason is the model's", async () => {
      const voices = new Voices();
      voices.model = async () => unsure();
      const outcome = await voices.ask("a|");
      assert.ok(outcome.outcome === "nothing" && outcome.reason === "unsure");
    });

    it("no model ready: not ready without candidates, unsure with some", async () => {
      const voices = new Voices();
      voices.ready = false;
      const reason = async (): Promise<unknown> => { const outcome = await voices.ask("a|"); return outcome.outcome === "nothing" && outcome.reason; };
      assert.equal(await reason(), "notReady");
      voices.candidates = [recalls(" = 1;", 0.3)];
      assert.equal(await reason(), "unsure");
    });

    it("the next key while recall looks ends it before the model is asked", async () => {
      const voices = new Voices();
      const controller = new AbortController();
      voices.recall = async () => { controller.abort(); throw abortError(); };
      assert.equal((await voices.ask("a|", freshMemory(), {}, controller.signal)).outcome, "cancelled");
      assert.deepEqual(voices.asked, ["recall"]);
    });
  });

  describe("settled answers, for whoever does not watch a screen", () => {
    it("wait for both and take the surer", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" = 1;", 0.6)];
      voices.model = async () => said(" = 2;", 0.2);
      assert.deepEqual(shownBy(await voices.ask("a|", memory, { settle: true })), ["model", " = 2;", false]);
      assert.equal(memory.followUp, undefined);
    });

    it("a model that fails leaves recall's answer, and is named", async () => {
      const voices = new Voices();
      voices.candidates = [recalls(" = 1;", 0.6)];
      voices.model = async () => { throw new Error("gone"); };
      const outcome = await voices.ask("a|", freshMemory(), { settle: true });
      assert.ok(outcome.outcome === "shown" && outcome.voice === "recall" && outcome.leftOut.includes("the model: gone"));
      voices.candidates = [recalls(" = 1;", 0.3)];
      assert.deepEqual(await voices.ask("a|", freshMemory(), { settle: true }).then((other) => other.outcome === "failed" && other.cause), "gone");
    });
  });

  describe("one of them alone", () => {
    it("recall: the model is never asked", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" = 1;", 0.8)];
      assert.deepEqual(shownBy(await voices.ask("a|", memory, { engines: "recall" })), ["recall", " = 1;", false]);
      voices.candidates = [];
      const outcome = await voices.ask("b|", memory, { engines: "recall" });
      assert.ok(outcome.outcome === "nothing" && outcome.reason === "noMatch");
      assert.deepEqual([voices.asked, memory.followUp], [["recall", "recall"], undefined]);
    });

    it("the model: recall is never asked", async () => {
      const voices = new Voices();
      voices.candidates = [recalls(" = 1;", 0.8)];
      assert.deepEqual(shownBy(await voices.ask("a|", freshMemory(), { engines: "model" })), ["model", " 2;", false]);
      assert.deepEqual(voices.asked, [`wait ${String(DEBOUNCE_MS)}`, "model"]);
    });

    it("what the other one is still shown with does not hold", async () => {
      const voices = new Voices();
      const memory = freshMemory();
      voices.candidates = [recalls(" = 1;", 0.8)];
      await voices.ask("a|", memory);
      assert.deepEqual(shownBy(await voices.ask("a|", memory, { engines: "model" })), ["model", " 2;", false]);
      assert.deepEqual(shownBy(await voices.ask("a|", memory, { engines: "recall" })), ["recall", " = 1;", false]);
    });

    it("recall that breaks costs the model's answer nothing, and is named; alone it is a failure", async () => {
      const voices = new Voices();
      voices.recall = () => Promise.reject(new Error("the index worker ended"));
      const outcome = await voices.ask("a|");
      assert.ok(outcome.outcome === "shown" && outcome.voice === "model" && outcome.leftOut.includes("recall: the index worker ended"));
      const alone = await voices.ask("a|", freshMemory(), { engines: "recall" });
      assert.ok(alone.outcome === "failed" && alone.cause === "the index worker ended");
    });
  });

  it("an excluded file is shown to neither", async () => {
    const voices = new Voices();
    voices.excluded = "secret by name";
    voices.candidates = [recalls(" = 1;", 0.9)];
    assert.equal((await voices.ask("a|")).outcome, "nothing");
    assert.deepEqual(voices.asked, []);
  });
});
