import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { neverAborted } from "../../../../src/core/util/abort.js";
import { bodyText, person, question, testNetwork } from "../../../support/outgoing.js";
import { makeCertificate } from "../../../support/testCertificate.js";

/** Sends one question to the address it is given and prints what came; started with the authority that the test made. */
const ASKER = "test/support/askOnce.ts";

describe("encryption", () => {
  const { key, cert } = makeCertificate("localhost");
  let server: https.Server;
  let requests = 0;
  let url = "";

  before(async () => {
    server = https.createServer({ key, cert }, (_, response) => { requests += 1; response.end("sealed"); });
    server.on("tlsClientError", () => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `https://localhost:${String((server.address() as AddressInfo).port)}/`;
  });

  after(() => { server.close(); });

  it("by a certificate that nobody trusts is refused before a byte leaves, also where the environment says that it does not matter", async () => {
    const made = testNetwork({}, { consent: person({ choice: "once" }), resolve: async () => ["127.0.0.1"] });
    try {
      for (const value of [undefined, "0"]) {
        if (value === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
        else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = value;
        const outcome = await made.gate.request(question(url), neverAborted);
        assert.ok(outcome.outcome === "permitted");
        await assert.rejects(async () => bodyText((await made.transport.send(outcome.permit, neverAborted)).body), { name: "NetworkError", kind: "tls" });
      }
      assert.equal(requests, 0);
      assert.deepEqual((await made.ledger.requests()).map(({ state, bytesOut }) => [state, bytesOut]), [["failed", 0], ["failed", 0]]);
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      made.remove();
    }
  });

  it("by a certificate of a trusted authority works, and what left is counted", async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-authority-"));
    try {
      writeFileSync(path.join(folder, "authority.pem"), cert);
      const { stdout } = await promisify(execFile)(process.execPath, ["--import=tsx", ASKER, url], { env: { ...process.env, NODE_EXTRA_CA_CERTS: path.join(folder, "authority.pem") } });
      const { text, requests: [request] } = JSON.parse(stdout) as { text: string; requests: { state: string; bytesOut: number; bytesIn: number }[] };
      assert.deepEqual([text, request?.state, request?.bytesIn], ["sealed", "done", 6]);
      assert.ok((request?.bytesOut ?? 0) > 100);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
