import assert from "node:assert/strict";
import type { AnswerOutcome } from "../../../../src/core/chat/answerer";
import { Conversation } from "../../../../src/core/chat/conversation";
import type { CorrectionOutcome } from "../../../../src/core/chat/correction";
import type { Turn } from "../../../../src/core/chat/transcript";
import { NOTHING_ROUTED, type RoutingRecord } from "../../../../src/core/routing/routingRecord";
import { silentLog } from "../../../../src/core/util/log";
import type { UnnumberedHostMessage } from "../../../../src/protocol/chatView";
import type { CheckedCode, ParseVerdict } from "../../../../src/protocol/indexWorker";
import { MemoryJournal, PlayedAnswerer, PlayedCorrector } from "../../../support/chatFakes";

const SURE = { lowQuantile: 0.9, lowestRun: 0.9, tokens: 40 };
const UNSURE = { lowQuantile: 0.2, lowestRun: 0.2, tokens: 40 };
const answered = (text: string, certainty = SURE): AnswerOutcome => ({ outcome: "done", answer: { text, kind: "model", sources: [], leftOut: [] }, model: "Small", certainty });
const corrected = (text: string): CorrectionOutcome => ({ outcome: "done", text });
const broken: CorrectionOutcome = { outcome: "failed", cause: "The network went away.", partial: "The bet", retry: true };
const keptLocal: CorrectionOutcome = { outcome: "refused", by: "person", because: "You kept it local." };
const forbidden: CorrectionOutcome = { outcome: "refused", by: "policy", because: "A policy forbids it." };

describe("core/chat/conversation: corrections", () => {
  let answerer: PlayedAnswerer;
  let corrector: PlayedCorrector;
  let journal: MemoryJournal;
  let posts: UnnumberedHostMessage[];
  let warnings: string[];
  let record: RoutingRecord;
  let verdicts: ParseVerdict[];
  let checked: CheckedCode[];
  let conversation: Conversation;

  beforeEach(() => {
    let ids = 0;
    answerer = new PlayedAnswerer();
    corrector = new PlayedCorrector();
    journal = new MemoryJournal();
    posts = [];
    warnings = [];
    record = NOTHING_ROUTED;
    verdicts = [];
    checked = [];
    const log = { ...silentLog, warn: (line: string) => void warnings.push(line), error: (line: string) => void warnings.push(line) };
    const routing = {
      store: { record: () => record, change: (changed: RoutingRecord) => void (record = changed) },
      checkCode: async (blocks: readonly CheckedCode[]) => (checked.push(...blocks), verdicts),
    };
    conversation = new Conversation({ answerer, corrector, routing, journal, log, newId: () => `t${++ids}`, now: () => 7, post: (message) => void posts.push(message), onAnswering: () => undefined, refresh: () => undefined });
  });

  const types = (): string => posts.map(({ type }) => type).join(" ");
  const kept = (): string => journal.events.map(({ event }) => event).join(" ");
  const turn = (id = "t1"): Turn => {
    const found = conversation.turn(id);
    assert.ok(found);
    return found;
  };
  const state = (id = "t1"): string | undefined => turn(id).correction?.state.state;

  async function ask(question: string, outcome: AnswerOutcome): Promise<void> {
    const heard = answerer.heard();
    const ended = conversation.ask(question);
    await heard;
    answerer.end(outcome);
    await ended;
  }
  /** Begins asking the endpoint; `ended` resolves with the end. */
  async function asking(id = "t1"): Promise<{ ended: Promise<void> }> {
    const heard = corrector.heard();
    const ended = conversation.askEndpoint(id);
    await heard;
    return { ended };
  }
  async function correct(outcome: CorrectionOutcome, id = "t1"): Promise<void> {
    const { ended } = await asking(id);
    corrector.end(outcome);
    await ended;
  }

  describe("asking", () => {
    beforeEach(async () => {
      await ask("why?", answered("The draft."));
      posts = [];
    });

    it("streams beside the draft and ends with the whole correction", async () => {
      const { ended } = await asking();
      corrector.asked[0]?.onDelta("The ");
      corrector.asked[0]?.onDelta("better.");
      assert.equal(turn().correction?.text, "The better.");
      corrector.end(corrected("The better."));
      await ended;
      assert.equal(types(), "correction correctionDelta correctionDelta kept correction");
      assert.equal(kept(), "asked answered correctionAsked corrected");
      assert.deepEqual([turn().text, turn().correction], ["The draft.", { endpoint: "Lab", text: "The better.", state: { state: "done" } }]);
    });

    it("is on disk before anybody is asked", async () => {
      await asking();
      assert.equal(kept(), "asked answered correctionAsked");
    });

    it("the network goes away half-way: the draft is whole, the part is there with its cause, and it can be asked again", async () => {
      const { ended } = await asking();
      corrector.asked[0]?.onDelta("The bet");
      corrector.end(broken);
      await ended;
      assert.deepEqual([turn().text, turn().correction?.text, turn().correction?.state], ["The draft.", "The bet", { state: "failed", cause: "The network went away.", retry: true }]);
      await correct(corrected("The better."));
      assert.equal(state(), "done");
      assert.equal(turn().text, "The draft.");
    });

    it("what had come counts also where it did not stream", async () => {
      await correct(broken);
      assert.equal(turn().correction?.text, "The bet");
    });

    it("stop counts at once, the part stays, late words are dropped", async () => {
      const { ended } = await asking();
      corrector.asked[0]?.onDelta("The");
      conversation.stop();
      await ended;
      corrector.asked[0]?.onDelta(" late");
      corrector.end(corrected("late"));
      assert.deepEqual([state(), turn().correction?.text, corrector.asked[0]?.signal.aborted], ["stopped", "The", true]);
    });

    it("a refusal is told in its own words", async () => {
      await correct(forbidden);
      assert.deepEqual(turn().correction, { endpoint: "Lab", text: "", state: { state: "refused", because: "A policy forbids it." } });
    });

    it("a corrector that throws is a failure with a retry, and the log holds none of its words", async () => {
      const { ended } = await asking();
      corrector.crash();
      await ended;
      assert.equal(state(), "failed");
      assert.doesNotMatch(warnings.join(), /secret/);
    });

    it("one thing runs at a time: no question meanwhile, no second correction, none of an answered one", async () => {
      const { ended } = await asking();
      await conversation.ask("other?");
      await conversation.askEndpoint("t1");
      corrector.end(corrected("x"));
      await ended;
      await conversation.askEndpoint("t1");
      await conversation.askEndpoint("nobody");
      assert.deepEqual([answerer.asked.length, corrector.asked.length], [1, 1]);
    });

    it("not while an answer comes", async () => {
      const heard = answerer.heard();
      const ended = conversation.ask("other?");
      await heard;
      await conversation.askEndpoint("t1");
      answerer.end({ outcome: "stopped" });
      await ended;
      assert.equal(corrector.asked.length, 0);
    });

    it("says so when the correction changes nothing", async () => {
      await correct(corrected("The draft. \n"));
      assert.deepEqual(conversation.state().turns[0]?.correction?.status, { state: "done", unchanged: true });
    });

    it("without an endpoint nobody is asked", async () => {
      corrector.name = undefined;
      await conversation.askEndpoint("t1");
      assert.deepEqual([corrector.asked.length, turn().correction, conversation.state().endpoint], [0, undefined, undefined]);
    });

    it("clearing in mid-correction leaves nothing behind, undo brings the draft back, and the next conversation has another id", async () => {
      const { ended } = await asking();
      await conversation.clear();
      await ended;
      assert.deepEqual(conversation.state().turns, []);
      await conversation.undoClear();
      assert.deepEqual([turn().text, turn().correction?.state.state], ["The draft.", "failed"]);
      await asking();
      assert.notEqual(corrector.asked[0]?.conversation, corrector.asked[1]?.conversation);
    });
  });

  it("later questions build on the correction where it is whole, on the draft else", async () => {
    const histories: string[][] = [];
    const original = answerer.answer.bind(answerer);
    answerer.answer = (question, history, listener, signal) => (histories.push(history.map(({ text }) => text)), original(question, history, listener, signal));
    await ask("one", answered("draft 1"));
    await correct(corrected("better 1"));
    await ask("two", answered("draft 2"));
    await correct(broken, turn("t3").id);
    await ask("three", answered("draft 3"));
    assert.deepEqual(histories, [[], ["better 1"], ["better 1", "draft 2"]]);
  });

  it("a failed turn can be corrected where the person asks; it is then answered, and no retry takes it away", async () => {
    await ask("why?", { outcome: "failed", cause: "The engine died.", retry: true });
    await correct(corrected("An answer."));
    assert.equal(state(), "done");
    const heard = answerer.heard();
    const again = conversation.askAgain("t1");
    await heard;
    assert.deepEqual(answerer.asked.at(-1)?.history, ["why?"]);
    answerer.end(answered("x"));
    await again;
    assert.equal(conversation.state().turns.length, 2);
  });

  describe("offers", () => {
    const offered = (id = "t1"): string | undefined => conversation.state().turns.find((one) => one.id === id)?.offer?.words;
    const decisions = (): boolean[] => record.decisions.map(({ asked }) => asked);

    it("a sure answer gets none, an unsure one does, and nothing is sent", async () => {
      await ask("where is it?", answered("Here."));
      assert.deepEqual([offered(), corrector.offersAsked], [undefined, 0]);
      await ask("where is it?", answered("Here?", UNSURE));
      assert.equal(offered("t2"), "The local answer looks unsure: ask Lab? Would send 3 files, 4.1 kB.");
      assert.equal(posts.at(-1)?.type, "offer");
      assert.equal(corrector.asked.length, 0);
    });

    it("code that does not parse gets one; only tagged blocks are looked at", async () => {
      verdicts = ["broken"];
      await ask("where?", answered("```ts\nconst a = ;\n```\n\n```\nfree\n```"));
      assert.deepEqual(checked, [{ tag: "ts", code: "const a = ;\n" }]);
      assert.match(offered() ?? "", /does not parse/);
    });

    it("an index answer that found nothing gets one", async () => {
      await ask("where is x", { outcome: "done", answer: { text: "Nothing.", kind: "index", sources: [], leftOut: [], nothingFound: true } });
      assert.match(offered() ?? "", /found nothing/);
    });

    it("none where it would be refused, none without an endpoint, none where looking into it fails", async () => {
      corrector.would = { because: "Offline only." };
      await ask("a?", answered("x", UNSURE));
      corrector.name = undefined;
      await ask("b?", answered("x", UNSURE));
      corrector.name = "Lab";
      corrector.offer = () => Promise.reject(new Error("secret"));
      await ask("c?", answered("x", UNSURE));
      assert.deepEqual(conversation.state().turns.map(({ offer }) => offer), [undefined, undefined, undefined]);
      assert.doesNotMatch(warnings.join(), /secret/);
    });

    it("what is said yes or no to, asked for unasked, or passed over, is learnt", async () => {
      await ask("a?", answered("x", UNSURE));
      conversation.declineEndpoint("t1");
      assert.deepEqual([decisions(), offered()], [[false], undefined]);
      await ask("b?", answered("x", UNSURE));
      await correct(corrected("y"), "t2");
      assert.deepEqual([decisions(), offered("t2")], [[false, true], undefined]);
      await ask("c?", answered("x", SURE));
      await correct(corrected("y"), conversation.state().turns.at(-1)?.id);
      await ask("d?", answered("x", UNSURE));
      await ask("e?", answered("x", SURE));
      assert.deepEqual(decisions(), [false, true, true, false]);
      assert.deepEqual(conversation.state().turns.map(({ offer }) => offer), [undefined, undefined, undefined, undefined, undefined]);
    });

    it("keeping it local in the dialog is a no; a policy's refusal decides nothing", async () => {
      await ask("a?", answered("x", UNSURE));
      await correct(forbidden);
      assert.deepEqual(decisions(), []);
      await correct(keptLocal);
      assert.deepEqual(decisions(), [false]);
    });

    it("the share kept counts whatever may have left, once an answer, and says what it says", async () => {
      await ask("a?", answered("x"));
      assert.deepEqual(conversation.state().kept, { words: "The answer stayed on this machine", figures: "1 of 1 in this workspace" });
      await correct(keptLocal);
      assert.equal(record.counts.left, 0);
      await correct(broken);
      await correct(corrected("y"));
      assert.deepEqual(record.counts, { answers: 1, left: 1 });
      await ask("b?", answered("x"));
      assert.deepEqual(posts.findLast(({ type }) => type === "kept"), { type: "kept", kept: { words: "50 % of answers stayed on this machine", figures: "1 of 2 in this workspace" } });
    });

    it("the record holds no word of anybody's", async () => {
      await ask("my secret question", answered("my secret answer", UNSURE));
      await correct(corrected("my secret correction"));
      assert.doesNotMatch(JSON.stringify(record), /secret|Lab|t1/);
    });

    it("the next question ends the weighing: its offer comes no more", async () => {
      let release = (): void => undefined;
      corrector.offer = () => new Promise((resolve) => (release = () => resolve({ endpoint: "Lab", files: 1, bytes: 1 })));
      const heard = answerer.heard();
      const first = conversation.ask("a?");
      await heard;
      const weighed = new Promise<void>((resolve) => { const offer = corrector.offer; corrector.offer = () => (resolve(), offer.call(corrector)); });
      answerer.end(answered("x", UNSURE));
      await weighed;
      const next = answerer.heard();
      const second = conversation.ask("b?");
      await next;
      release();
      await first;
      answerer.end(answered("y"));
      await second;
      assert.deepEqual(conversation.state().turns.map(({ offer }) => offer), [undefined, undefined]);
    });
  });
});
