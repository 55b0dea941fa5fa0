import { strict as assert } from "node:assert";
import type { Socket } from "node:net";
import { neverAborted } from "../../../../src/core/util/abort.js";
import type { Permitted } from "../../../../src/services/network/gate.js";
import type { Permit } from "../../../../src/services/network/permit.js";
import { defaultLimits, type OutgoingResponse } from "../../../../src/services/network/transport.js";
import { bodyText, person, plainGet, question, testNetwork, type TestNetwork } from "../../../support/outgoing.js";
import { answerWith, rawServer, type RawServer } from "../../../support/rawServer.js";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function network(...parameters: Parameters<typeof testNetwork>): TestNetwork {
  const [ports = {}, parts = {}] = parameters;
  const made = testNetwork(ports, { consent: person({ choice: "once" }), ...parts });
  ends.push(() => { made.remove(); });
  return made;
}

async function server(answer: (socket: Socket, request: string) => void): Promise<RawServer> {
  const made = await rawServer(answer);
  ends.push(() => made.close());
  return made;
}

async function permitted({ gate }: TestNetwork, ...wanted: Parameters<typeof question>): Promise<Permitted> {
  const outcome = await gate.request(question(...wanted), neverAborted);
  assert.equal(outcome.outcome, "permitted", JSON.stringify(outcome));
  return outcome as Permitted;
}

async function got(made: TestNetwork, purpose: "download" | "list", url: string): Promise<OutgoingResponse> {
  const outcome = await made.gate.request(plainGet(purpose, url), neverAborted);
  assert.equal(outcome.outcome, "permitted", JSON.stringify(outcome));
  return made.transport.send((outcome as Permitted).permit, neverAborted);
}

describe("the transport", () => {
  it("sends exactly what was disclosed, the key in its place, and records its end", async () => {
    const { url, received } = await server((socket) => { answerWith(socket, 200, "Because.", ["X-Two: a", "X-Two: b"]); });
    const made = network({ keys: { get: async (origin) => (origin === url ? "key-1" : undefined) } });
    const { permit, disclosure } = await permitted(made, `${url}/v1/chat?x=%20y`, ["Why? ünï SECRET1"]);
    const response = await made.transport.send(permit, neverAborted);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-two"), "a, b");
    assert.equal(await bodyText(response.body), "Because.");
    const [raw = ""] = received;
    assert.equal(disclosure.exact.replace(`[the key stored for ${url}]`, "key-1"), raw.replaceAll("\r\n", "\n").replace("POST /v1/chat?x=%20y HTTP/1.1", `POST ${url}/v1/chat?x=%20y`));
    assert.ok(!raw.includes("SECRET1"));
    assert.equal(disclosure.bytes, Buffer.byteLength(raw) - Buffer.byteLength("authorization: Bearer key-1\r\n"));
    const [request] = await made.ledger.requests();
    assert.deepEqual({ ...request, durationMs: 0, time: "" }, {
      id: permit.id, state: "done", time: "", origin: url, purpose: "chat", files: [{ path: "src/a.ts", startLine: 1, endLine: 3 }],
      bytesOut: disclosure.bytes, bytesIn: 8, status: 200, durationMs: 0, reason: null,
    });
  });

  it("writes the line before the connection is made", async () => {
    const seen: string[] = [];
    const made = network();
    const { url } = await server((socket) => {
      void made.ledger.read().then((entries) => {
        seen.push(...entries.map(({ event }) => event));
        answerWith(socket, 200, "");
      });
    });
    const { permit } = await permitted(made, url);
    await bodyText((await made.transport.send(permit, neverAborted)).body);
    assert.deepEqual(seen, ["sending"]);
  });

  it("takes a permit once, and none that the gate did not make", async () => {
    const { url, connections } = await server((socket) => { answerWith(socket, 200, ""); });
    const made = network();
    const { permit } = await permitted(made, url);
    await bodyText((await made.transport.send(permit, neverAborted)).body);
    const forged = [permit, { ...permit } as Permit, { id: "1", origin: url, purpose: "chat" } as unknown as Permit, JSON.parse(JSON.stringify(permit)) as Permit, Object.create(permit) as Permit, (await permitted(network(), url)).permit];
    for (const one of forged) await assert.rejects(made.transport.send(one, neverAborted), { name: "NetworkError", kind: "invalid", message: /not made by the gate, or it was used/ });
    assert.equal(connections(), 1);
  });

  it("has limits for each purpose", () => {
    for (const purpose of ["chat", "completion", "list", "download"] as const) assert.ok(Object.values(defaultLimits(purpose)).every((limit) => limit > 0));
  });

  it("keeps the range of a download over a redirect, leaves the key behind, and tells what the first server said", async () => {
    const far = await server((socket) => { answerWith(socket, 206, "odel", ["Content-Range: bytes 1-4/5"]); });
    const near = await server((socket) => { answerWith(socket, 302, "", [`Location: ${far.url}/blob`, "X-Repo-Commit: abc"]); });
    const made = network({ keys: { get: async (origin) => (origin === near.url ? "key-1" : undefined) } }, { consent: person() });
    const outcome = await made.gate.request({ ...plainGet("download", `${near.url}/model.gguf`), headers: { range: "bytes=1-", "if-range": '"e"' } }, neverAborted);
    const response = await made.transport.send((outcome as Permitted).permit, neverAborted);
    assert.equal(await bodyText(response.body), "odel");
    assert.equal(response.origin, far.url);
    assert.deepEqual(response.redirects.map(({ origin, status, headers }) => [origin, status, headers.get("x-repo-commit")]), [[near.url, 302, "abc"]]);
    for (const { received } of [near, far]) assert.match(received[0] ?? "", /range: bytes=1-\r\nif-range: "e"\r\n/);
    assert.match(near.received[0] ?? "", /authorization: Bearer key-1/);
    assert.doesNotMatch(far.received[0] ?? "", /authorization/i);
    assert.deepEqual((await made.ledger.requests()).map(({ state, origin, status }) => [state, origin, status]), [["done", near.url, 302], ["done", far.url, 206]]);
  });

  it("downloads with no question asked", async () => {
    const { url } = await server((socket) => { answerWith(socket, 200, "model"); });
    const made = network({}, { consent: person() });
    assert.equal(await bodyText((await got(made, "download", `${url}/model.gguf`)).body), "model");
  });
});
