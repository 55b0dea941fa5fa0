import { strict as assert } from "node:assert";
import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { neverAborted } from "../../../../src/core/util/abort.js";
import { createEndpointNetwork, endpointAt, type EndpointNetwork } from "../../../support/endpointNetwork.js";
import { answers, diesAfter, error, event, json } from "../../../support/endpointPlays.js";
import { startEndpointServer, type EndpointServer, type Play, type ReceivedRequest } from "../../../support/endpointServer.js";
import { removeFolder } from "../../../support/removeFolder.js";

const fromEnvironment = "correct-horse-battery-staple-77";
const byRule = ["AKIA", "Q7ZN5WEXAMPLKT2B"].join("");
const question = `Why does login("${fromEnvironment}") fail with ${byRule}?`;

/** The words that stand in for secrets in what a server got. */
const placeholdersIn = ({ body }: ReceivedRequest): readonly string[] => [...new Set(body.match(/GHOSTLIGHT_SECRET\w+/g) ?? [])];

describe("a secret in a request", () => {
  let folder: string;
  let server: EndpointServer;
  let network: EndpointNetwork;
  const chat = (onDelta: (text: string) => void = () => undefined) =>
    network.client.chat(endpointAt(server.url), { messages: [{ role: "user", text: question }], maxTokens: 50, files: [], conversation: null }, onDelta, neverAborted);

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-secret-"));
    writeFileSync(path.join(folder, ".env"), `LOGIN=${fromEnvironment}\n`);
    server = await startEndpointServer();
    network = createEndpointNetwork({ folders: [folder] });
  });

  afterEach(async () => {
    const outside = [...server.requests.map((request) => JSON.stringify(request)), network.ledgerText(), ...network.logged, ...network.disclosed.map(({ exact, texts }) => exact + texts.join())];
    for (const text of outside) assert.ok(!text.includes(fromEnvironment) && !text.includes(byRule), "a secret stands where it must not");
    assert.equal((await network.ledger()).filter(({ event: what }) => what === "sending").length, server.requests.length);
    network.close();
    await server.close();
    removeFolder(folder);
  });

  it("leaves as a placeholder and comes back in the answer, wherever the stream cuts it", async () => {
    const echo: Play = (response, request) => answers(...`Both ${placeholdersIn(request).join(" and ")} are fine.`.match(/.{1,3}/g) ?? [])(response, request);
    server.play(echo);
    const deltas: string[] = [];
    const done = await chat((text) => deltas.push(text));
    assert.equal(done.outcome === "done" && done.text, `Both ${fromEnvironment} and ${byRule} are fine.`);
    assert.equal(deltas.join(""), `Both ${fromEnvironment} and ${byRule} are fine.`);
    assert.ok(!deltas.some((delta) => /GHOST|SECRET/.test(delta)), "no piece of a placeholder is shown");
    assert.equal(network.disclosed[0]?.masked.reduce((sum, { count }) => sum + count, 0), 2);
    assert.equal(server.requests.length, 1);
    assert.equal(placeholdersIn(server.requests[0] as ReceivedRequest).length, 2);
  });

  it("is the same placeholder in a further attempt", async () => {
    network.clock.skip((milliseconds) => milliseconds === 500);
    server.play(error(503, "busy"), (response, request) => answers(placeholdersIn(request)[0] ?? "")(response, request));
    const done = await chat();
    assert.equal(done.outcome === "done" && done.text, fromEnvironment);
    assert.equal(server.requests[0]?.body, server.requests[1]?.body);
  });

  it("keeps the beginning of a placeholder as it came when the connection dies in it", async () => {
    server.play((response, request) => diesAfter(event("See "), event(placeholdersIn(request)[0]?.slice(0, -2) ?? ""))(response, request));
    const failed = await chat();
    assert.equal(failed.outcome, "failed");
    assert.match(failed.partial, /^See GHOSTLIGHT_SECRET_1_\w+$/);
  });

  it("is put back into what is kept of an answer that broke off", async () => {
    server.play((response, request) => diesAfter(event(`See ${placeholdersIn(request)[0] ?? ""}.`))(response, request));
    const failed = await chat();
    assert.equal(failed.outcome === "failed" && failed.partial, `See ${fromEnvironment}.`);
  });

  it("stays out of the words for a failure", async () => {
    server.play((response, request) => error(400, `cannot read ${placeholdersIn(request).join()}`)(response, request));
    const failed = await chat();
    assert.equal(failed.outcome, "failed");
    assert.ok(!failed.cause.includes(fromEnvironment) && !failed.cause.includes(byRule));
  });

  it("comes back where the middle is filled in", async () => {
    server.play((response, request) => json({ content: `"${placeholdersIn(request)[0] ?? ""}")` })(response, request));
    const done = await network.client.complete(endpointAt(server.url, { fim: "infill" }), { path: "a.ts", prefix: `const key = "${fromEnvironment}";\nlogin(`, suffix: ";\n", maxTokens: 20, files: [] }, neverAborted);
    assert.equal(done.outcome === "done" && done.text, `"${fromEnvironment}")`);
  });
});
