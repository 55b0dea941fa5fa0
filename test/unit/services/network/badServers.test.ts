import { strict as assert } from "node:assert";
import { once } from "node:events";
import { mkdirSync, renameSync } from "node:fs";
import type { Socket } from "node:net";
import path from "node:path";
import type { GatePorts } from "../../../../src/core/outgoing/gatekeeper.js";
import { neverAborted } from "../../../../src/core/util/abort.js";
import { silentLog } from "../../../../src/core/util/log.js";
import type { Permitted } from "../../../../src/services/network/gate.js";
import type { NetworkErrorKind } from "../../../../src/services/network/networkError.js";
import type { OutgoingResponse } from "../../../../src/services/network/transport.js";
import { bodyText, person, plainGet, question, testNetwork, type TestNetwork } from "../../../support/outgoing.js";
import { answerWith, rawServer, type RawServer } from "../../../support/rawServer.js";

const limits = { connectMs: 2000, firstByteMs: 2000, idleMs: 2000, bodyBytes: 1000 };
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function server(answer: (socket: Socket, request: string) => void): Promise<RawServer> {
  const made = await rawServer(answer);
  ends.push(() => made.close());
  return made;
}

function network(more: Partial<typeof limits> = {}, ports: Partial<GatePorts> = {}, warnings: string[] = []): TestNetwork {
  const log = { ...silentLog, warn: (message: string) => { warnings.push(message); } };
  const made = testNetwork(ports, { consent: person({ choice: "once" }), limits: () => ({ ...limits, ...more }), log });
  ends.push(() => { made.remove(); });
  return made;
}

async function post({ gate, transport }: TestNetwork, url: string, signal = neverAborted): Promise<OutgoingResponse> {
  const outcome = await gate.request(question(url), neverAborted);
  return transport.send((outcome as Permitted).permit, signal);
}

async function get({ gate, transport }: TestNetwork, url: string): Promise<OutgoingResponse> {
  const outcome = await gate.request(plainGet("download", url), neverAborted);
  assert.equal(outcome.outcome, "permitted", JSON.stringify(outcome));
  return transport.send((outcome as Permitted).permit, neverAborted);
}

/** State, status, and bytes of each request in the ledger. */
async function recorded({ ledger }: TestNetwork): Promise<string[]> {
  return (await ledger.requests()).map(({ state, status, bytesOut, bytesIn }) => `${state} ${String(status)} ${bytesOut > 0 ? "left" : "stayed"} ${String(bytesIn)}`);
}

describe("a bad server", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const cases: readonly { name: string; answer: (socket: Socket) => void; kind: NetworkErrorKind; line: string; limits?: Partial<typeof limits>; https?: boolean; partial?: string }[] = [
    { name: "that never answers", answer: () => undefined, kind: "timeout", line: "failed null left 0", limits: { firstByteMs: 40 } },
    { name: "that stops in the head", answer: (socket) => { socket.write("HTTP/1.1 200 OK\r\nA: "); }, kind: "timeout", line: "failed null left 0", limits: { firstByteMs: 40 } },
    { name: "that never finishes encryption", answer: () => undefined, kind: "timeout", line: "failed null stayed 0", limits: { connectMs: 40 }, https: true },
    { name: "that resets at once", answer: (socket) => { socket.resetAndDestroy(); }, kind: "cut", line: "failed null left 0" },
    { name: "that hangs up at once", answer: (socket) => { socket.end(); }, kind: "cut", line: "failed null left 0" },
    { name: "that speaks something else", answer: (socket) => { socket.end("220 smtp.example.com ESMTP\r\n"); }, kind: "invalid", line: "failed null left 0" },
    { name: "with two lengths", answer: (socket) => { socket.end(`${head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`); }, kind: "invalid", line: "failed null left 0" },
    { name: "with a length and pieces", answer: (socket) => { socket.end(`${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`); }, kind: "invalid", line: "failed null left 0" },
    { name: "with endless headers", answer: (socket) => { socket.write(`${head}${Array.from({ length: 2000 }, (_, index) => `X-${String(index)}: ${"y".repeat(40)}`).join("\r\n")}`); }, kind: "tooLarge", line: "failed null left 0" },
    { name: "that changes the protocol", answer: (socket) => { socket.write("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"); }, kind: "invalid", line: "failed null left 0" },
    { name: "that compresses", answer: (socket) => { answerWith(socket, 200, "abc", ["Content-Encoding: gzip"]); }, kind: "compressed", line: "failed 200 left 0" },
    { name: "that compresses its pieces", answer: (socket) => { socket.end(`${head}Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`); }, kind: "compressed", line: "failed 200 left 0" },
    { name: "that redirects a POST", answer: (socket) => { answerWith(socket, 307, "", ["Location: /elsewhere"]); }, kind: "redirect", line: "done 307 left 0" },
    { name: "that redirects to nowhere", answer: (socket) => { answerWith(socket, 302, ""); }, kind: "redirect", line: "done 302 left 0" },
    { name: "that announces too much", answer: (socket) => { socket.write(`${head}Content-Length: 1001\r\n\r\nabc`); }, kind: "tooLarge", line: "failed 200 left 0", partial: "" },
    { name: "that sends too much", answer: (socket) => { socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n3E8\r\n${"x".repeat(1000)}\r\n1\r\ny\r\n`); }, kind: "tooLarge", line: "failed 200 left 1001", partial: "" },
    { name: "that is cut in the body", answer: (socket) => { socket.end(`${head}Content-Length: 10\r\n\r\nabc`); }, kind: "cut", line: "failed 200 left 3", partial: "abc" },
    { name: "that is reset in the body", answer: (socket) => { socket.write(`${head}Content-Length: 10\r\n\r\nabc`, () => { socket.resetAndDestroy(); }); }, kind: "cut", line: "failed 200 left", partial: "" },
    { name: "that is cut between pieces", answer: (socket) => { socket.end(`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`); }, kind: "cut", line: "failed 200 left 3", partial: "abc" },
    { name: "with a piece that is none", answer: (socket) => { socket.end(`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`); }, kind: "invalid", line: "failed 200 left", partial: "" },
    { name: "that stops in the body", answer: (socket) => { socket.write(`${head}Content-Length: 10\r\n\r\nabc`); }, kind: "timeout", line: "failed 200 left 3", partial: "abc", limits: { idleMs: 40 } },
    { name: "without encryption", answer: () => undefined, kind: "tls", line: "failed null stayed 0", https: true },
  ];
  for (const { name, answer, kind, line, limits: more, https = false, partial } of cases) {
    it(`${name} ends as ${kind}, and the ledger says so`, async () => {
      const { url, port } = await server(answer);
      // A raw server sees a TLS greeting as no request; one that answers it in plain text is the case "without encryption".
      const plain = kind === "tls" ? await plainGreeting() : port;
      const made = network(more);
      let text = "";
      await assert.rejects(async () => {
        const { body } = await post(made, https ? `https://127.0.0.1:${String(plain)}` : url);
        for await (const piece of body) text += Buffer.from(piece).toString();
      }, { name: "NetworkError", kind });
      assert.ok(text.startsWith(partial ?? ""), text);
      const found = (await recorded(made)).filter((one) => !one.startsWith("refused"));
      assert.ok(found.length === 1 && found[0]?.startsWith(line), found.join());
    });
  }

  it("that is not there ends as unreachable, and nothing left", async () => {
    const gone = await rawServer(() => undefined);
    await gone.close();
    const made = network();
    await assert.rejects(post(made, gone.url), { kind: "unreachable", message: /cannot be reached \(ECONNREFUSED\)/ });
    assert.deepEqual(await recorded(made), ["failed null stayed 0"]);
    assert.equal(await made.ledger.bytesToday(), 0);
  });
});

/** Answers whatever comes in plain text. */
async function plainGreeting(): Promise<number> {
  const { createServer } = await import("node:net");
  const listener = createServer((socket) => { socket.on("error", () => undefined).once("data", () => socket.end("HTTP/1.1 400 Bad\r\n\r\n")); });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  ends.push(() => { listener.close(); });
  return (listener.address() as { port: number }).port;
}

describe("a sound answer", () => {
  it("with an error status comes as it is", async () => {
    const { url } = await server((socket) => { answerWith(socket, 503, "busy", ["Retry-After: 3"]); });
    const made = network();
    const { status, headers, body } = await post(made, url);
    assert.deepEqual([status, headers.get("retry-after"), await bodyText(body)], [503, "3", "busy"]);
    assert.deepEqual(await recorded(made), ["done 503 left 4"]);
  });

  it("may have hints before it and pieces in it", async () => {
    const { url } = await server((socket) => { socket.end("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"); });
    assert.equal(await bodyText((await post(network(), url)).body), "abc");
  });

  it("ends its connection: none is kept for the next", async () => {
    const { url, connections } = await server((socket) => { socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"); });
    const made = network();
    await bodyText((await post(made, url)).body);
    await bodyText((await post(made, url)).body);
    assert.equal(connections(), 2);
  });

  it("is given although its end cannot be recorded; the request reads as unknown later", async () => {
    const warnings: string[] = [];
    const made = network({}, {}, warnings);
    const moved = path.join(path.dirname(made.ledgerFile), "moved.jsonl");
    const { url } = await server((socket) => {
      renameSync(made.ledgerFile, moved);
      mkdirSync(made.ledgerFile);
      answerWith(socket, 200, "ok");
    });
    assert.equal(await bodyText((await post(made, url)).body), "ok");
    assert.match(warnings.join(), /could not be recorded/);
  });
});

describe("a caller who leaves", () => {
  it("before anything is sent, sends nothing", async () => {
    const { url, connections } = await server(() => undefined);
    const made = network();
    await assert.rejects(post(made, url, AbortSignal.abort()), { name: "AbortError" });
    assert.equal(connections(), 0);
    assert.deepEqual(await recorded(made), ["failed null stayed 0"]);
  });

  it("before the answer, ends the connection", async () => {
    const controller = new AbortController();
    const closed: Promise<unknown>[] = [];
    const { url } = await server((socket) => { closed.push(once(socket, "close")); controller.abort(); });
    const made = network();
    await assert.rejects(post(made, url, controller.signal), { name: "AbortError" });
    await Promise.all(closed);
    assert.deepEqual(await recorded(made), ["failed null left 0"]);
  });

  it("in the body, ends the connection and the reading", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    const { url } = await server((socket) => { closed = once(socket, "close"); socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"); });
    const made = network();
    const { body } = await post(made, url, controller.signal);
    await assert.rejects(async () => { for await (const _ of body) controller.abort(); }, { name: "AbortError" });
    await closed;
    assert.deepEqual(await recorded(made), ["failed 200 left 3"]);
    assert.equal((await made.ledger.requests())[0]?.reason, "stopped");
  });

  it("of the body, with a break or an error of their own, ends the connection", async () => {
    let closed: Promise<unknown> | undefined;
    const { url } = await server((socket) => { closed = once(socket, "close"); socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"); });
    const made = network();
    for await (const _ of (await post(made, url)).body) break;
    await closed;
    await assert.rejects(async () => { for await (const _ of (await post(made, url)).body) throw new Error("theirs"); }, /theirs/);
    await closed;
    assert.deepEqual((await made.ledger.requests()).map(({ state, reason }) => [state, reason]), [["failed", "stopped"], ["failed", "stopped"]]);
  });

  it("without reading the body, has it ended", async () => {
    let closed: Promise<unknown> | undefined;
    const { url } = await server((socket) => { closed = once(socket, "close"); answerWith(socket, 200, "abc", []); });
    const made = network({ idleMs: 40 });
    const changed = new Promise<void>((resolve) => { made.ledger.onChange(() => { void made.ledger.requests().then(([request]) => { if (request?.state === "failed") resolve(); }); }); });
    await post(made, url);
    await closed;
    await changed;
    assert.deepEqual(await recorded(made), ["failed 200 left 0"]);
  });
});

describe("a redirect of a GET", () => {
  it("is followed with a line of its own for each place, the key only as long as the origin stays", async () => {
    const keys: string[] = [];
    const key = (request: string): string => /authorization: (.*)\r\n/.exec(request)?.[1] ?? "none";
    const other: RawServer = await server((socket, request) => { keys.push(key(request)); answerWith(socket, 302, "", [`Location: ${first.url}/c`]); });
    const first: RawServer = await server((socket, request) => {
      keys.push(key(request));
      if (request.startsWith("GET /a ")) answerWith(socket, 301, "body", ["Location: /b"]);
      else if (request.startsWith("GET /b ")) answerWith(socket, 307, "", [`Location: ${other.url}/x`]);
      else answerWith(socket, 200, "model");
    });
    const made = network({}, { keys: { get: async () => "key-1" } });
    assert.equal(await bodyText((await get(made, `${first.url}/a`)).body), "model");
    assert.deepEqual(keys, ["Bearer key-1", "Bearer key-1", "none", "none"]);
    assert.deepEqual((await made.ledger.requests()).map(({ origin, status, state }) => [origin, status, state]), [[first.url, 301, "done"], [first.url, 307, "done"], [other.url, 302, "done"], [first.url, 200, "done"]]);
  });

  it("is followed five times, not six", async () => {
    const { url, received } = await server((socket) => { answerWith(socket, 302, "", ["Location: /again"]); });
    const made = network();
    await assert.rejects(get(made, url), { kind: "redirect", message: /more than 5 times/ });
    assert.equal(received.length, 6);
    assert.deepEqual((await recorded(made)).at(-1), "refused null stayed 0");
  });

  it("is not followed when the caller has gone or offline-only was switched on meanwhile", async () => {
    let offlineOnly = false;
    const { url, received } = await server((socket) => { offlineOnly = true; answerWith(socket, 302, "", ["Location: /b"]); });
    const made = network({}, { switches: () => ({ offlineOnly, allowed: { yourNetwork: true, internet: true }, trusted: true }) });
    await assert.rejects(get(made, url), { kind: "redirect", message: /Offline-only/ });
    assert.equal(received.length, 1);
  });
});

describe("a key", () => {
  it("that no header can hold is not sent, and not told", async () => {
    const { url, connections } = await server(() => undefined);
    const made = network({}, { keys: { get: async () => "abc\r\nhost: evil" } });
    await assert.rejects(post(made, url), (error: Error) => /enter it again/.test(error.message) && !error.message.includes("abc"));
    assert.equal(connections(), 0);
  });

  it("that cannot be read sends nothing", async () => {
    const { url, connections } = await server(() => undefined);
    let reads = 0;
    const made = network({}, { keys: { get: async () => { if (reads++ > 1) throw new Error("locked"); return "key"; } } });
    await assert.rejects(post(made, url), { kind: "invalid", message: /could not be read/ });
    assert.equal(connections(), 0);
    assert.deepEqual(await recorded(made), ["failed null stayed 0"]);
  });
});
