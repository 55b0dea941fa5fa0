import assert from "node:assert/strict";
import type { AnswerListener, AnswerOutcome } from "../../../../src/core/chat/answerer";
import { Conversation } from "../../../../src/core/chat/conversation";
import { silentLog } from "../../../../src/core/util/log";
import type { UnnumberedHostMessage } from "../../../../src/protocol/chatView";
import { MemoryJournal, PlayedAnswerer } from "../../../support/chatFakes";

const done = (text: string): AnswerOutcome => ({ outcome: "done", answer: { text, kind: "index", sources: [], leftOut: [] } });

describe("core/chat/conversation", () => {
  let answerer: PlayedAnswerer;
  let journal: MemoryJournal;
  let posts: UnnumberedHostMessage[];
  let refreshes: number;
  let warnings: string[];
  let conversation: Conversation;
  const types = (): string => posts.map(({ type }) => type).join(" ");
  const ends = (): string => posts.map(({ type }) => type).filter((type) => ["done", "stopped", "failed"].includes(type)).join(" ");
  const kept = (): string => journal.events.map(({ event }) => event).join(" ");

  beforeEach(() => {
    let ids = 0;
    answerer = new PlayedAnswerer();
    journal = new MemoryJournal();
    posts = [];
    refreshes = 0;
    warnings = [];
    const log = { ...silentLog, warn: (line: string) => void warnings.push(line), error: (line: string) => void warnings.push(line) };
    const newId = (): string => `t${++ids}`;
    const post = (message: UnnumberedHostMessage): void => void posts.push(message);
    conversation = new Conversation({ answerer, journal, log, newId, now: () => 7, post, onAnswering: () => undefined, refresh: () => void refreshes++ });
  });

  async function asking(question: string): Promise<{ ended: Promise<void>; listener: AnswerListener }> {
    const heard = answerer.heard();
    const ended = conversation.ask(question);
    await heard;
    const listener = answerer.asked.at(-1)?.listener;
    assert.ok(listener);
    return { ended, listener };
  }

  it("streams and ends with done", async () => {
    const { ended, listener } = await asking("q");
    listener.onContext({ kind: "model", model: "M", sources: [{ file: "a.ts", startLine: 1, endLine: 2, tokens: 3 }], leftOut: [] });
    listener.onDelta("a");
    listener.onDelta("b");
    answerer.end(done("ab."));
    await ended;
    assert.equal(types(), "turnStarted context delta delta done");
    assert.equal(kept(), "asked answered");
    assert.equal(conversation.turn("t1")?.text, "ab.");
  });

  it("has the question on disk before it asks", async () => {
    await asking("q");
    assert.equal(kept(), "asked");
  });

  it("does not hand a source's text to the view or the journal", async () => {
    const { ended, listener } = await asking("q");
    const source = { file: "a.ts", startLine: 1, endLine: 2, tokens: 3, text: "password" };
    listener.onContext({ kind: "index", sources: [source], leftOut: [] });
    answerer.end({ outcome: "done", answer: { text: "x", kind: "index", sources: [source], leftOut: [] } });
    await ended;
    assert.doesNotMatch(JSON.stringify([posts, journal.events, conversation.state()]), /password/);
  });

  it("a stop counts at once, also when the answerer does not listen; late words are dropped", async () => {
    const { ended, listener } = await asking("q");
    listener.onDelta("half");
    conversation.stop();
    await ended;
    listener.onDelta(" late");
    answerer.end(done("late"));
    assert.equal(types(), "turnStarted delta stopped");
    assert.equal(conversation.turn("t1")?.text, "half");
    assert.equal(answerer.asked[0]?.signal.aborted, true);
  });

  it("an answerer that throws ends the turn as failed with a retry, and the log holds none of its words", async () => {
    const { ended } = await asking("q");
    answerer.crash();
    await ended;
    assert.equal(ends(), "failed");
    assert.equal(conversation.turn("t1")?.end.state, "failed");
    assert.doesNotMatch(warnings.join(), /secret/);
  });

  it("a retry takes the failed turn's place, and history holds answered turns only", async () => {
    const first = await asking("one");
    answerer.end(done("1"));
    await first.ended;
    const second = await asking("two");
    answerer.end({ outcome: "failed", cause: "The engine died.", retry: true });
    await second.ended;
    const heard = answerer.heard();
    const again = conversation.askAgain("t2");
    await heard;
    assert.deepEqual(answerer.asked.at(-1)?.history, ["one"]);
    answerer.end(done("2"));
    await again;
    assert.deepEqual(conversation.state().turns.map(({ id }) => id), ["t1", "t3"]);
    assert.equal(posts.findLast(({ type }) => type === "turnStarted")?.type, "turnStarted");
    assert.equal(ends(), "done failed done");
  });

  it("asking an answered turn again keeps the first answer", async () => {
    const { ended } = await asking("one");
    answerer.end(done("1"));
    await ended;
    const heard = answerer.heard();
    const again = conversation.askAgain("t1");
    await heard;
    answerer.end(done("2"));
    await again;
    assert.deepEqual(conversation.state().turns.map(({ text }) => text), ["1", "2"]);
  });

  it("answers one question at a time", async () => {
    const { ended } = await asking("one");
    await conversation.ask("two");
    answerer.end(done("1"));
    await ended;
    assert.equal(answerer.asked.length, 1);
  });

  it("a disk that refuses stops nothing, and the panel says that nothing is kept", async () => {
    journal.refuses = true;
    const { ended } = await asking("q");
    answerer.end(done("1"));
    await ended;
    assert.equal(ends(), "done");
    assert.match(conversation.state().notice ?? "", /cannot be kept/);
    assert.equal(refreshes, 1);
  });

  it("an interrupted turn of an earlier session can be tried again", async () => {
    journal.events.push({ event: "asked", turn: "old", time: 1, question: "still?" });
    await conversation.load();
    assert.deepEqual(conversation.state().turns.map(({ status }) => status.state), ["failed"]);
  });

  it("clearing in mid-answer leaves nothing behind, and undo brings it back", async () => {
    const { ended } = await asking("q");
    await conversation.clear();
    await ended;
    assert.deepEqual(conversation.state().turns, []);
    assert.equal(ends(), "");
    assert.equal(conversation.state().cleared, true);
    await conversation.undoClear();
    assert.deepEqual(conversation.state().turns.map(({ question }) => question), ["q"]);
    assert.equal(conversation.state().cleared, false);
  });

  it("the next question deletes for good what was cleared", async () => {
    const first = await asking("one");
    answerer.end(done("1"));
    await first.ended;
    await conversation.clear();
    const second = await asking("two");
    assert.deepEqual(journal.cleared, []);
    await conversation.undoClear();
    answerer.end(done("2"));
    await second.ended;
    assert.deepEqual(conversation.state().turns.map(({ text }) => text), ["2"]);
  });

  it("shows the end of a long conversation", async () => {
    for (let index = 0; index < 70; index++) journal.events.push({ event: "asked", turn: `o${index}`, time: 1, question: "?" });
    await conversation.load();
    const { turns, earlier } = conversation.state();
    assert.equal(turns.length, 40);
    assert.equal(turns.at(-1)?.id, "o69");
    assert.equal(earlier, true);
  });
});
