import { strict as assert } from "node:assert";
import type { EndpointFailure } from "../../../../src/services/network/endpointClient.js";
import { neverAborted } from "../../../../src/core/util/abort.js";
import { createEndpointNetwork, endpointAt, testKey, type EndpointNetwork, type EndpointNetworkOptions } from "../../../support/endpointNetwork.js";
import { answers, dies, diesAfter, error, event, gzipped, json, last, raw, repeats, resets, signInPage, silent, status, staysOpenAfter, stop, streams } from "../../../support/endpointPlays.js";
import { startEndpointServer, type EndpointServer, type Play } from "../../../support/endpointServer.js";

/** One endpoint that misbehaves, or behaves oddly. */
interface Case {
  readonly what: string;
  /** What it plays, request by request. */
  readonly plays: readonly Play[];
  /** `done`, or the kind of failure. */
  readonly ends: string;
  /** The text of the answer, or what is kept of it; left out where it hangs on how fast a connection dies. */
  readonly text?: string;
  /** What the sentence for the person must say. */
  readonly says?: RegExp;
  /** Requests that must have come; 1 unless said. */
  readonly requests?: number;
  /** Virtual milliseconds that pass once a wait of that length is under way. */
  readonly passes?: number;
  /** And once a wait of this length is under way too. */
  readonly amid?: number;
  readonly options?: EndpointNetworkOptions;
}

/** Waits between attempts, which the clock skips: back-off without luck, and what plays ask for. */
const retryWaits = [500, 1_000, 3_000];
const hello = [event("Hel"), event("lo"), stop, last];
const good = answers("Hel", "lo");
const big = "x".repeat(10_000);
const keyed = (text: string): string => `${text} ${testKey}`;
const slow: Play = (response) => { response.socket?.write("HTTP/1.1 200 OK\r\ncontent-ty"); };
const halfAnAnswer = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 5000\r\n\r\n';
const plain = (code: number, text: string): Play => status(code, text, { "content-type": "text/plain" });

const statuses: readonly Case[] = [
  { what: "401 as OpenAI says it", plays: [error(401, "Incorrect API key provided")], ends: "unauthorized", says: /did not accept the key that is stored for http:\/\/127\.0\.0\.1:\d+ \(401\)\. Set the endpoint's key anew.*Incorrect API key provided/ },
  { what: "401 without a key stored", plays: [error(401, "no")], ends: "unauthorized", says: /wants a key \(401\), and none is stored/, options: { key: null } },
  { what: "401 with the key in it", plays: [error(401, keyed("Incorrect API key provided:"))], ends: "unauthorized", says: /provided: \*\*\*”$/ },
  { what: "401 with the key in its type and code", plays: [status(401, { error: { message: "no", type: keyed("x"), code: keyed("y") } })], ends: "unauthorized" },
  { what: "401 with the key in the status line and headers", plays: [raw(`HTTP/1.1 401 ${testKey}\r\nwww-authenticate: Bearer realm="${testKey}"\r\nretry-after: ${testKey}\r\ncontent-length: 0\r\n\r\n`)], ends: "unauthorized" },
  { what: "401 as a page", plays: [status(401, "<html><h1>401</h1></html>")], ends: "unauthorized", says: /Set the endpoint's key anew, then ask again\.$/ },
  { what: "403", plays: [error(403, "not for you")], ends: "forbidden", says: /refused the request \(403\).*"qwen".*“not for you”/ },
  { what: "403 as a page", plays: [status(403, "<!doctype html><title>no</title>")], ends: "forbidden", says: /ask whoever runs the server\.$/ },
  { what: "404 of the path, as FastAPI says it", plays: [status(404, { detail: "Not Found" })], ends: "notFound", says: /ends with \/v1\..*“Not Found”/ },
  { what: "404 of the path, as nginx says it", plays: [status(404, "<html>\r\n<head><title>404 Not Found</title></head></html>")], ends: "notFound", says: /ends with \/v1\.$/ },
  { what: "404 of the model, as Ollama says it", plays: [error(404, 'model "qwen" not found, try pulling it first')], ends: "modelUnknown", says: /does not have the model "qwen"\. Choose one that it lists/ },
  { what: "404 of the model, as vLLM says it", plays: [status(404, { object: "error", message: "The model `qwen` does not exist.", type: "NotFoundError", code: 404 })], ends: "modelUnknown" },
  { what: "405", plays: [status(405, { detail: "Method Not Allowed" })], ends: "badRequest", says: /\(405\)/ },
  { what: "407", plays: [status(407, "<html>proxy</html>")], ends: "proxy", says: /proxy settings/ },
  { what: "408", plays: [status(408, "")], ends: "timeout", says: /did not answer in time/ },
  { what: "413 as nginx says it", plays: [status(413, "<html>413 Request Entity Too Large</html>")], ends: "tooLong", says: /longer than lab takes\. Ask about less/ },
  { what: "400 of the context, as llama-server says it", plays: [status(400, { error: { code: 400, message: "request (33056 tokens) exceeds the available context size (32768 tokens), try increasing it", type: "exceed_context_size_error", n_prompt_tokens: 33_056, n_ctx: 32_768 } })], ends: "tooLong", says: /“request \(33056 tokens\) exceeds/ },
  { what: "400 of the context, as vLLM says it", plays: [error(400, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", "BadRequestError")], ends: "tooLong" },
  { what: "400 of the context, as OpenAI says it", plays: [status(400, { error: { message: "too long", code: "context_length_exceeded" } })], ends: "tooLong" },
  { what: "422 as FastAPI says it", plays: [status(422, { detail: [{ loc: ["body"], msg: "field required" }] })], ends: "badRequest", says: /did not take the request \(422\)/ },
  { what: "418 and nonsense", plays: [plain(418, "\u001b[31mteapot\u001b[0m\r\n\u0007")], ends: "badRequest", says: /“teapot”/ },
  { what: "429 once", plays: [error(429, "slow down"), good], ends: "done", text: "Hello", requests: 2 },
  { what: "429 that asks for three seconds", plays: [error(429, "slow down", "x", { "retry-after": "3" }), good], ends: "done", text: "Hello", requests: 2 },
  { what: "429 that asks for an hour", plays: [error(429, "slow down", "x", { "retry-after": "3600" })], ends: "rateLimited", says: /\(429\) and asks to wait 60 minutes\. Ask again later, or keep the local answer\. It said: “slow down”/ },
  { what: "429 with a date that has passed", plays: [error(429, "slow down", "x", { "retry-after": "Wed, 21 Oct 2020 07:28:00 GMT" }), good], ends: "done", text: "Hello", requests: 2 },
  { what: "429 for good", plays: [error(429, "quota")], ends: "rateLimited", requests: 3, says: /for now \(429\)\./ },
  { what: "500 once", plays: [error(500, "oops"), good], ends: "done", text: "Hello", requests: 2 },
  { what: "500 twice", plays: [error(500, "oops"), error(500, "oops"), good], ends: "done", text: "Hello", requests: 3 },
  { what: "500 for good", plays: [error(500, "oops")], ends: "serverError", requests: 3, says: /on its own side \(500\).*“oops”/ },
  { what: "500 with the whole request in its text", plays: [plain(500, keyed(`POST /v1/chat/completions?api_key=${testKey}\nauthorization: Bearer`))], ends: "serverError", requests: 3 },
  { what: "500 with a megabyte of text", plays: [plain(500, keyed("oops ").repeat(20_000))], ends: "serverError", requests: 3 },
  { what: "501", plays: [status(501, "")], ends: "serverError", says: /\(501\)/ },
  { what: "502 as nginx says it", plays: [status(502, "<html><h1>502 Bad Gateway</h1></html>")], ends: "serverError", requests: 3, says: /log says why\.$/ },
  { what: "503 while the model loads, then an answer", plays: [status(503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }), good], ends: "done", text: "Hello", requests: 2 },
  { what: "503 while the model loads, for good", plays: [status(503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } })], ends: "loading", requests: 3, says: /still loading its model/ },
  { what: "504 after 500", plays: [error(500, "oops"), status(504, "")], ends: "serverError", requests: 3, says: /\(504\)/ },
  { what: "529", plays: [error(529, "overloaded"), good], ends: "done", text: "Hello", requests: 2 },
  { what: "an error whose text never ends", plays: [(response) => { response.writeHead(400, { "content-type": "text/plain" }); response.write("no such thing"); }], ends: "badRequest", passes: 5_000 },
  { what: "a sign-in wanted by the network (511)", plays: [status(511, signInPage)], ends: "captivePortal", says: /open a browser, sign in/ },
  { what: "300 without a place", plays: [status(300, "")], ends: "redirect" },
  { what: "302 to a sign-in page", plays: [status(302, signInPage, { location: `http://10.9.8.7/login?key=${testKey}` })], ends: "redirect", says: /was not followed.*sign in with a browser/ },
  { what: "308 to another path of its own", plays: [status(308, "", { location: "/v2/chat/completions" })], ends: "redirect" },
  { what: "307 without a place", plays: [status(307, "")], ends: "redirect" },
];

const streamCases: readonly Case[] = [
  { what: "a sign-in page with 200", plays: [status(200, signInPage)], ends: "captivePortal", says: /A web page answered instead of lab/ },
  { what: "a page called an event stream", plays: [streams([signInPage])], ends: "captivePortal" },
  { what: "XML", plays: [status(200, "<?xml version='1.0'?><a/>", { "content-type": "text/xml" })], ends: "captivePortal" },
  { what: "plain words", plays: [plain(200, "Ollama is running")], ends: "malformed", says: /not an answer of an OpenAI-compatible server/ },
  { what: "nothing with 200", plays: [status(200, "")], ends: "cut", requests: 3 },
  { what: "nothing with 204", plays: [(response) => { response.writeHead(204); response.end(); }], ends: "cut", requests: 3 },
  { what: "a line that is no JSON", plays: [streams([event("Hel"), "data: {oops\n\n", event("lo"), last])], ends: "malformed", text: "Hel", says: /What could be read is kept/ },
  { what: "JSON of another shape", plays: [streams([event("Hel"), event({ hello: 1 }), last])], ends: "malformed", text: "Hel" },
  { what: "Ollama's own lines of JSON", plays: [streams(['{"message":{"content":"Hel"},"done":false}\n', '{"done":true}\n'], "application/x-ndjson")], ends: "malformed" },
  { what: "a line of 10 MB", plays: [streams([event("Hel"), "data: ", "x".repeat(10_000_000), "\n\n"])], ends: "tooLarge", text: "Hel", says: /sent more than an answer may have/ },
  { what: "10 MB of short lines", plays: [repeats(event(big), 10_000_000)], ends: "tooLarge" },
  { what: "10 MB of comments", plays: [repeats(`: ${big}\n`, 10_000_000)], ends: "tooLarge", text: "" },
  { what: "10 MB of one event in many lines", plays: [repeats(`data: ${big}\n`, 10_000_000)], ends: "tooLarge", text: "" },
  { what: "10 MB of one JSON text", plays: [json({ choices: [{ message: { content: "x".repeat(10_000_000) } }] })], ends: "tooLarge" },
  { what: "answers without end", plays: [repeats(event(big))], ends: "tooLarge" },
  { what: "a packed answer", plays: [gzipped(hello.join(""))], ends: "invalid", says: /compressed/ },
  { what: "an error in the stream", plays: [streams([event("Hel"), event({ error: { message: keyed("CUDA out of memory"), type: "server_error" } }), last])], ends: "serverError", text: "Hel", says: /“CUDA out of memory \*\*\*”/ },
  { what: "an error in the stream before any text", plays: [streams([event({ error: { message: "busy", code: 503 } })]), good], ends: "done", text: "Hello", requests: 2 },
  { what: "an error event", plays: [streams(["event: error\n", event({ error: { message: "bad request", code: 400 } })])], ends: "badRequest" },
  { what: "an error field", plays: [streams([event("Hel"), 'error: {"code":500,"message":"oops"}\n\n'])], ends: "serverError", text: "Hel" },
  { what: "an error object with 200", plays: [json({ error: "model is required" })], ends: "serverError", requests: 3 },
  { what: "a context that is full, said in the stream", plays: [streams([event({ error: { message: "the request exceeds the available context size", type: "exceed_context_size_error" } })])], ends: "tooLong" },
  { what: "no text at all, as LM Studio does with a full context", plays: [streams([event({ choices: [{ index: 0, delta: { role: "assistant" } }] }), stop, last])], ends: "empty", says: /ended without a word/ },
  { what: "thoughts only", plays: [streams([event({ choices: [{ delta: { reasoning_content: "hm" } }] }), event({ choices: [{ delta: {}, finish_reason: "length" }] }), last])], ends: "empty", says: /on thinking/ },
  { what: "a content filter", plays: [streams([event("Hel"), event({ choices: [{ delta: {}, finish_reason: "content_filter" }] }), last])], ends: "filtered", text: "Hel" },
  { what: "colours, bells and a title for the terminal", plays: [streams([event("\u001b[31mred\u001b[0m\u0007 \u001b]0;owned\u0007"), last])], ends: "done", text: "[31mred[0m ]0;owned" },
  { what: "markup and scripts", plays: [answers("<script>alert(1)</script>", "<img src=x>")], ends: "done", text: "<script>alert(1)</script><img src=x>" },
  { what: "NUL and other control characters", plays: [answers("a\u0000b\u0008c\u009bd\r\n\te")], ends: "done", text: "abcd\n\te" },
  { what: "characters cut in two", plays: [streams([...Buffer.from(hello.join("").replace("Hel", "Grüße 🙂 "))].map((byte) => Buffer.from([byte])))], ends: "done", text: "Grüße 🙂 lo" },
  { what: "bytes of no character", plays: [streams([Buffer.concat([Buffer.from('data: {"choices":[{"delta":{"content":"a'), Buffer.from([0xff, 0xc3]), Buffer.from('b"}}]}\n\n')]), last])], ends: "done", text: "a\ufffd\ufffdb" },
  { what: "a byte order mark", plays: [streams(["\ufeff", ...hello])], ends: "done", text: "Hello" },
  { what: "line ends of Windows", plays: [streams([hello.join("").replaceAll("\n", "\r\n")])], ends: "done", text: "Hello" },
  { what: "no last word", plays: [streams([event("Hel"), event("lo"), stop])], ends: "done", text: "Hello" },
  { what: "no reason for the end", plays: [streams([event("Hel"), event("lo"), last])], ends: "done", text: "Hello" },
  { what: "comments that keep it alive", plays: [streams([": ping\n\n", ...hello.flatMap((one) => [": ping\n\n", one])])], ends: "done", text: "Hello" },
  { what: "one JSON text for a stream", plays: [json({ choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] })], ends: "done", text: "Hello" },
  { what: "the key in its answer", plays: [answers(keyed("Your key is"))], ends: "done", text: keyed("Your key is") },
  { what: "text after its last word", plays: [streams([...hello, event(" and more"), "data: {oops\n\n"])], ends: "done", text: "Hello" },
  { what: "a connection that stays open after its last word", plays: [staysOpenAfter(...hello)], ends: "done", text: "Hello", passes: 2_000 },
];

const connections: readonly Case[] = [
  { what: "death before its head", plays: [dies, good], ends: "done", text: "Hello", requests: 2 },
  { what: "death before its head, always", plays: [dies], ends: "cut", requests: 3, says: /broke off before its answer was complete/ },
  { what: "a reset before its head", plays: [resets, good], ends: "done", text: "Hello", requests: 2 },
  { what: "death before its first text", plays: [diesAfter(": ping\n\n"), good], ends: "done", text: "Hello", requests: 2 },
  { what: "death in the middle", plays: [diesAfter(event("Hel")), good], ends: "cut", text: "Hel", says: /What had come is kept; ask again for the rest/ },
  { what: "death in the middle of a line", plays: [diesAfter(event("Hel"), 'data: {"choices"')], ends: "cut", text: "Hel" },
  { what: "a proper end in the middle of a line", plays: [streams([event("Hel"), 'data: {"choices"'])], ends: "cut", text: "Hel" },
  { what: "a proper end without a reason", plays: [streams([event("Hel")])], ends: "cut", text: "Hel" },
  { what: "fewer bytes than promised", plays: [raw(halfAnAnswer + event("Hel"))], ends: "cut", text: "Hel" },
  { what: "HTTP of another century", plays: [raw(`HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${hello.join("")}`)], ends: "done", text: "Hello" },
  { what: "bytes of no HTTP", plays: [raw("SSH-2.0-OpenSSH_9.6\r\n")], ends: "invalid", says: /does not answer in HTTP/ },
  { what: "too many headers", plays: [raw(`HTTP/1.1 200 OK\r\n${`x-${big}: 1\r\n`.repeat(10)}\r\n`)], ends: "tooLarge" },
  { what: "another protocol", plays: [raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")], ends: "invalid" },
  { what: "silence", plays: [silent], ends: "timeout", says: /did not answer within 3 minutes\. It may be busy or asleep/, passes: 180_000 },
  { what: "a head that never ends", plays: [slow], ends: "timeout", passes: 180_000 },
  { what: "silence after its head", plays: [staysOpenAfter()], ends: "timeout", passes: 180_000 },
  { what: "silence in the middle", plays: [staysOpenAfter(event("Hel"))], ends: "stalled", text: "Hel", says: /sent nothing for 60 seconds\. What had come is kept/, passes: 60_000 },
  { what: "signs of life for ever and no end", plays: [staysOpenAfter(event("Hel"), ": ping\n\n")], ends: "endless", text: "Hel", says: /still sending after 15 minutes/, passes: 900_000, amid: 60_000 },
  { what: "signs of life before its first text and no end", plays: [staysOpenAfter(": ping\n\n")], ends: "endless", text: "", passes: 900_000, amid: 180_000 },
];

describe("an endpoint that answers with", () => {
  const rounds = process.env["GHOSTLIGHT_FULL"] === "1" ? 10 : 1;
  let server: EndpointServer;
  let network: EndpointNetwork;

  before(async () => { server = await startEndpointServer(); });
  after(() => server.close());
  afterEach(() => { network.close(); });

  for (const one of [...statuses, ...streamCases, ...connections]) {
    for (let round = 0; round < rounds; round++) {
      it(`${one.what} ends as ${one.ends}${round === 0 ? "" : ` (${String(round + 1)})`}`, async () => {
        network = createEndpointNetwork(one.options);
        await meets(server, network, one);
      });
    }
  }

  it("80 cases or more are played", () => {
    network = createEndpointNetwork();
    assert.ok(statuses.length + streamCases.length + connections.length >= 80);
  });
});

/** Asks once and checks the outcome, the sentence, the requests against the ledger, and that the key is nowhere. */
async function meets(server: EndpointServer, network: EndpointNetwork, { plays, ends, text, says, requests = 1, passes, amid }: Case): Promise<void> {
  const before = server.requests.length;
  server.play(...plays);
  network.clock.skip((milliseconds) => retryWaits.includes(milliseconds));
  const deltas: string[] = [];
  const request = { messages: [{ role: "user" as const, text: "Hi" }], maxTokens: 100, files: [], conversation: null };
  const asked = network.client.chat(endpointAt(server.url), request, (delta) => deltas.push(delta), neverAborted);
  if (passes !== undefined) {
    await server.received(before + 1);
    await network.clock.pass(passes, amid);
  }
  const outcome = await asked;
  const kind = outcome.outcome === "failed" ? outcome.kind : outcome.outcome;
  assert.equal(kind, ends, JSON.stringify(outcome).slice(0, 500));
  const came = outcome.outcome === "done" ? outcome.text : (outcome as EndpointFailure).partial;
  assert.equal(came, deltas.join(""), "what is kept is what was shown");
  if (text !== undefined) assert.equal(came, text);
  const words = outcome.outcome === "failed" ? outcome.cause : "";
  if (says !== undefined) assert.match(words, says);
  assert.ok(outcome.outcome === "done" || /[A-Z].+[.”]$/.test(words), words);

  const entries = await network.ledger();
  const ids = (event: string): string[] => entries.filter((entry) => entry.event === event).map(({ id }) => id);
  assert.equal(server.requests.length - before, requests, "requests that came");
  assert.equal(ids("sending").length, requests, "each request has its ledger line");
  assert.equal(new Set([...ids("done"), ...ids("failed")]).size, requests, "each line has its end");
  assert.equal((await network.network.ledger.verify()).ok, true, "the chain is whole");
  for (const place of [words, network.ledgerText(), ...network.logged]) assert.ok(!place.includes(testKey), place.slice(0, 500));
  assert.ok(!words.includes("?"), "no query");
  assert.deepEqual(network.clock.waits(), [], "nothing waits any more");
}
