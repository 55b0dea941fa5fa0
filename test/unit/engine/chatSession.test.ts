import assert from "node:assert/strict";
import { chatFamilyById } from "../../../src/core/models/chatFamilies";
import { ChatSession } from "../../../src/engine/chatSession";
import type { ChatMessage, ChatResult } from "../../../src/protocol/engine";
import { characterTokenizer, FakeSequence, FIRST_SPECIAL, freeTurn } from "../../support/engineFakes";

const SPECIALS = ["<|im_start|>", "<|im_end|>"];
const ANSWER = "It is fine.";

/** A chat with a "model" that always gives one answer and ends. */
function chat(contextSize = 512, probabilities: readonly number[] = []): { sequence: FakeSequence; ask: (texts: readonly string[], more?: { maxTokens?: number; steps?: number; onDelta?: (text: string) => void }) => Promise<ChatResult> } {
  const family = chatFamilyById("chatml");
  assert.ok(family);
  const sequence = new FakeSequence(contextSize, (tokens) => {
    const header = [..."assistant\n"].length;
    const done = tokens.length - 1 - tokens.lastIndexOf(FIRST_SPECIAL) - header;
    const character = ANSWER[done];
    return { token: character === undefined ? FIRST_SPECIAL + 1 : character.codePointAt(0) ?? 0, probability: probabilities[done] ?? 1 };
  });
  const session = new ChatSession(sequence, characterTokenizer(SPECIALS), family, () => 0);
  return {
    sequence,
    ask: (texts, { maxTokens = 100, steps, onDelta = () => undefined } = {}) => {
      const messages = texts.map((text, index): ChatMessage => ({ role: index % 2 === 0 ? "user" : "assistant", text }));
      return session.answer({ streamId: 1, messages, maxTokens }, onDelta, freeTurn(steps));
    },
  };
}

describe("engine/chatSession", () => {
  it("streams the answer to its end", async () => {
    const deltas: string[] = [];
    const result = await chat().ask(["Is it?"], { onDelta: (text) => deltas.push(text) });
    assert.ok(result.outcome === "done" && result.text === ANSWER && result.generatedTokens === ANSWER.length);
    assert.equal(deltas.join(""), ANSWER);
  });

  it("a further question evaluates only what is new", async () => {
    const { ask } = chat();
    await ask(["Is it?"]);
    const result = await ask(["Is it?", ANSWER, "Sure?"]);
    assert.ok(result.outcome === "done");
    const added = "«»\n«»user\nSure?«»\n«»assistant\n".replaceAll("«»", "s").length;
    assert.equal(result.evaluatedTokens, added);
  });

  it("the vocabulary's beginning-of-sequence token stands first", async () => {
    const family = chatFamilyById("chatml");
    assert.ok(family);
    const sequence = new FakeSequence(256);
    await new ChatSession(sequence, characterTokenizer(SPECIALS, [], [7]), family, () => 0).answer({ streamId: 1, messages: [{ role: "user", text: "a" }], maxTokens: 1 }, () => undefined, freeTurn());
    assert.deepEqual(sequence.tokens.slice(0, 2), [7, FIRST_SPECIAL]);
  });

  it("stopped: an outcome with what was written", async () => {
    const result = await chat().ask(["Is it?"], { steps: 8 });
    assert.ok(result.outcome === "stopped" && result.text.length > 0 && ANSWER.startsWith(result.text) && result.text !== ANSWER);
  });

  it("says how sure it was of the tokens it wrote, the end not among them", async () => {
    const result = await chat(512, [1, 0.5, 0.25]).ask(["Is it?"]);
    assert.ok(result.outcome === "done");
    assert.deepEqual([result.certainty?.tokens, result.certainty?.lowQuantile], [ANSWER.length, 0.5]); // 11 tokens: the second smallest
    assert.ok(Math.abs((result.certainty?.lowestRun ?? 0) - 0.125 ** (1 / 8)) < 1e-9);
  });

  it("an answer of nothing has no certainty", async () => {
    const result = await chat().ask(["Is it?"], { maxTokens: 0 });
    assert.ok(result.outcome === "done" && result.certainty === null);
  });

  it("at most so many tokens", async () => {
    const result = await chat().ask(["Is it?"], { maxTokens: 3 });
    assert.ok(result.outcome === "done" && result.text === ANSWER.slice(0, 3));
  });

  it("too long: an outcome with both numbers, nothing is cut or evaluated", async () => {
    const { ask, sequence } = chat(128);
    const result = await ask(["x".repeat(200)]);
    assert.ok(result.outcome === "tooLong" && result.promptTokens > 200 && result.contextSize === 128);
    assert.equal(sequence.evaluated(), 0);
  });

  it("an answer never runs over the context's end", async () => {
    const { ask, sequence } = chat(64);
    const result = await ask(["x".repeat(20)], { maxTokens: 1_000 });
    assert.equal(result.outcome, "done");
    assert.ok(sequence.tokens.length <= 64);
  });
});
