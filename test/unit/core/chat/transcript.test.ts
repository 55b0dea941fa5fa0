import assert from "node:assert/strict";
import fc from "fast-check";
import { formatEvent, givesWay, INTERRUPTED, interruptedTurns, parseEvents, turnsOf, type TranscriptEvent } from "../../../../src/core/chat/transcript";

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

describe("core/chat/transcript: journal text", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  const plain = { noNullPrototype: true };
  const anyEvent: fc.Arbitrary<TranscriptEvent> = fc.oneof(
    fc.record({ event: fc.constant("asked" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), question: text }, plain),
    fc.record({ event: fc.constant("answered" as const), turn: fc.constantFrom("a", "b", "c"), time: fc.nat(), text, context: fc.constant(context) }, plain),
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

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (garbage) => void turnsOf(parseEvents(garbage))));
  });
});
