import { strict as assert } from "node:assert";
import fc from "fast-check";
import { askingAgainMayHelp, failureOfError, failureOfStatus, looksLikeMarkup, type FailureKind } from "../../../../src/services/network/failure.js";
import { failureWords, serverText } from "../../../../src/services/network/failureWords.js";

const subject = { endpoint: "lab", origin: "http://10.0.0.7:8080", model: "qwen", key: "sk-Hunter2.with+odd/characters" };
const kinds: readonly FailureKind[] = [
  "timeout", "stalled", "endless", "nameUnknown", "connectionRefused", "unreachable", "tls", "cut", "unauthorized", "forbidden", "proxy", "notFound", "modelUnknown", "tooLong",
  "rateLimited", "loading", "serverError", "badRequest", "captivePortal", "redirect", "malformed", "tooLarge", "empty", "filtered", "fimUnsupported", "address", "invalid",
];

describe("words for a failure", () => {
  for (const kind of kinds) {
    it(`say what happened and what to do: ${kind}`, () => {
      const words = failureWords({ kind, status: 418, seconds: 60 }, subject);
      assert.match(words, /lab|10\.0\.0\.7/);
      assert.match(words, /\. [A-Z]|; |: /, "a second part says what to do");
      assert.match(words, /[.]$/);
      assert.ok(words.length < 400);
    });

    it(`hold no key and little of what the server said: ${kind}`, () => {
      fc.assert(fc.property(fc.string({ maxLength: 500 }), fc.string({ maxLength: 500 }), (before, after) => {
        const words = failureWords({ kind, said: `${before}${subject.key}${after}${"x".repeat(5_000)}` }, subject);
        assert.ok(!words.toLowerCase().includes(subject.key.toLowerCase()));
        assert.ok(words.length < 700);
        assert.match(words, /^[^\p{Cc}]*$/u);
      }), { numRuns: 20 });
    });
  }

  it("tell a missing key from a wrong one", () => {
    assert.match(failureWords({ kind: "unauthorized", status: 401 }, { ...subject, key: undefined }), /none is stored for http:\/\/10\.0\.0\.7:8080/);
    assert.match(failureWords({ kind: "unauthorized", status: 401 }, subject), /did not accept the key/);
  });

  for (const [seconds, words] of [[1, "1 second"], [1.2, "2 seconds"], [60, "60 seconds"], [180, "3 minutes"], [86_400, "24 hours"]] as const) {
    it(`write ${String(seconds)} seconds as ${words}`, () => {
      assert.match(failureWords({ kind: "rateLimited", seconds }, subject), new RegExp(`asks to wait ${words}\\.`));
    });
  }

  it("cut a model's name that goes on and on", () => {
    assert.ok(failureWords({ kind: "modelUnknown" }, { ...subject, model: "m".repeat(200) }).length < 300);
  });
});

describe("a server's own words", () => {
  for (const [what, text, shown] of [
    ["are on one line", "a\r\nb\tc", "a b c"],
    ["lose colours", "\u001b[1;31mred\u001b[0m alert", "red alert"],
    ["lose what moves the cursor or rings", "a\u001b]0;title\u0007b\u009bc", "a ]0;title b c"],
    ["lose what cannot be seen", "a\u202Eb\u200Bc\u{E0041}d", "a b c d"],
    ["lose half characters", "a\ud800b", "a b"],
    ["lose the key in any case", "KEY SK-HUNTER2.WITH+ODD/CHARACTERS is wrong", "KEY *** is wrong"],
    ["lose the key as an address writes it", "bad sk-Hunter2.with%2Bodd%2Fcharacters", "bad ***"],
    ["lose the key in base64", `bad ${Buffer.from(subject.key).toString("base64")}`, "bad ***"],
    ["lose what follows Bearer", "Authorization: Bearer abc", "Authorization: Bearer ***"],
    ["lose what looks like a credential", "token ghp_1234567890abcdefghijKLMN is bad", "token *** is bad"],
    ["keep long words", "internationalizationalistically speaking", "internationalizationalistically speaking"],
    ["lose queries", "see https://example.com/a?key=1&b=2 and http://x/y#z now", "see https://example.com/a and http://x/y now"],
    ["lose queries of paths", "POST /v1/models?api_key=secret&b=c HTTP/1.1, really?", "POST /v1/models HTTP/1.1, really?"],
    ["are no markup that is read", "<b>bold</b>", "<b>bold</b>"],
  ] as const) {
    it(what, () => { assert.equal(serverText(text, subject.key), shown); });
  }

  it("are at most 200 characters, whole ones", () => {
    const text = serverText("🙂".repeat(500), undefined);
    assert.equal([...text].length, 200);
    assert.ok(text.endsWith("🙂…"));
  });

  it("lose a key that would be cut in two by the limit", () => {
    assert.ok(!serverText(`${"a ".repeat(95)}${subject.key}`, subject.key).includes("sk-"));
  });

  it("are read in no time, however long", () => {
    assert.equal([...serverText("http://a?".repeat(1_000_000), subject.key)].length <= 200, true);
  });
});

describe("a failure's kind", () => {
  for (const [status, body, kind] of [
    [400, { error: { message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens" } }, "tooLong"],
    [400, { error: { message: "…", code: "context_length_exceeded" } }, "tooLong"],
    [400, { error: { message: "the request exceeds the available context size. try increasing it", type: "exceed_context_size_error" } }, "tooLong"],
    [500, { error: { code: 500, message: "the request exceeds the available context size" } }, "tooLong"],
    [400, { error: { message: "suffix is not currently supported", type: "BadRequestError", code: 400 } }, "fimUnsupported"],
    [500, { error: { message: "registry.ollama.ai/library/qwen3:latest does not support insert" } }, "fimUnsupported"],
    [500, { error: { message: "Unsupported param: suffix" } }, "fimUnsupported"],
    [501, { error: { message: "Infill is not supported by this model: prefix token is missing" } }, "fimUnsupported"],
    [404, { error: { message: 'model "x" not found, try pulling it first' } }, "modelUnknown"],
    [404, { object: "error", message: "The model `x` does not exist.", code: 404 }, "modelUnknown"],
    [400, { error: { message: "no", code: "model_not_found" } }, "modelUnknown"],
    [404, { detail: "Not Found" }, "notFound"],
    [503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }, "loading"],
    [503, { error: { message: "overloaded" } }, "serverError"],
    [401, { error: { message: "Invalid API Key" } }, "unauthorized"],
    [403, {}, "forbidden"], [407, {}, "proxy"], [408, {}, "timeout"], [413, {}, "tooLong"], [418, {}, "badRequest"], [422, { detail: [{ msg: "field required" }] }, "badRequest"],
    [429, {}, "rateLimited"], [500, {}, "serverError"], [511, {}, "captivePortal"], [302, {}, "redirect"], [599, null, "serverError"],
  ] as const) {
    it(`is ${kind} for ${String(status)} ${JSON.stringify(body).slice(0, 80)}`, () => {
      assert.equal(failureOfStatus(status, JSON.stringify(body), null).kind, kind);
    });
  }

  it("shows nothing of a page of markup", () => {
    assert.deepEqual(failureOfStatus(502, "<html>\n<h1>502 Bad Gateway</h1>", null), { kind: "serverError", status: 502 });
  });

  it("keeps plain text", () => {
    assert.equal(failureOfStatus(500, "out of memory", null).said, "out of memory");
  });

  it("never throws, whatever a server calls an error", () => {
    fc.assert(fc.property(fc.anything(), (value) => { assert.ok(kinds.includes(failureOfError(value).kind)); }));
  });

  it("tells pages from other texts", () => {
    assert.deepEqual(["<!doctype html>", " \n<HTML lang=de>", "<?xml version='1.0'?>", "<b>", "{}", "data: <html>", ""].map(looksLikeMarkup), [true, true, true, false, false, false, false]);
  });

  it("says where asking again may help", () => {
    assert.deepEqual(kinds.filter((kind) => !askingAgainMayHelp(kind)), ["tls", "unauthorized", "forbidden", "notFound", "modelUnknown", "tooLong", "badRequest", "redirect", "tooLarge", "filtered", "fimUnsupported", "address", "invalid"]);
  });
});
