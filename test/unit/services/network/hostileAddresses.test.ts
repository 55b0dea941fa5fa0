import { strict as assert } from "node:assert";
import os from "node:os";
import type { Socket } from "node:net";
import { neverAborted } from "../../../../src/core/util/abort.js";
import { silentLog } from "../../../../src/core/util/log.js";
import type { OutgoingRequest } from "../../../../src/core/outgoing/request.js";
import type { Resolve } from "../../../../src/services/network/connection.js";
import { createGate } from "../../../../src/services/network/gate.js";
import { createPermitOffice } from "../../../../src/services/network/permit.js";
import { bodyText, everythingOn, memoryGrants, openPolicy, person, plainGet, question, testNetwork, wordRedactor, type TestNetwork } from "../../../support/outgoing.js";
import { answerWith, rawServer, type RawServer } from "../../../support/rawServer.js";

/** Ways to write a host that is, or that some parser takes for, this machine or a machine beside it. */
const HOSTS = [
  "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "127.000.000.001", "2130706433", "0x7f000001", "0x7F.1", "0x7f.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "00000000177.0.0.1", "127.0.0.1.", "１２７.0.0.1", "127。0。0。1", "%31%32%37.0.0.1", "%31%32%37%2e0%2e0%2e1", "①②⑦.⓪.⓪.①", "127.0.0.1%00.example.com", "127.0.0.1%20",
  "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::1%25lo]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:0:0]",
  "localhost", "LOCALHOST", "localhost.", "sub.localhost", "localhos\u00adt", "ⓛocalhost", "loc%61lhost", "local\u200bhost", "ip6-localhost", os.hostname(), `${os.hostname()}.local`, "studio.local", "box.home.arpa", "db.internal",
  "0.0.0.0", "0", "0x0", "0.0.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "metadata.google.internal", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "255.255.255.255", "224.0.0.1", "198.18.0.1",
];

/** Addresses that only look like the one in front; each leads, for somebody, to `PLACE`. */
const TRICKS = [
  "https://api.example.com@PLACE/", "https://api.example.com:443@PLACE/", "https://api.example.com%40PLACE/", "https://api.example.com\\@PLACE/", "https://PLACE\\@api.example.com/", "https://PLACE\\.api.example.com/", "https:\\\\PLACE", "https:PLACE", "https:/PLACE/", "https:///PLACE/", "///PLACE/", "https://\tPLACE/", "https://\nPLACE/", "\u0000https://PLACE/", "https://api.example.com\r\nhost: PLACE/", "https://@PLACE/", "https://:@PLACE/", "https://user:password@PLACE/", "ws://PLACE/", "wss://PLACE/", "ftp://PLACE/", "file://PLACE/etc/passwd", "gopher://PLACE/", "javascript://PLACE/%0a1", "unix:/PLACE", "http+unix://PLACE/", "data:text/html,PLACE", "blob:https://PLACE/x", "view-source:http://PLACE/", "https://PLACE:0/", "https://PLACE:65536/", "https://[PLACE]/", "https://api.example.com, PLACE/", "https://api.example.com PLACE/",
];

/** Names that a resolver, in the hands of somebody else, leads to the canary or beside it. */
const RESOLVERS: readonly (readonly string[])[] = [
  ["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["0.0.0.0"], ["::"], ["169.254.169.254"], ["fe80::1"], ["10.0.0.1"], ["192.168.0.1"], ["172.20.0.1"], ["fd00::1"], ["100.64.0.1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["93.184.215.14", "127.0.0.1"], ["127.0.0.1", "93.184.215.14"], ["2606:4700::1111", "::1"], ["127.0.0.1%lo"], ["localhost"], ["0x7f.1"], ["127.1"], [""], [],
];

describe("a hostile address", () => {
  let canary: RawServer;
  let tried = 0;
  const ends: (() => unknown)[] = [];
  const toCanary: Resolve = async () => ["127.0.0.1"];

  before(async () => {
    // Every address of this machine, both families where it has both.
    const answer = (socket: Socket): void => { answerWith(socket, 200, "canary"); };
    canary = await rawServer(answer, "::").catch(() => rawServer(answer, "0.0.0.0"));
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  after(async () => {
    await canary.close();
    assert.ok(tried >= 100, `${String(tried)} addresses were tried`);
  });

  function network(...parameters: Parameters<typeof testNetwork>): TestNetwork {
    const [ports = {}, parts = {}] = parameters;
    const made = testNetwork(ports, { consent: person({ choice: "once" }), resolve: toCanary, limits: () => ({ connectMs: 500, firstByteMs: 500, idleMs: 500, bodyBytes: 1000 }), ...parts });
    ends.push(() => { made.remove(); });
    return made;
  }

  /** Sends what the gate lets out; true where an answer came. Leads to no assertion by itself: the canary counts. */
  async function reaches({ gate, transport }: TestNetwork, wanted: OutgoingRequest): Promise<boolean> {
    tried += 1;
    const outcome = await gate.request(wanted, neverAborted);
    if (outcome.outcome === "refused") return false;
    return transport.send(outcome.permit, neverAborted).then(({ body }) => bodyText(body)).then(() => true, () => false);
  }

  it("is measured by a canary that sings", async () => {
    const made = network();
    assert.equal(await reaches(made, question(`http://127.0.0.1:${String(canary.port)}/`)), true);
    assert.equal(await reaches(made, plainGet("download", `http://studio.local:${String(canary.port)}/`)), true);
    assert.equal(canary.connections(), 2);
    tried = 0;
  });

  /** Where only the internet may be asked. */
  const internetOnly = { switches: () => ({ ...everythingOn, allowed: { yourNetwork: false, internet: true } }) };

  for (const host of HOSTS) {
    it(`with the host ${JSON.stringify(host)} does not reach this machine`, async () => {
      const before = canary.connections();
      const made = network(internetOnly);
      for (const scheme of ["http", "https"]) {
        const url = `${scheme}://${host}:${String(canary.port)}/`;
        await reaches(made, question(url));
        await reaches(made, plainGet("download", url));
        await reaches(made, plainGet("list", url));
      }
      assert.equal(canary.connections(), before);
    });
  }

  for (const trick of TRICKS) {
    it(`such as ${JSON.stringify(trick)} does not reach this machine`, async () => {
      const before = canary.connections();
      const made = network(internetOnly);
      const url = trick.replace("PLACE", `127.0.0.1:${String(canary.port)}`);
      await reaches(made, question(url));
      await reaches(made, plainGet("download", url));
      assert.equal(canary.connections(), before);
    });
  }

  for (const addresses of RESOLVERS) {
    it(`whose name leads to ${addresses.join(" and ") || "nothing"} does not reach this machine`, async () => {
      const before = canary.connections();
      let asked = 0;
      const made = network({}, { resolve: async () => { asked += 1; return addresses; } });
      assert.equal(await reaches(made, question(`https://api.example.com:${String(canary.port)}/`)), false);
      assert.equal(await reaches(made, plainGet("download", `https://models.example.com:${String(canary.port)}/`)), false);
      assert.equal(canary.connections(), before);
      // One answer, checked and then used: a second question could be answered differently.
      assert.equal(asked, 2);
    });
  }

  it("of a private name that leads out is not asked", async () => {
    for (const addresses of [["93.184.215.14"], ["127.0.0.1", "93.184.215.14"], ["169.254.169.254"], ["0.0.0.0"], ["::"]]) {
      const before = canary.connections();
      assert.equal(await reaches(network({}, { resolve: async () => addresses }), question(`http://studio.local:${String(canary.port)}/`)), false);
      assert.equal(canary.connections(), before);
    }
  });

  for (const [status, host] of HOSTS.map((host, index) => [[301, 302, 303, 307, 308][index % 5] ?? 302, host] as const)) {
    it(`in a redirect ${String(status)} to ${JSON.stringify(host)} is not followed against the policy`, async () => {
      const before = canary.connections();
      for (const location of [`http://${host}:${String(canary.port)}/`, `//${host}:${String(canary.port)}/`, `https://${host}:${String(canary.port)}/`]) {
        const first = await rawServer((socket) => { socket.end(Buffer.from(`HTTP/1.1 ${String(status)} Elsewhere\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`, "latin1")); });
        const made = network({ policy: async () => ({ ...openPolicy, hostForbidden: (name, port) => (name === "127.0.0.1" && port === first.port ? undefined : "only the server of the models") }) });
        assert.equal(await reaches(made, plainGet("download", first.url)), false);
        assert.equal(await reaches(made, question(first.url)), false);
        assert.equal(first.connections(), 2);
        await first.close();
        made.remove();
      }
      assert.equal(canary.connections(), before);
    });
  }

  it("in a redirect from the internet is refused by the gate, each spelling and trick of it", async () => {
    const made = network();
    const office = createPermitOffice();
    const gate = createGate(
      { switches: () => everythingOn, policy: async () => openPolicy, excludedBecause: async () => undefined, redactor: wordRedactor, keys: { get: async () => undefined } },
      { consent: person(), grants: memoryGrants(), ledger: made.ledger, office, log: silentLog, now: () => 0 },
    );
    const outcome = await gate.request(plainGet("download", "https://models.example.com/a"), neverAborted);
    assert.ok(outcome.outcome === "permitted");
    const places = [...HOSTS.flatMap((host) => [`https://${host}/`, `http://${host}/`, `//${host}/`]), ...TRICKS.map((trick) => trick.replace("PLACE", "127.0.0.1:1"))];
    const followed: string[] = [];
    for (const location of places) {
      tried += 1;
      const next = await gate.follow(outcome.permit, location, neverAborted);
      // What is left over is another name of the internet, or a path on the same server.
      if (next.outcome === "permitted") followed.push(`${location} ${next.permit.origin}`);
    }
    assert.deepEqual(followed.filter((one) => !one.endsWith(" https://models.example.com:443")), []);
  });
});
