import assert from "node:assert/strict";
import fc from "fast-check";
import { canBeCorrected, CORRECTION_INTERRUPTED, formatEvent, givesWay, INTERRUPTED, interruptedTurns, isAnswered, parseEvents, standingText, turnsOf, type TranscriptEvent, type Turn } from "../../../../src/core/chat/transcript";

const context = { kind: "index" as const, sources: [{ file: "a.ts", startLine: 1, endLine: 2, tokens: 9 }], leftOut: [] };
const asked = (turn: string, question = `${turn}?`, replaces?: string): TranscriptEvent => ({ event: "asked", turn, time: 1, question, ...(replaces === undefined ? {} : { replaces }) });
const answered = (turn: string, text = `${turn}!`): TranscriptEvent => ({ event: "answered", turn, time: 2, text, context });
const failed = (turn: string): TranscriptEvent => ({ event: "failed", turn, time: 2, text: "", cause: "no engine", retry: true });
const stopped = (turn: string): TranscriptEvent => ({ event: "stopped", turn, time: 2, text: "half" });

/** `a:done b:failed` */
function told(events: readonly TranscriptEvent[]): string {
  return turnsOf(events).map(({ id, end }) => `${id}:${end.state}`).join(" ");
}

describe("core/chat/transcript: turns", () => {
  const cases: [string, TranscriptEvent[], string][] = [
    ["nothing", [], ""],
    ["a question without an end", [asked("a")], "a:answering"],
    ["question and answer", [asked("a"), answered("a"), asked("b"), stopped("b")], "a:done b:stopped"],
    ["a retry takes the place of a failure", [asked("a"), failed("a"), asked("b", "a?", "a"), answered("b")], "b:done"],
    ["a retry takes the place of a stopped turn", [asked("a"), stopped("a"), asked("b", "a?", "a")], "b:answering"],
    ["an answered turn never gives way", [asked("a"), answered("a"), asked("b", "a?", "a")], "a:done b:answering"],
    ["an end without a question", [answered("x"), asked("a"), answered("a")], "a:done"],
    ["a second end", [asked("a"), answered("a"), failed("a")], "a:done"],
    ["a second question of the same name", [asked("a"), answered("a"), asked("a", "other")], "a:done"],
    ["answers out of order", [asked("a"), asked("b"), answered("b"), failed("a")], "a:failed b:done"],
  ];
  for (const [name, events, expected] of cases) it(name, () => assert.equal(told(events), expected));

  it("an unfinished turn reads as failed, with a retry", () => {
    const [turn] = interruptedTurns(turnsOf([asked("a")]));
    assert.deepEqual(turn?.end, { state: "failed", cause: INTERRUPTED, retry: true });
    assert.equal(givesWay(turn), true);
  });
});

describe("core/chat/transcript: corrections", () => {
  const begun = (turn: string): TranscriptEvent => ({ event: "correctionAsked", turn, time: 3, endpoint: "Lab" });
  const corrected = (turn: string, text = "better"): TranscriptEvent => ({ event: "corrected", turn, time: 4, text });
  const broken = (turn: string): TranscriptEvent => ({ event: "correctionFailed", turn, time: 4, text: "bet", cause: "The network went away.", retry: true });
  const refused = (turn: string): TranscriptEvent => ({ event: "correctionRefused", turn, time: 4, because: "You kept it local." });
  const stoppedThere = (turn: string): TranscriptEvent => ({ event: "correctionStopped", turn, time: 4, text: "be" });
  const turn = (...events: TranscriptEvent[]): Turn => {
    const [first] = turnsOf([asked("a"), ...events]);
    assert.ok(first);
    return first;
  };
  /** `draft/state:text` */
  const told = (...events: TranscriptEvent[]): string => {
    const { text, correction } = turn(...events);
    return `${text}/${correction === undefined ? "" : `${correction.state.state}:${correction.text}`}`;
  };

  const cases: [string, TranscriptEvent[], string][] = [
    ["none", [answered("a")], "a!/"],
    ["asked", [answered("a"), begun("a")], "a!/answering:"],
    ["done beside the draft", [answered("a"), begun("a"), corrected("a")], "a!/done:better"],
    ["failed, the draft whole and the part kept", [answered("a"), begun("a"), broken("a")], "a!/failed:bet"],
    ["refused", [answered("a"), begun("a"), refused("a")], "a!/refused:"],
    ["stopped", [answered("a"), begun("a"), stoppedThere("a")], "a!/stopped:be"],
    ["a retry takes the place of what came to nothing", [answered("a"), begun("a"), broken("a"), begun("a"), corrected("a")], "a!/done:better"],
    ["a whole one never gives way", [answered("a"), begun("a"), corrected("a"), begun("a"), corrected("a", "worse")], "a!/done:better"],
    ["of a failed turn", [failed("a"), begun("a"), corrected("a")], "/done:better"],
    ["of a stopped turn", [stopped("a"), begun("a"), corrected("a")], "half/done:better"],
    ["not of a turn without an end", [begun("a"), corrected("a")], "/"],
    ["an end that nobody asked for", [answered("a"), corrected("a")], "a!/"],
    ["a second end", [answered("a"), begun("a"), broken("a"), corrected("a")], "a!/failed:bet"],
  ];
  for (const [name, events, expected] of cases) it(name, () => assert.equal(told(...events), expected));

  it("interrupted: the draft is whole, the correction can be asked for again", () => {
    const [read] = interruptedTurns(turnsOf([asked("a"), answered("a"), begun("a")]));
    assert.deepEqual([read?.text, read?.end.state, read?.correction?.state], ["a!", "done", { state: "failed", cause: CORRECTION_INTERRUPTED, retry: true }]);
    assert.ok(read && canBeCorrected(read));
  });

  it("only a whole correction stands for the answer, and makes a failed turn an answered one that gives way to nothing", () => {
    assert.equal(standingText(turn(answered("a"), begun("a"), corrected("a"))), "better");
    assert.equal(standingText(turn(answered("a"), begun("a"), broken("a"))), "a!");
    assert.deepEqual([isAnswered(turn(failed("a"))), isAnswered(turn(failed("a"), begun("a"), broken("a"))), isAnswered(turn(failed("a"), begun("a"), corrected("a")))], [false, false, true]);
    assert.deepEqual([givesWay(turn(failed("a"), begun("a"), broken("a"))), givesWay(turn(failed("a"), begun("a"), corrected("a")))], [true, false]);
  });
});

describe("core/chat/transcript: journal text", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  const plain = { noNullPrototype: true };
  const anyEvent: fc.Arbitrary<TranscriptEvent> = fc.oneof(
    fc.record({ event: fc.constant("asked" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), question: text }, plain),
    fc.record({ event: fc.constant("answered" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), text, context: fc.constant(context) }, plain),
    fc.record({ event: fc.constant("correctionAsked" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), endpoint: text }, plain),
    fc.record({ event: fc.constantFrom("corrected" as const, "correctionStopped" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), text }, plain),
    fc.record({ event: fc.constant("correctionFailed" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), text, cause: text, retry: fc.boolean() }, plain),
    fc.record({ event: fc.constant("correctionRefused" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), because: text }, plain),
    fc.record({ event: fc.constant("failed" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), text, cause: text, retry: fc.boolean() }, plain),
  );

  it("reads back what it wrote, whatever the texts hold", () => {
    fc.assert(fc.property(fc.array(anyEvent), (events) => assert.deepEqual(parseEvents(events.map(formatEvent).join("")), events)));
  });

  it("is one line an event", () => {
    fc.assert(fc.property(anyEvent, (event) => assert.match(formatEvent(event), /^[^\n\r]*\n$/)));
  });

  it("cut at any place, loses at most the last line", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1 }), fc.nat(), (events, seed) => {
        const lines = events.map(formatEvent);
        const whole = lines.join("");
        const cut = seed % (whole.length + 1);
        const survivors = parseEvents(whole.slice(0, cut));
        let complete = 0;
        for (let end = 0; complete < lines.length && (end += lines[complete]?.length ?? 0) <= cut; ) complete++;
        // A line without only its line break is whole too.
        assert.ok(survivors.length === complete || survivors.length === complete + 1);
        assert.deepEqual(survivors, events.slice(0, survivors.length));
      }),
    );
  });

  it("goes past damaged and unknown lines", () => {
    const journal = `\0\0garbage\n${formatEvent(asked("a"))}{"event":"later","turn":"a"}\n[]\nnull\n{"event":"asked","turn":1}\n${formatEvent(answered("a"))}`;
    assert.equal(told(parseEvents(journal)), "a:done");
  });

  it("a journal from before there were corrections reads as it did", () => {
    const old = '{"event":"asked","turn":"a","time":1,"question":"q"}\n{"event":"answered","turn":"a","time":2,"text":"x","context":{"kind":"index","sources":[],"leftOut":[]}}\n';
    assert.deepEqual(turnsOf(parseEvents(old)), [{ id: "a", question: "q", time: 1, text: "x", context: { kind: "index", sources: [], leftOut: [] }, end: { state: "done" } }]);
  });

  it("whatever the events, the draft is what answered, stopped or failed said", () => {
    fc.assert(fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
      for (const turn of turnsOf(events)) {
        const about = events.slice(events.findIndex((item) => item.event === "asked" && item.turn === turn.id)).find((item) => item.turn === turn.id && ["answered", "stopped", "failed"].includes(item.event));
        if (turn.end.state !== "answering") assert.ok(about && "text" in about && about.text === turn.text);
      }
    }));
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (garbage) => void turnsOf(parseEvents(garbage))));
  });
});
