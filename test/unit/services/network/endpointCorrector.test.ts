import assert from "node:assert/strict";
import type { QuestionContext } from "../../../../src/core/chat/answer";
import type { Turn } from "../../../../src/core/chat/transcript";
import type { Endpoint } from "../../../../src/core/outgoing/endpoint";
import type { Refusal } from "../../../../src/core/outgoing/gatekeeper";
import { abortError, neverAborted } from "../../../../src/core/util/abort";
import type { EndpointChat, EndpointClient } from "../../../../src/services/network/endpointClient";
import { createEndpointCorrector } from "../../../../src/services/network/endpointCorrector";

type ChatResult = Awaited<ReturnType<EndpointClient["chat"]>>;

const lab: Endpoint = { name: "Lab", url: "http://192.168.0.7:8080/v1", model: "large", fim: "none", contextSize: 16_384, inputPrice: null, outputPrice: null };
const place = (file: string, startLine: number, endLine: number) => ({ file, startLine, endLine, tokens: 9 });
const found: QuestionContext = { sources: [{ ...place("a.ts", 1, 9), text: "a\n".repeat(9) }, { ...place("b.ts", 1, 2), text: "b\nb" }, { ...place("c.ts", 1, 1), text: "c" }], leftOut: [] };
const turn: Turn = { id: "t1", question: "what is a?", time: 1, text: "It is a.", context: { kind: "model", sources: [place("a.ts", 2, 3), place("b.ts", 1, 4)], leftOut: [] }, end: { state: "done" } };
const done: ChatResult = { outcome: "done", text: "It is b.", finish: "stop", promptTokens: 1, answerTokens: 1 };

/** A corrector whose client ends as told, and what the client was asked. */
function played({ endpoint = lab, result = done, refusal }: { endpoint?: Endpoint | null; result?: ChatResult | Error; refusal?: Refusal } = {}) {
  const asked: EndpointChat[] = [];
  const corrector = createEndpointCorrector({
    endpoint: () => endpoint ?? undefined,
    gate: { wouldRefuse: async () => refusal },
    knowledge: () => ({ contextFor: async () => found }),
    placeOf: (path) => `/work/space/${path}`,
    client: { chat: async (_endpoint, request, onDelta) => {
      asked.push(request);
      if (result instanceof Error) throw result;
      onDelta("It");
      return result;
    } },
  });
  return { asked, corrector };
}
const correct = async (given: Parameters<typeof played>[0], about = turn) => {
  const { asked, corrector } = played(given);
  const deltas: string[] = [];
  return { asked, deltas, outcome: await corrector.correct(about, "c1", (text) => void deltas.push(text), neverAborted) };
};

describe("services/network/endpointCorrector", () => {
  it("asks with the draft and the places it stands on, no others, and names their lines, those that the draft may quote too", async () => {
    const { asked, deltas, outcome } = await correct({});
    assert.deepEqual(outcome, { outcome: "done", text: "It is b." });
    assert.deepEqual(deltas, ["It"]);
    assert.equal(asked[0]?.conversation, "c1");
    assert.deepEqual(asked[0]?.files.map(({ path, file, startLine, endLine }) => [path, file, startLine, endLine]), [["a.ts", "/work/space/a.ts", 1, 9], ["b.ts", "/work/space/b.ts", 1, 2], ["b.ts", "/work/space/b.ts", 1, 4]]);
    assert.match(asked[0]?.messages.at(-1)?.text ?? "", /--- a\.ts lines 1-9[^]*It is a\.[^]*Question: what is a\?/);
    assert.doesNotMatch(asked[0]?.messages.at(-1)?.text ?? "", /c\.ts/);
  });

  it("gives more where the local model had no room for it, or where nothing was read", async () => {
    const short = { ...turn, context: { kind: "model" as const, sources: [place("a.ts", 2, 3)], leftOut: [{ file: "c.ts", reason: "lines 1-1 did not fit" }] } };
    const { context: _none, ...failed } = { ...turn, text: "", end: { state: "failed" as const, cause: "x", retry: true } };
    for (const about of [short, failed]) assert.deepEqual([...new Set((await correct({}, about)).asked[0]?.files.map(({ path }) => path))], ["a.ts", "b.ts", "c.ts"]);
  });

  it("an offer names the files and bytes, and sends nothing", async () => {
    const { asked, corrector } = played();
    const offer = await corrector.offer(turn, neverAborted);
    assert.ok(offer && "files" in offer && offer.endpoint === "Lab" && offer.files === 2);
    const { asked: sent } = await correct({});
    const body = JSON.stringify({ model: lab.model, messages: sent[0]?.messages.map(({ role, text: content }) => ({ role, content })) });
    assert.ok(Math.abs(offer.bytes - body.length) < 200, `${String(offer.bytes)} of ${String(body.length)}`);
    assert.equal(asked.length, 0);
  });

  it("an offer that would be refused says why; without an endpoint there is none", async () => {
    const refusal: Refusal = { outcome: "refused", by: "offlineOnly", because: "Offline only." };
    assert.deepEqual(await played({ refusal }).corrector.offer(turn, neverAborted), { because: "Offline only." });
    const { corrector } = played({ endpoint: null });
    assert.deepEqual([corrector.endpoint(), await corrector.offer(turn, neverAborted), (await corrector.correct(turn, "c", () => undefined, neverAborted)).outcome], [undefined, undefined, "refused"]);
  });

  it("a cut or empty answer is a failure: it takes no draft's place", async () => {
    const cut = await correct({ result: { ...done, finish: "length" } });
    assert.ok(cut.outcome.outcome === "failed" && cut.outcome.partial === "It is b." && /cut at the limit of 4096/.test(cut.outcome.cause));
    assert.equal((await correct({ result: { ...done, text: " \n" } })).outcome.outcome, "failed");
  });

  it("passes on a failure with its part, and a refusal", async () => {
    const failure: ChatResult = { outcome: "failed", kind: "cut", cause: "The network went away.", partial: "It is", retry: true };
    assert.deepEqual((await correct({ result: failure })).outcome, { outcome: "failed", cause: "The network went away.", partial: "It is", retry: true });
    const refusal: Refusal = { outcome: "refused", by: "person", because: "Kept local." };
    assert.deepEqual((await correct({ result: refusal })).outcome, refusal);
  });

  it("a stop is an outcome, a bug is not hidden", async () => {
    assert.deepEqual((await correct({ result: abortError() })).outcome, { outcome: "stopped" });
    await assert.rejects(correct({ result: new TypeError("bug") }), TypeError);
  });

  it("a draft that the endpoint has no room for is said, not cut", async () => {
    const { asked, outcome } = await correct({ endpoint: { ...lab, contextSize: 1_024 } }, { ...turn, text: "word ".repeat(2_000) });
    assert.ok(outcome.outcome === "failed" && !outcome.retry && /Lab has room for 768/.test(outcome.cause));
    assert.equal(asked.length, 0);
  });
});
