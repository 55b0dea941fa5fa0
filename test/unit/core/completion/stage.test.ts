import assert from "node:assert/strict";
import fc from "fast-check";
import type { Candidate } from "../../../../src/core/completion/decide";
import { EMPTY_STAGE, MARGIN, onKey, onVerdict, present, type Stage } from "../../../../src/core/completion/stage";
import { snapshotAt } from "../../../support/snapshotNotation";

const HERE = snapshotAt("a|");
const THRESHOLD = 0.5;

function candidate(text: string, probability: number, voice: Candidate["voice"] = "model"): Candidate {
  return { text, probability, voice, sure: probability >= THRESHOLD };
}

/** Recall's text shown at `HERE`, and then the model's verdict on it. */
function after(shown: string, probability: number, ...verdict: readonly Candidate[]): ReturnType<typeof onVerdict> {
  return onVerdict(present(HERE, candidate(shown, probability, "recall")), HERE, verdict, THRESHOLD);
}

/** What a key leaves on the screen. */
function key(stage: Stage, now: string): string | undefined {
  return onKey(stage, snapshotAt(now))?.text;
}

describe("core/completion/stage", () => {
  it("nothing is shown: nothing holds", () => { assert.equal(onKey(EMPTY_STAGE, HERE), undefined); });

  it("what is shown holds while it is typed along, with who spoke it", () => {
    const held = onKey(present(HERE, candidate(" = 1;", 0.8, "recall")), snapshotAt("a =|"));
    assert.deepEqual([held?.text, held?.suggestion.voice, held?.suggestion.confidence], [" 1;", "recall", 0.8]);
  });

  describe("rule 1: while no key is pressed, shown text is only extended", () => {
    it("a text that begins with it takes its place at once", () => {
      const { stage, change } = after(" = f(", 0.7, candidate(" = f(x);", 0.6));
      assert.deepEqual([change, key(stage, "a|"), stage.shown?.voice, stage.shown?.confidence], ["extended", " = f(x);", "model", 0.6]);
    });

    it("lines below it extend it as well", () => {
      const { stage, change } = after(" = f(", 0.7, candidate(" = f(\n  x,\n);", 0.6, "both"));
      assert.deepEqual([change, key(stage, "a|"), stage.shown?.voice], ["extended", " = f(\n  x,\n);", "both"]);
    });

    it("a longer text that is not sure does not", () => {
      assert.deepEqual(after(" = f(", 0.7, candidate(" = f(x);", 0.4)).change, "kept");
    });

    it("a surer text of another start waits, and what is shown stays", () => {
      const { stage, change } = after(" = 1;", 0.6, candidate(" + 2;", 0.95), candidate(" = 1;", 0.55, "recall"));
      assert.deepEqual([change, key(stage, "a|")], ["waits", " = 1;"]);
    });

    it("a text that the model refuses stays", () => {
      const { stage, change } = after(" = 1;", 0.9, candidate(" = 1;", 0.01, "recall"));
      assert.deepEqual([change, stage.doubted, key(stage, "a|")], ["doubted", true, " = 1;"]);
    });

    it("asked again at the same place, it is the same", () => {
      const { stage } = after(" = 1;", 0.6, candidate(" + 2;", 0.95));
      const again = onKey(stage, HERE);
      assert.ok(again);
      assert.equal(key(again.stage, "a|"), " = 1;");
    });
  });

  describe("rule 2: with the next key it stays, unless another is surer by the margin", () => {
    /** Two texts with the same first character, and what stands there after it was typed. */
    const afterKey = (shown: number, other: number): string | undefined => key(after(" one", 0.6, candidate(" one", shown, "recall"), candidate(" two", other)).stage, "a |");

    it("by more than the margin: the other one comes", () => { assert.equal(afterKey(0.6, 0.6 + MARGIN + 0.01), "two"); });
    it("by the margin: what is shown stays", () => { assert.equal(afterKey(0.5, 0.5 + MARGIN), "one"); });
    it("by less: what is shown stays", () => { assert.equal(afterKey(0.6, 0.7), "one"); });

    it("the other one keeps its place once it has come", () => {
      const replaced = onKey(after(" one", 0.6, candidate(" one", 0.6, "recall"), candidate(" two", 0.9)).stage, snapshotAt("a |"));
      assert.ok(replaced);
      assert.deepEqual([replaced.suggestion.voice, key(replaced.stage, "a t|"), key(replaced.stage, "a o|")], ["model", "wo", undefined]);
    });

    it("typing along the other one shows it, however sure", () => {
      const { stage } = after("= 1;", 0.9, candidate("= 1;", 0.9, "recall"), candidate("+ 2;", 0.5));
      assert.deepEqual(["a=|", "a+|", "a-|"].map((now) => key(stage, now)), [" 1;", " 2;", undefined]);
    });

    it("a doubted text is not held, a waiting one takes its place", () => {
      assert.equal(key(after(" one", 0.9, candidate(" one", 0.05, "recall")).stage, "a |"), undefined);
      assert.equal(key(after(" one", 0.9, candidate(" two", 0.5), candidate(" one", 0.05, "recall")).stage, "a |"), "two");
    });

    it("a text that the model only likes less is held", () => {
      const { stage, change } = after(" one", 0.9, candidate(" one", 0.3, "recall"));
      assert.deepEqual([change, key(stage, "a |"), stage.shown?.confidence], ["kept", "one", 0.3]);
    });
  });

  describe("rule 3: never replaced by a shorter text of the same start", () => {
    it("not while the person rests", () => {
      const { stage, change } = after(" = f(x);", 0.6, candidate(" = f(", 0.99));
      assert.deepEqual([change, key(stage, "a|"), stage.waiting], ["kept", " = f(x);", undefined]);
    });
    it("not with the next key", () => {
      assert.equal(key(after(" = f(x);", 0.6, candidate(" = f(", 0.99), candidate(" = f(x);", 0.55, "recall")).stage, "a |"), "= f(x);");
    });
  });

  it("confirmed: the remembered confidence and the voice follow the verdict", () => {
    const { stage, change } = after(" = 1;", 0.6, candidate(" = 1;", 0.95, "both"));
    assert.deepEqual([change, stage.shown?.confidence, stage.shown?.voice], ["confirmed", 0.95, "both"]);
  });

  it("a verdict without a candidate keeps everything", () => {
    const { stage, change } = after(" = 1;", 0.6);
    assert.deepEqual([change, stage.shown?.confidence, key(stage, "a |")], ["kept", 0.6, "= 1;"]);
  });

  it("property: whatever the verdicts, at rest the text only grows, and a key never shortens one of the same start", () => {
    const text = fc.array(fc.constantFrom("x", "y"), { minLength: 1, maxLength: 4 }).map((letters) => letters.join(""));
    const verdict = fc.array(fc.record({ text, probability: fc.double({ min: 0, max: 1, noNaN: true }) }).map(({ text, probability }) => candidate(text, probability)), { maxLength: 4 });
    fc.assert(fc.property(text, fc.array(verdict, { maxLength: 4 }), (shown, verdicts) => {
      let stage = present(HERE, candidate(shown, 0.6, "recall"));
      let visible = shown;
      for (const candidates of verdicts) {
        ({ stage } = onVerdict(stage, HERE, candidates, THRESHOLD));
        const now = key(stage, "a|") ?? "";
        assert.ok(now.startsWith(visible), `${visible} became ${now}`);
        visible = now;
      }
      const next = key(stage, `a${visible[0] ?? ""}|`);
      const along = visible.slice(1);
      assert.ok(next === undefined || next === along || !along.startsWith(next), `${along} became ${String(next)}`);
    }));
  });
});
