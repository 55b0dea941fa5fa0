/** A conversation whose answers are corrected by a served endpoint, over the real gate, redaction, ledger and transport. */
import assert from "node:assert/strict";
import type { AnswerOutcome } from "../../../../src/core/chat/answerer";
import { Conversation } from "../../../../src/core/chat/conversation";
import type { Turn } from "../../../../src/core/chat/transcript";
import { silentLog } from "../../../../src/core/util/log";
import { createEndpointCorrector } from "../../../../src/services/network/endpointCorrector";
import { MemoryJournal } from "../../../support/chatFakes";
import { createEndpointNetwork, endpointAt, type EndpointNetwork, type EndpointNetworkOptions } from "../../../support/endpointNetwork";
import { answers, diesAfter, event, staysOpenAfter } from "../../../support/endpointPlays";
import { startEndpointServer, type EndpointServer } from "../../../support/endpointServer";

const secret = ["AKIA", "QYLPMN5HHHFPZAM2"].join("");
const draft = `The key is ${secret}, read in [src/key.ts:1](src/key.ts#L1).`;
const source = { file: "src/key.ts", startLine: 1, endLine: 1, tokens: 12 };

describe("corrections through the gate", () => {
  let server: EndpointServer;
  let network: EndpointNetwork;
  let conversation: Conversation;
  let heard: () => void;

  beforeEach(async () => { server = await startEndpointServer(); });
  afterEach(async () => {
    assert.equal((await network.ledger()).filter(({ event: what }) => what === "sending").length, server.requests.length, "each request has its ledger line");
    network.close();
    await server.close();
  });

  /** A conversation with one answered turn. */
  async function open(options: EndpointNetworkOptions = {}): Promise<void> {
    network = createEndpointNetwork(options);
    const corrector = createEndpointCorrector({
      endpoint: () => endpointAt(server.url, { name: "Lab" }),
      client: network.client,
      gate: network.network.gate,
      knowledge: () => ({ contextFor: async () => ({ sources: [{ ...source, text: `export const key = "${secret}";` }], leftOut: [] }) }),
      placeOf: () => null,
    });
    const outcome: AnswerOutcome = { outcome: "done", answer: { text: draft, kind: "model", sources: [source], leftOut: [] } };
    let ids = 0;
    heard = () => undefined;
    conversation = new Conversation({
      answerer: { answer: async () => outcome }, corrector, journal: new MemoryJournal(), log: silentLog, newId: () => `t${String(++ids)}`, now: () => 7,
      post: ({ type }) => { if (type === "correctionDelta") heard(); }, onAnswering: () => undefined, refresh: () => undefined,
    });
    await conversation.ask("what is the key?");
  }
  const turn = (): Turn => {
    const found = conversation.turn("t1");
    assert.ok(found);
    return found;
  };

  it("the secret of draft and excerpt stays here, and is put back in the corrected answer", async () => {
    await open();
    server.play((response, request) => {
      const placeholder = /The key is (.+?), read in/.exec((JSON.parse(request.body) as { messages: { content: string }[] }).messages[1]?.content ?? "")?.[1] ?? "none";
      return answers(`It is ${placeholder.slice(0, 4)}`, `${placeholder.slice(4)}.`)(response, request);
    });
    await conversation.askEndpoint("t1");
    assert.deepEqual(turn().correction, { endpoint: "Lab", text: `It is ${secret}.`, state: { state: "done" } });
    assert.equal(server.requests.length, 1);
    assert.ok(!JSON.stringify(server.requests).includes(secret));
    assert.deepEqual(network.disclosed[0]?.files, [{ path: "src/key.ts", file: null, startLine: 1, endLine: 1, tokens: network.disclosed[0]?.files[0]?.tokens }]);
  });

  it("kept local in the dialog: no byte leaves, the draft stands", async () => {
    await open({ consent: { ask: async () => ({ choice: "keepLocal" }) } });
    await conversation.askEndpoint("t1");
    assert.deepEqual([turn().text, turn().correction?.state.state, server.requests.length], [draft, "refused", 0]);
  });

  it("the server dies mid-stream: the draft is whole, the part is there, and the cause is said", async () => {
    await open();
    server.play(diesAfter(event("It is in ")));
    await conversation.askEndpoint("t1");
    const state = turn().correction?.state;
    assert.deepEqual([turn().text, turn().correction?.text], [draft, "It is in "]);
    assert.ok(state?.state === "failed" && /Lab/.test(state.cause), JSON.stringify(state));
  });

  it("stopped mid-stream: the connection ends, the part stays", async () => {
    await open();
    server.play(staysOpenAfter(event("It is ")));
    const delta = new Promise<void>((resolve) => (heard = resolve));
    const ended = conversation.askEndpoint("t1");
    await delta;
    conversation.stop();
    await ended;
    assert.deepEqual([turn().text, turn().correction?.text, turn().correction?.state.state], [draft, "It is ", "stopped"]);
  });
});
