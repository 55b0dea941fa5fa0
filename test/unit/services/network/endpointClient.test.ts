import { strict as assert } from "node:assert";
import type { Disclosure } from "../../../../src/core/outgoing/disclosure.js";
import type { OutgoingFile } from "../../../../src/core/outgoing/request.js";
import { isAbortError, neverAborted } from "../../../../src/core/util/abort.js";
import { chatRequest } from "../../../../src/services/network/endpointClient.js";
import { createEndpointNetwork, endpointAt, testKey, type EndpointNetwork, type EndpointNetworkOptions } from "../../../support/endpointNetwork.js";
import { answers, diesAfter, error, event, json, last, silent, staysOpenAfter, status, streams } from "../../../support/endpointPlays.js";
import { startEndpointServer, type EndpointServer } from "../../../support/endpointServer.js";
import { makeCertificate } from "../../../support/testCertificate.js";

const file: OutgoingFile = { path: "src/session.ts", file: null, startLine: 3, endLine: 12, tokens: 80 };
const ask = { messages: [{ role: "system" as const, text: "Be brief." }, { role: "user" as const, text: "What is this?" }], maxTokens: 100, files: [file], conversation: "c1" };
const ignore = (): void => undefined;

describe("the client of endpoints", () => {
  let server: EndpointServer;
  let network: EndpointNetwork;
  const open = (options: EndpointNetworkOptions = {}): EndpointNetwork => (network = createEndpointNetwork(options));
  /** Requests that came are exactly the lines that say so. */
  const recorded = async (): Promise<number> => (await network.ledger()).filter(({ event: what }) => what === "sending").length;

  beforeEach(async () => { server = await startEndpointServer(); });
  afterEach(async () => {
    assert.equal(await recorded(), server.requests.length, "each request has its ledger line");
    assert.ok(![network.ledgerText(), ...network.logged].some((text) => text.includes(testKey)));
    network.close();
    await server.close();
  });

  it("streams an answer, and the ledger says what left and what came", async () => {
    const { client, disclosed, ledger } = open();
    server.play(answers("It is ", "a session."));
    const deltas: string[] = [];
    const done = await client.chat(endpointAt(server.url, { inputPrice: 1, outputPrice: 2 }), ask, (text) => deltas.push(text), neverAborted);
    assert.deepEqual(done, { outcome: "done", text: "It is a session.", finish: "stop", promptTokens: 12, answerTokens: 2 });
    assert.deepEqual(deltas, ["It is ", "a session."]);

    const [request] = server.requests;
    assert.equal(request?.path, "/v1/chat/completions");
    assert.equal(request.headers.authorization, `Bearer ${testKey}`);
    assert.deepEqual(JSON.parse(request.body), {
      model: "qwen", messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "What is this?" }],
      stream: true, stream_options: { include_usage: true }, max_tokens: 100,
    });
    const [disclosure] = disclosed as readonly [Disclosure];
    assert.ok(disclosure.exact.endsWith(request.body), "what was shown is what was sent");
    assert.deepEqual([disclosure.model, disclosure.files, disclosure.estimatedCost], ["qwen", [file], (7 + 100 * 2) / 1_000_000]);

    const [sending, end] = await ledger();
    assert.deepEqual([sending?.event, end?.event, sending?.id], ["sending", "done", end?.id]);
    assert.deepEqual(end?.files, [{ path: "src/session.ts", startLine: 3, endLine: 12 }]);
    assert.equal(end.bytesOut, disclosure.bytes);
    const sent = [event("It is "), event("a session."), event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }), event({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 2 } }), last].join("");
    assert.equal(end.bytesIn, Buffer.byteLength(sent));
    assert.equal(end.status, 200);
  });

  it("gives a retry a line of its own and asks the person once", async () => {
    const { client, clock, disclosed, ledger } = open();
    clock.skip((milliseconds) => milliseconds <= 1_000);
    server.play(error(503, "busy"), error(503, "busy"), answers("Hello"));
    const done = await client.chat(endpointAt(server.url), ask, ignore, neverAborted);
    assert.equal(done.outcome, "done");
    assert.deepEqual([disclosed.length, clock.skipped], [1, [500, 1_000]]);
    assert.deepEqual((await ledger()).map(({ event: what }) => what), ["sending", "done", "sending", "done", "sending", "done"]);
    assert.equal(new Set(server.requests.map(({ body }) => body)).size, 1, "the same bytes");
  });

  it("does not try again what a policy forbids by then", async () => {
    let offline = false;
    const { client, clock } = open({ ports: { switches: () => ({ offlineOnly: offline, allowed: { yourNetwork: true, internet: true }, trusted: true }) } });
    clock.skip((milliseconds) => (offline = milliseconds === 500));
    server.play(error(429, "slow down"));
    const outcome = await client.chat(endpointAt(server.url), ask, ignore, neverAborted);
    assert.deepEqual([outcome.outcome, outcome.outcome === "refused" && outcome.by, server.requests.length], ["refused", "offlineOnly", 1]);
  });

  it("sends nothing where the person keeps it local", async () => {
    const { client } = open({ consent: { ask: async () => ({ choice: "keepLocal" }) } });
    server.play(answers("Hello"));
    const outcome = await client.chat(endpointAt(server.url), ask, ignore, neverAborted);
    assert.deepEqual([outcome.outcome, server.requests.length], ["refused", 0]);
  });

  it("sends what the person edited", async () => {
    let asked = 0;
    const { client } = open({ consent: { ask: async () => (asked++ === 0 ? { choice: "edited", texts: ["Be brief.", "Other words"] } : { choice: "once" }) } });
    server.play(answers("Hello"));
    await client.chat(endpointAt(server.url), ask, ignore, neverAborted);
    assert.match(server.requests[0]?.body ?? "", /Other words/);
  });

  for (const [when, play, started] of [["before its head", silent, false], ["in the middle", staysOpenAfter(event("Hel")), true]] as const) {
    it(`rejects when it is stopped ${when}, and closes the connection`, async () => {
      const { client, clock, ledger } = open();
      const controller = new AbortController();
      server.play(play);
      let delta = ignore;
      const begun = new Promise<void>((resolve) => { delta = resolve; });
      const asked = client.chat(endpointAt(server.url), ask, () => { delta(); }, controller.signal);
      await (started ? begun : server.received(1));
      controller.abort();
      await assert.rejects(asked, isAbortError);
      assert.deepEqual((await ledger()).map(({ event: what, reason }) => [what, reason]), [["sending", null], ["failed", "stopped"]]);
      assert.deepEqual(clock.waits(), []);
    });
  }

  it("rejects when it is stopped while it waits for a further attempt", async () => {
    const { client, clock } = open();
    const controller = new AbortController();
    server.play(error(503, "busy"));
    const asked = client.chat(endpointAt(server.url), ask, ignore, controller.signal);
    clock.skip((milliseconds) => {
      if (milliseconds === 500) controller.abort();
      return false;
    });
    await assert.rejects(asked, isAbortError);
    assert.equal(server.requests.length, 1);
  });

  it("rejects at once where it was stopped before", async () => {
    const { client } = open();
    await assert.rejects(client.chat(endpointAt(server.url), ask, ignore, AbortSignal.abort()), isAbortError);
  });

  it("names OpenAI's limit as OpenAI wants it", () => {
    open();
    const body = (url: string): string => chatRequest(endpointAt(url), ask).write?.(["a", "b"]) ?? "";
    assert.match(body("https://api.openai.com/v1"), /"max_completion_tokens":100/);
    assert.match(body("https://api.openai.com.example.com/v1"), /"max_tokens":100/);
  });

  it("puts no words into another's mouth", () => {
    open();
    assert.throws(() => chatRequest(endpointAt(server.url), ask).write?.(["a"]), /do not match/);
  });

  describe("lists models", () => {
    for (const [what, value, models] of [
      ["llama-server's", { models: [{ name: "x" }], object: "list", data: [{ id: "qwen.gguf", object: "model", meta: { n_ctx: 4_096 } }] }, ["qwen.gguf"]],
      ["vLLM's", { object: "list", data: [{ id: "Qwen/Qwen2.5-Coder-7B-Instruct", max_model_len: 8_192 }] }, ["Qwen/Qwen2.5-Coder-7B-Instruct"]],
      ["Ollama's", { object: "list", data: [{ id: "qwen2.5-coder:7b", owned_by: "library" }, { id: "qwen2.5-coder:7b" }] }, ["qwen2.5-coder:7b"]],
      ["names that cannot be shown", { data: [{ id: "a\u202Eb" }, { id: "a\nb" }, { id: "m".repeat(300) }, { id: "good" }] }, ["good"]],
      ["none", { data: [] }, []],
      ["too many", { data: Array.from({ length: 2_000 }, (_, index) => ({ id: String(index) })) }, Array.from({ length: 1_000 }, (_, index) => String(index))],
    ] as const) {
      it(`of ${what}`, async () => {
        server.play(json(value));
        assert.deepEqual(await open().client.models(endpointAt(server.url), neverAborted), { outcome: "done", models });
        assert.deepEqual([server.requests[0]?.method, server.requests[0]?.path, server.requests[0]?.body], ["GET", "/v1/models", ""]);
      });
    }

    for (const [what, play, kind] of [
      ["of another shape", json({ models: ["a"] }), "malformed"], ["that is a page", status(200, "<html></html>"), "captivePortal"], ["that is an error", json({ error: "no" }), "serverError"],
      ["that is cut", diesAfter('{"data":['), "cut"], ["that needs a key", error(401, "no"), "unauthorized"], ["without end", streams(["x".repeat(5_000_000)]), "tooLarge"],
    ] as const) {
      it(`fails with a list ${what}`, async () => {
        const { client, clock } = open();
        clock.skip((milliseconds) => milliseconds <= 1_000);
        server.play(play);
        const outcome = await client.models(endpointAt(server.url), neverAborted);
        assert.equal(outcome.outcome === "failed" && outcome.kind, kind);
      });
    }
  });

  describe("fills in the middle", () => {
    const gap = { path: "src/a.ts", prefix: "const a = ", suffix: ";\n", maxTokens: 20, files: [file] };

    it("with llama-server's /infill, beside /v1", async () => {
      server.play(json({ content: "1", stop: true }));
      assert.deepEqual(await open().client.complete(endpointAt(server.url, { fim: "infill" }), gap, neverAborted), { outcome: "done", text: "1" });
      assert.equal(server.requests[0]?.path, "/infill");
      assert.deepEqual(JSON.parse(server.requests[0].body), { input_prefix: "const a = ", input_suffix: ";\n", n_predict: 20, temperature: 0, cache_prompt: true, stream: false });
    });

    it("with a suffix of /v1/completions", async () => {
      server.play(json({ choices: [{ text: "1\u001b[0m", finish_reason: "stop" }] }));
      assert.deepEqual(await open().client.complete(endpointAt(server.url, { fim: "completions" }), gap, neverAborted), { outcome: "done", text: "1[0m" });
      assert.equal(server.requests[0]?.path, "/v1/completions");
      assert.deepEqual(JSON.parse(server.requests[0].body), { model: "qwen", prompt: "const a = ", suffix: ";\n", max_tokens: 20, temperature: 0, stream: false });
    });

    it("not where the endpoint offers no way", async () => {
      const outcome = await open().client.complete(endpointAt(server.url), gap, neverAborted);
      assert.deepEqual([outcome.outcome === "failed" && outcome.kind, server.requests.length], ["fimUnsupported", 0]);
    });

    for (const [what, play, kind] of [
      ["vLLM, which refuses a suffix", error(400, "suffix is not currently supported", "BadRequestError"), "fimUnsupported"],
      ["Ollama with a model that cannot", error(400, "registry.ollama.ai/library/qwen3:latest does not support insert", "api_error"), "fimUnsupported"],
      ["a busy server, and does not ask twice", error(503, "busy"), "serverError"],
      ["an answer of another shape", json({ choices: [] }), "malformed"],
      ["a page", status(200, "<!doctype html>"), "captivePortal"],
    ] as const) {
      it(`fails with ${what}`, async () => {
        server.play(play);
        const outcome = await open().client.complete(endpointAt(server.url, { fim: "completions" }), gap, neverAborted);
        assert.deepEqual([outcome.outcome === "failed" && outcome.kind, server.requests.length], [kind, 1]);
      });
    }
  });
});

describe("an endpoint that cannot be reached", () => {
  const outcomeAt = async (url: string, options: EndpointNetworkOptions = {}): Promise<[kind: string, cause: string, attempts: number]> => {
    const network = createEndpointNetwork(options);
    network.clock.skip((milliseconds) => milliseconds <= 1_000);
    const outcome = await network.client.chat(endpointAt(url), ask, ignore, neverAborted);
    const attempts = (await network.ledger()).filter(({ event: what }) => what === "sending").length;
    assert.ok(!network.ledgerText().includes(testKey));
    network.close();
    assert.equal(outcome.outcome, "failed");
    return [outcome.kind, outcome.cause, attempts];
  };

  it("because nothing listens", async () => {
    const server = await startEndpointServer();
    await server.close();
    const [kind, cause, attempts] = await outcomeAt(server.url);
    assert.deepEqual([kind, attempts], ["connectionRefused", 3]);
    assert.match(cause, /^Nothing listens at http:\/\/127\.0\.0\.1:\d+\. Check that the server of lab runs/);
  });

  for (const code of ["ENOTFOUND", "EAI_AGAIN"]) {
    it(`because its name is unknown (${code})`, async () => {
      const [kind, cause, attempts] = await outcomeAt("https://nowhere.example/v1", { resolve: async () => { throw Object.assign(new Error("no"), { code }); } });
      assert.deepEqual([kind, attempts], ["nameUnknown", 3]);
      assert.match(cause, /^The name of https:\/\/nowhere\.example/);
    });
  }

  it("because its name leads into the own network", async () => {
    const [kind, cause, attempts] = await outcomeAt("https://nowhere.example/v1", { resolve: async () => ["127.0.0.1"] });
    assert.deepEqual([kind, attempts], ["address", 1]);
    assert.match(cause, /nowhere\.example leads to 127\.0\.0\.1, which is not in the internet/);
  });

  for (const [what, certificate, trouble] of [
    ["is self-signed", makeCertificate("127.0.0.1"), /self-signed, and nobody this computer trusts vouches for it\. Nothing was sent\. Let this computer trust/],
    ["has expired", makeCertificate("127.0.0.1", { from: -20, to: -10 }), /has expired/],
    ["is not valid yet", makeCertificate("127.0.0.1", { from: 10, to: 20 }), /not valid yet|self-signed/],
    ["is for another name", makeCertificate("other.example"), /self-signed|another name/],
  ] as const) {
    it(`because its certificate ${what}`, async () => {
      const server = await startEndpointServer(certificate);
      const [kind, cause, attempts] = await outcomeAt(server.url);
      assert.deepEqual([kind, attempts, server.requests.length], ["tls", 1, 0]);
      assert.match(cause, trouble);
      await server.close();
    });
  }

  it("because it speaks no TLS", async () => {
    const server = await startEndpointServer();
    const [kind, cause, attempts] = await outcomeAt(server.url.replace("http:", "https:"));
    assert.deepEqual([kind, attempts, server.requests.length], ["tls", 1, 0]);
    assert.match(cause, /its address begins with http:\/\//);
    await server.close();
  });

  it("because it speaks only TLS", async () => {
    const server = await startEndpointServer(makeCertificate("127.0.0.1"));
    const [kind, , attempts] = await outcomeAt(server.url.replace("https:", "http:"));
    assert.deepEqual([kind, attempts, server.requests.length], ["cut", 3, 0]);
    await server.close();
  });
});
