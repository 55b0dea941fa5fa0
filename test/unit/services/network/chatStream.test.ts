import { strict as assert } from "node:assert";
import fc from "fast-check";
import { createChatReader, type ChatAnswer } from "../../../../src/services/network/chatStream.js";
import { AnswerError, type FailureKind } from "../../../../src/services/network/failure.js";

/** One event: a delta of text, or an object as it is. */
const event = (value: string | object): string => `data: ${JSON.stringify(typeof value === "string" ? { choices: [{ index: 0, delta: { content: value } }] } : value)}\n\n`;
const stop = event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const done = "data: [DONE]\n\n";

type Read = { text: string; answer?: ChatAnswer; failed?: FailureKind; said?: string | undefined };

/** Reads an answer that came in these pieces. */
function read(pieces: readonly string[], mostLine = 1_000_000): Read {
  const texts: string[] = [];
  try {
    const reader = createChatReader(mostLine, (text) => texts.push(text));
    for (const piece of pieces) {
      reader.push(piece);
      if (reader.phase() === "over") break;
    }
    const answer = reader.end();
    return { text: texts.join(""), answer };
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    return { text: texts.join(""), failed: error.failure.kind, said: error.failure.said };
  }
}

const ended = { finish: "stop", promptTokens: null, answerTokens: null } as const;

describe("an answer that streams", () => {
  for (const [what, stream, text] of [
    ["deltas", event("Hel") + event("lo") + stop + done, "Hello"],
    ["deltas without a last word", event("Hello") + stop, "Hello"],
    ["deltas without a reason for the end", event("Hello") + done, "Hello"],
    ["a last event without its blank line", event("Hello") + stop.trimEnd(), "Hello"],
    ["a last word without a line break", `${event("Hello")}data: [DONE]`, "Hello"],
    ["line ends of Windows", (event("Hel") + event("lo") + stop + done).replaceAll("\n", "\r\n"), "Hello"],
    ["line ends of old Macs", (event("Hel") + event("lo") + stop + done).replaceAll("\n", "\r"), "Hello"],
    ["comments that keep the connection alive", `: ping\n\n${event("Hel")}: ping\n\n:\n\n${event("lo")}${stop}${done}`, "Hello"],
    ["blanks before it", `\n\n  \n${event("Hello")}${done}`, "Hello"],
    ["event names, ids and times to retry", `event: message\nid: 1\nretry: 10\n${event("Hello")}${stop}`, "Hello"],
    ["data without a blank after the colon", `data:${event("Hello").slice(6)}${done}`, "Hello"],
    ["a JSON text over several data lines", 'data: {"choices":\ndata: [{"delta":{"content":"Hello"}}]}\n\n' + done, "Hello"],
    ["an empty delta", event({ choices: [{ delta: { content: null, role: "assistant" } }] }) + event("Hello") + done, "Hello"],
    ["a delta of parts", event({ choices: [{ delta: { content: [{ type: "text", text: "Hel" }, { type: "image" }, { type: "text", text: "lo" }] } }] }) + done, "Hello"],
    ["thoughts beside it", event({ choices: [{ delta: { reasoning_content: "hm", reasoning: "hm" } }] }) + event("Hello") + done, "Hello"],
    ["a second choice", event({ choices: [{ index: 1, delta: { content: "other" } }] }) + event("Hello") + done, "Hello"],
    ["colours of a terminal", event("\u001b[31mred\u001b[0m\u0007") + done, "[31mred[0m"],
    ["control characters", event("a\u0000b\r\nc\td\u009be\u007f") + done, "ab\nc\tde"],
    ["markup", event("<img src=x onerror=alert(1)>") + done, "<img src=x onerror=alert(1)>"],
    ["an event after the last word", event("Hello") + done + event(" again"), "Hello"],
    ["an empty data line", `data: \n\n${event("Hello")}${done}`, "Hello"],
  ] as const) {
    it(`is read with ${what}`, () => {
      assert.deepEqual(read([stream]), { text, answer: ended });
    });
  }

  it("says that it was cut by the limit of tokens", () => {
    assert.equal(read([event("Hel") + event({ choices: [{ finish_reason: "length", delta: {} }] }) + done]).answer?.finish, "length");
  });

  it("counts tokens as the server does, in a chunk of its own or in the last one", () => {
    const usage = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 };
    const counted = { ...ended, promptTokens: 12, answerTokens: 3 };
    assert.deepEqual(read([event("Hello") + stop + event({ choices: [], usage }) + done]).answer, counted);
    assert.deepEqual(read([event("Hello") + event({ choices: [{ delta: {}, finish_reason: "stop" }], usage }) + done]).answer, counted);
    assert.deepEqual(read([event("Hello") + stop + event({ usage }) + done]).answer, counted);
  });

  it("does not believe counts that are none", () => {
    assert.deepEqual(read([event("Hello") + event({ choices: [], usage: { prompt_tokens: -1, completion_tokens: "many" } }) + done]).answer, ended);
    assert.deepEqual(read([event("Hello") + event({ choices: [], usage: "much" }) + done]).answer, ended);
  });

  for (const [what, stream, failed, text] of [
    ["nothing at all", "", "cut", ""],
    ["only blanks", " \n\n", "cut", ""],
    ["only comments", ": ping\n\n: ping\n\n", "cut", ""],
    ["an end in the middle", event("Hel"), "cut", "Hel"],
    ["an end in the middle of a line", `${event("Hel")}data: {"choices":[{"del`, "cut", "Hel"],
    ["a line that is no JSON", `${event("Hel")}data: {oops}\n\n${event("lo")}`, "malformed", "Hel"],
    ["a JSON text of another shape", `${event("Hel")}${event({ hello: 1 })}`, "malformed", "Hel"],
    ["a number for a text", `${event("Hel")}${event({ choices: [{ delta: { content: 5 } }] })}`, "malformed", "Hel"],
    ["a list", "data: []\n\n", "malformed", ""],
    ["words of no form", "Hello, this is no stream at all.\n", "malformed", ""],
    ["lines of JSON, as Ollama's own interface sends", '{"message":{"content":"Hel"},"done":false}\n{"message":{"content":"lo"},"done":true}\n', "malformed", ""],
    ["a page", "<!DOCTYPE html><html><body>Please sign in</body></html>", "captivePortal", ""],
    ["a short page", "<html>", "captivePortal", ""],
    ["a page after blanks", "\n\n  <html><head><title>Wi-Fi</title></head></html>", "captivePortal", ""],
    ["blanks without end", " ".repeat(5_000), "malformed", ""],
    ["no word of an answer", event({ choices: [{ delta: {}, finish_reason: "length" }] }) + done, "empty", ""],
    ["thoughts only", event({ choices: [{ delta: { reasoning_content: "hm" } }] }) + stop + done, "empty", ""],
    ["a content filter", event("Hel") + event({ choices: [{ delta: {}, finish_reason: "content_filter" }] }) + done, "filtered", "Hel"],
    ["an error object", `${event("Hel")}${event({ error: { message: "out of memory", type: "server_error" } })}`, "serverError", "Hel"],
    ["an error as text", `${event("Hel")}${event({ error: "out of memory" })}`, "serverError", "Hel"],
    ["an error in vLLM's form", event({ object: "error", message: "out of memory", code: 500 }), "serverError", ""],
    ["an error event", `event: error\n${event({ error: { message: "out of memory" } })}`, "serverError", ""],
    ["an error field of its own", 'error: {"code":500,"message":"out of memory"}\n\n', "serverError", ""],
    ["too long a prompt", event({ error: { code: 400, message: "request (33056 tokens) exceeds the available context size (32768 tokens)", type: "exceed_context_size_error" } }), "tooLong", ""],
    ["an unknown model", event({ error: { message: 'model "x" not found, try pulling it first' } }), "modelUnknown", ""],
    ["too many requests", event({ error: { code: 429, message: "slow down" } }), "rateLimited", ""],
  ] as const) {
    it(`fails with ${what}, and what came before is kept`, () => {
      const { text: came, failed: kind } = read([stream]);
      assert.deepEqual([kind, came], [failed, text]);
    });
  }

  it("brings the words of an error along", () => {
    assert.equal(read([event({ error: { message: "out of memory" } })]).said, "out of memory");
  });

  it("stops at a line that is too long, finished or not", () => {
    assert.equal(read(["data: ", "x".repeat(900), "x".repeat(200)], 1_000).failed, "tooLarge");
    assert.equal(read([`: ${"x".repeat(1_100)}\n`], 1_000).failed, "tooLarge");
    assert.equal(read([event("Hello"), "data: ", "x".repeat(2_000)], 1_000).text, "Hello");
  });

  it("reads a long line that comes byte by byte in one pass", () => {
    const long = "x".repeat(300_000);
    // The square of its length would take far longer than a test may.
    assert.equal(read([...event(long), ...done]).text.length, long.length);
  });

  it("is the same however it was cut", () => {
    const stream = `\r\n: hi\n\n${event("äöü 🙂")}${event("line\nbreak")}\r\n${stop}${event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } })}${done}`;
    const whole = read([stream]);
    assert.equal(whole.answer?.promptTokens, 1);
    fc.assert(fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
      const places = [0, ...cuts.sort((one, other) => one - other), stream.length];
      assert.deepEqual(read(places.slice(1).map((place, index) => stream.slice(places[index], place))), whole);
    }));
  });

  it("ends as one of two things, whatever comes", () => {
    const line = fc.oneof(fc.string(), fc.json(), fc.constantFrom("data: ", "\n\n", "[DONE]", "error: {", "{", "<html>", "choices", '"delta"'));
    fc.assert(fc.property(fc.array(line), (pieces) => {
      const { answer, failed } = read(pieces);
      assert.ok((answer === undefined) !== (failed === undefined));
    }));
  });
});

describe("an answer in one piece", () => {
  const whole = (message: object, more: object = {}): string => JSON.stringify({ object: "chat.completion", choices: [{ index: 0, message, ...more }], usage: { prompt_tokens: 5, completion_tokens: 2 } });

  it("is read like one that streams", () => {
    assert.deepEqual(read([whole({ role: "assistant", content: "Hello" }, { finish_reason: "length" })]), { text: "Hello", answer: { finish: "length", promptTokens: 5, answerTokens: 2 } });
  });

  it("needs no reason for its end", () => {
    assert.equal(read([`\n  ${whole({ content: "Hello" })}`]).answer?.finish, "stop");
  });

  it("is read in pieces", () => {
    assert.equal(read([...whole({ content: "Hello" })]).text, "Hello");
  });

  it("may be an error", () => {
    assert.deepEqual(read(['{"error":{"message":"no"}}']).failed, "serverError");
  });

  it("must be whole", () => {
    assert.equal(read([whole({ content: "Hello" }).slice(0, -5)]).failed, "malformed");
  });

  it("must hold text", () => {
    assert.equal(read([whole({ content: null, tool_calls: [] })]).failed, "empty");
  });
});
