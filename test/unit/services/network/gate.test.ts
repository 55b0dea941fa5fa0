import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Consent } from "../../../../src/core/outgoing/disclosure.js";
import type { EffectivePolicy, GatePorts, NetworkSwitches, Refusal } from "../../../../src/core/outgoing/gatekeeper.js";
import type { Grant } from "../../../../src/core/outgoing/grant.js";
import { RedactionError } from "../../../../src/core/outgoing/redaction.js";
import type { OutgoingRequest } from "../../../../src/core/outgoing/request.js";
import { neverAborted } from "../../../../src/core/util/abort.js";
import type { Permitted } from "../../../../src/services/network/gate.js";
import type { Permit } from "../../../../src/services/network/permit.js";
import { everythingOn, fileNamed, memoryGrants, openPolicy, person, plainGet, question, testNetwork, wordRedactor, type TestNetwork } from "../../../support/outgoing.js";

const HOME = "http://127.0.0.1:9/v1";
const WORLD = "https://api.example.com/v1";
const made: TestNetwork[] = [];

afterEach(() => {
  for (const network of made.splice(0)) network.remove();
});

function network(...parameters: Parameters<typeof testNetwork>): TestNetwork {
  const one = testNetwork(...parameters);
  made.push(one);
  return one;
}

function switches(more: Partial<NetworkSwitches>): Pick<GatePorts, "switches"> {
  return { switches: () => ({ ...everythingOn, ...more }) };
}

function policy(more: Partial<EffectivePolicy>): Pick<GatePorts, "policy"> {
  return { policy: async () => ({ ...openPolicy, ...more }) };
}

function grantFor(more: Partial<Grant> = {}): Grant {
  return { id: "g1", time: 0, endpoint: "test", origin: "http://127.0.0.1:9", purpose: "chat", fileClasses: [".ts"], conversation: null, ...more };
}

async function permitted(one: TestNetwork, wanted: OutgoingRequest): Promise<Permitted> {
  const outcome = await one.gate.request(wanted, neverAborted);
  assert.equal(outcome.outcome, "permitted", JSON.stringify(outcome));
  return outcome as Permitted;
}

async function refused(one: TestNetwork, wanted: OutgoingRequest): Promise<Refusal> {
  const outcome = await one.gate.request(wanted, neverAborted);
  assert.equal(outcome.outcome, "refused");
  return outcome as Refusal;
}

describe("the gate refuses", () => {
  const rules: readonly (readonly [string, Partial<GatePorts>, OutgoingRequest, Refusal["by"], RegExp])[] = [
    ["everything in offline-only mode", switches({ offlineOnly: true }), question(HOME), "offlineOnly", /Offline-only mode is on/],
    ["downloads in offline-only mode", switches({ offlineOnly: true }), plainGet("download", WORLD), "offlineOnly", /Offline-only mode is on/],
    ["the internet where it is off", switches({ allowed: { yourNetwork: true, internet: false } }), question(WORLD), "settings", /the internet are off/],
    ["the own network where it is off", switches({ allowed: { yourNetwork: false, internet: true } }), question(HOME), "settings", /your network are off/],
    ["a list where it is off", switches({ allowed: { yourNetwork: true, internet: false } }), plainGet("list", WORLD), "settings", /the internet are off/],
    ["a download from the own network where it is off", switches({ allowed: { yourNetwork: false, internet: false } }), plainGet("download", HOME), "settings", /your network are off/],
    ["text of an untrusted workspace", switches({ trusted: false }), question(HOME), "trust", /not trusted/],
    ["text without a file in an untrusted workspace", switches({ trusted: false }), question(HOME, ["Why?"], { files: [] }), "trust", /not trusted/],
    ["an address that may not be asked", {}, question("http://169.254.169.254/"), "address", /link-local/],
    ["http to the internet", {}, question("http://api.example.com/"), "address", /needs https/],
    ["under a policy that cannot be understood", policy({ problems: [".ghostlight/policy.json: no JSON"] }), question(HOME), "policy", /policy.json: no JSON/],
    ["downloads under a policy that cannot be understood", policy({ problems: ["broken"] }), plainGet("download", WORLD), "policy", /broken/],
    ["under a policy that cannot be read", { policy: async () => { throw new Error("EIO"); } }, question(HOME), "policy", /could not be read/],
    ["under a policy that is offline-only", policy({ offlineOnly: { file: "/etc/policy.json" } }), plainGet("download", WORLD), "policy", /\/etc\/policy.json forbids/],
    ["a host that a policy forbids", policy({ hostForbidden: (host, port) => (host === "api.example.com" && port === 443 ? "allowed hosts of policy.json" : undefined) }), question(WORLD), "policy", /allowed hosts of policy.json/],
    ["a download from a host that a policy forbids", policy({ hostForbidden: () => "rule" }), plainGet("download", WORLD), "policy", /rule/],
    ["a file that a policy keeps", policy({ neverCloud: (file) => (file === "src/a.ts" ? "neverCloud src/**" : undefined) }), question(HOME), "policy", /src\/a.ts may not leave: neverCloud/],
    ["a file that a policy keeps out of the index", policy({ neverIndex: (file) => (file === "src/a.ts" ? "neverIndex src/**" : undefined) }), question(HOME), "policy", /neverIndex/],
    ["an excluded file", { excludedBecause: async ({ path: name }) => (name === ".env" ? "a name of secrets" : undefined) }, question(HOME, ["x"], { files: [fileNamed("a.ts"), fileNamed(".env")] }), "excludedFile", /\.env may not leave: a name of secrets/],
    ["a file whose exclusion cannot be found out", { excludedBecause: async () => { throw new Error("EIO"); } }, question(HOME), "excludedFile", /could not be found out/],
    ["what could not be masked", { redactor: { redact: async () => { throw new Error("bug"); } } }, question(HOME), "invalid", /could not be checked/],
    ["what the redactor cannot look through, in its words", { redactor: { redact: async () => { throw new RedactionError("A pattern takes too long."); } } }, question(HOME), "invalid", /A pattern takes too long/],
    ["a download with a text", {}, { ...plainGet("download", WORLD), texts: ["x"] }, "invalid", /carries no text/],
    ["a list that posts", {}, { ...question(WORLD), purpose: "list" }, "invalid", /a list is a GET/],
    ["a GET with a body", {}, { ...plainGet("list", WORLD), write: () => "x" }, "invalid", /a POST has a body/],
    ["a header that is not the feature's to set", {}, question(HOME, ["x"], { headers: { Authorization: "Bearer stolen" } }), "invalid", /Authorization may not be set/],
    ["a header with a line break", {}, question(HOME, ["x"], { headers: { "x-a": "1\r\nhost: evil" } }), "invalid", /characters/],
    ["a header with an odd name", {}, question(HOME, ["x"], { headers: { "x a": "1" } }), "invalid", /may not be set/],
    ["what the person keeps local", {}, question(HOME), "person", /kept this request local/],
  ];
  for (const [name, ports, wanted, by, because] of rules) {
    it(`${name}, asks nobody before, and records it`, async () => {
      const asked = person({ choice: "keepLocal" });
      const one = network(ports, { consent: asked });
      const found = await refused(one, wanted);
      assert.equal(found.by, by);
      assert.match(found.because, because);
      assert.equal(asked.shown.length, by === "person" ? 1 : 0);
      const [line, ...others] = await one.ledger.read();
      assert.equal(others.length, 0);
      assert.deepEqual([line?.event, line?.bytesOut, line?.reason, line?.purpose], ["refused", 0, found.because, wanted.purpose]);
    });
  }

  it("says offline-only first, whatever else is wrong", async () => {
    const one = network({ ...switches({ offlineOnly: true, allowed: { yourNetwork: false, internet: false }, trusted: false }), ...policy({ problems: ["x"] }) });
    assert.equal((await refused(one, question("http://169.254.169.254/"))).by, "offlineOnly");
  });

  it("records an address that cannot be read without repeating it", async () => {
    const one = network();
    await refused(one, question("https://user:secret@api.example.com/"));
    assert.deepEqual((await one.ledger.read()).map(({ origin }) => origin), ["[unreadable address]"]);
  });

  it("everything when the ledger cannot be written, and asks again when it can", async () => {
    const one = network({}, { consent: person({ choice: "once" }) });
    mkdirSync(one.ledgerFile);
    assert.equal((await refused(one, question(HOME))).by, "ledger");
    assert.equal((await refused(one, plainGet("download", WORLD))).by, "ledger");
    const other = network({}, { consent: person({ choice: "once" }), ledgerFile: path.join(path.dirname(one.ledgerFile), "other.jsonl") });
    await permitted(other, question(HOME));
  });

  it("everything when the ledger's folder cannot be made", async () => {
    const { ledgerFile } = network();
    writeFileSync(path.dirname(ledgerFile) + "/file", "");
    const one = network({}, { consent: person({ choice: "once" }), ledgerFile: path.join(path.dirname(ledgerFile), "file", "ledger.jsonl") });
    assert.equal((await refused(one, question(HOME))).by, "ledger");
  });
});

describe("the gate lets out", () => {
  it("a download although the internet is off, without a question", async () => {
    const one = network({ ...switches({ allowed: { yourNetwork: false, internet: false }, trusted: false }) });
    const { permit } = await permitted(one, plainGet("download", "https://models.example.com/a.gguf"));
    assert.deepEqual([permit.origin, permit.purpose], ["https://models.example.com:443", "download"]);
  });

  it("what the person agreed to, masked, with a line of the ledger that is there first", async () => {
    const asked = person({ choice: "once" });
    const grants = memoryGrants();
    const one = network({ keys: { get: async () => "sk-very-secret" } }, { consent: asked, grants });
    const { permit, disclosure, restorer } = await permitted(one, question(HOME, ["use SECRET1", "and SECRET2 SECRET1"]));
    assert.deepEqual(asked.shown.map(({ exact }) => exact), [disclosure.exact]);
    assert.deepEqual([disclosure.origin, disclosure.hostClass, disclosure.model, disclosure.purpose, disclosure.masked, disclosure.texts], ["http://127.0.0.1:9", "yourNetwork", "model-a", "chat", [{ kind: "word", count: 3 }], ["use [masked 1]", "and [masked 2] [masked 1]"]]);
    assert.match(disclosure.exact, /^POST http:\/\/127.0.0.1:9\/v1\nhost: 127.0.0.1:9\n/);
    assert.match(disclosure.exact, /\nauthorization: Bearer \[the key stored for http:\/\/127.0.0.1:9\]\n/);
    assert.ok(!JSON.stringify(disclosure).includes("sk-very-secret"));
    assert.equal(restorer.restore("say [masked 2]"), "say SECRET2");
    const lines = await one.ledger.read();
    assert.deepEqual(lines.map(({ id, event, bytesOut }) => [id, event, bytesOut]), [[permit.id, "sending", disclosure.bytes]]);
    assert.deepEqual(grants.list(), []);
  });

  it("a list of models after a question, and with a grant without one", async () => {
    const asked = person({ choice: "workspace" });
    const one = network({}, { consent: asked });
    await permitted(one, plainGet("list", `${HOME}/models`));
    await permitted(one, plainGet("list", `${HOME}/models`));
    assert.equal(asked.shown.length, 1);
    await permitted(one, plainGet("list", "http://127.0.0.1:10/models"));
    assert.equal(asked.shown.length, 2);
  });

  it("what a grant covers, and asks about everything else", async () => {
    const cases: readonly (readonly [boolean, Grant, OutgoingRequest])[] = [
      [true, grantFor(), question(HOME)],
      [true, grantFor({ conversation: "c1" }), question(HOME)],
      [false, grantFor({ conversation: "c2" }), question(HOME)],
      [false, grantFor({ purpose: "completion" }), question(HOME)],
      [false, grantFor({ origin: "http://127.0.0.1:10" }), question(HOME)],
      [false, grantFor({ fileClasses: [".md"] }), question(HOME)],
      [false, grantFor(), question(HOME, ["x"], { files: [fileNamed("a.ts"), fileNamed("b.pem")] })],
      [false, grantFor({ origin: "https://127.0.0.1:9" }), question(HOME)],
    ];
    for (const [covered, grant, wanted] of cases) {
      const asked = person({ choice: "once" });
      await permitted(network({}, { consent: asked, grants: memoryGrants([grant]) }), wanted);
      assert.equal(asked.shown.length, covered ? 0 : 1, JSON.stringify(grant));
    }
  });

  it("nothing by a grant that was taken back", async () => {
    const asked = person({ choice: "keepLocal" });
    const grants = memoryGrants([grantFor()]);
    const one = network({}, { consent: asked, grants });
    await permitted(one, question(HOME));
    await grants.revoke("g1");
    assert.equal((await refused(one, question(HOME))).by, "person");
  });

  it("a list in an untrusted workspace only after a question, and keeps no grant there", async () => {
    const asked = person({ choice: "workspace" });
    const grants = memoryGrants([grantFor({ purpose: "list", fileClasses: [] })]);
    const one = network(switches({ trusted: false }), { consent: asked, grants });
    await permitted(one, plainGet("list", HOME));
    assert.equal(asked.shown.length, 1);
    assert.equal(grants.list().length, 1);
  });
});

describe("a consent", () => {
  const kept = async (consent: Consent, wanted = question(HOME)): Promise<readonly Partial<Grant>[]> => {
    const grants = memoryGrants();
    await permitted(network({}, { consent: person(consent), grants, now: () => 42 }), wanted);
    return grants.list().map(({ id: _, ...rest }) => rest);
  };

  it("lasts as long as the person said", async () => {
    const grant = { time: 42, endpoint: "test", origin: "http://127.0.0.1:9", purpose: "chat", fileClasses: [".ts"] };
    assert.deepEqual(await kept({ choice: "once" }), []);
    assert.deepEqual(await kept({ choice: "conversation" }), [{ ...grant, conversation: "c1" }]);
    assert.deepEqual(await kept({ choice: "workspace" }), [{ ...grant, conversation: null }]);
    assert.deepEqual(await kept({ choice: "conversation" }, question(HOME, ["x"], { conversation: null })), []);
  });

  it("for this one still holds when it cannot be kept for the next", async () => {
    const grants = { ...memoryGrants(), add: async () => { throw new Error("disk full"); } };
    await permitted(network({}, { consent: person({ choice: "workspace" }), grants }), question(HOME));
  });

  it("after an edit is asked anew, and what was typed is masked too", async () => {
    const asked = person({ choice: "edited", texts: ["[masked 1] and SECRET2"] }, { choice: "once" });
    const one = network({}, { consent: asked });
    const { disclosure, restorer } = await permitted(one, question(HOME, ["SECRET1 and more"]));
    assert.deepEqual(asked.shown.map(({ texts }) => texts), [["[masked 1] and more"], ["[masked 1] and [masked 2]"]]);
    assert.equal(disclosure.exact, asked.shown[1]?.exact);
    assert.equal(restorer.restore("[masked 1] [masked 2]"), "SECRET1 SECRET2");
    const stream = restorer.stream();
    assert.equal(stream.push("[masked 1] [masked 2]") + stream.end(), "SECRET1 SECRET2");
  });

  it("for an edit with other parts is none", async () => {
    const one = network({}, { consent: person({ choice: "edited", texts: [] }) });
    assert.equal((await refused(one, question(HOME))).by, "invalid");
  });

  it("does not outlive a switch, a policy, an exclusion or a grant of trust that changed while it was asked", async () => {
    const changes: readonly (readonly [Refusal["by"], (now: () => boolean) => Partial<GatePorts>])[] = [
      ["offlineOnly", (now) => ({ switches: () => ({ ...everythingOn, offlineOnly: now() }) })],
      ["settings", (now) => ({ switches: () => ({ ...everythingOn, allowed: { yourNetwork: !now(), internet: true } }) })],
      ["trust", (now) => ({ switches: () => ({ ...everythingOn, trusted: !now() }) })],
      ["policy", (now) => ({ policy: async () => ({ ...openPolicy, problems: now() ? ["changed"] : [] }) })],
      ["excludedFile", (now) => ({ excludedBecause: async () => (now() ? "excluded now" : undefined) })],
    ];
    for (const [by, ports] of changes) {
      let changed = false;
      const asked = person(() => { changed = true; return { choice: "workspace" }; });
      const grants = memoryGrants();
      assert.equal((await refused(network(ports(() => changed), { consent: asked, grants }), question(HOME))).by, by);
      assert.deepEqual(grants.list(), []);
    }
  });

  it("is for these bytes alone: if they change while it is asked, they are shown again", async () => {
    let strict = false;
    const redactor: GatePorts["redactor"] = { redact: async (texts, ...rest) => wordRedactor.redact(strict ? texts.map((text) => text.replace("hidden", "SECRET7")) : texts, ...rest) };
    const asked = person(() => { strict = true; return { choice: "once" }; }, { choice: "once" });
    const { disclosure } = await permitted(network({ redactor }, { consent: asked }), question(HOME, ["a hidden thing"]));
    assert.deepEqual(asked.shown.map(({ texts }) => texts), [["a hidden thing"], ["a [masked 7] thing"]]);
    assert.ok(!disclosure.exact.includes("hidden"));
  });

  it("is asked for once where masking finds its own placeholders again", async () => {
    let round = 0;
    const redactor: GatePorts["redactor"] = { redact: async (texts) => ({ texts: texts.map((text) => text.replaceAll(/e/g, "<e>")), masked: [{ kind: "e", count: ++round }], restorer: { restore: (text) => text.replaceAll("<e>", "e"), stream: () => ({ push: (piece) => piece, end: () => "" }) } }) };
    const asked = person((shown) => { round = 0; return { choice: "edited", texts: shown.texts }; }, () => { round = 0; return { choice: "once" }; });
    const one = network({ redactor }, { consent: asked });
    const { permit, disclosure, restorer } = await permitted(one, question(HOME, ["there"]));
    assert.deepEqual([asked.shown.length, disclosure.texts, restorer.restore("th<<e>>r")], [2, ["th<<e>>r<<e>>"], "ther"]);
    assert.equal((await one.gate.again(permit, neverAborted)).outcome, "permitted");
  });

  it("covers a key that was there when it was given, no later one", async () => {
    let key: string | undefined;
    const asked = person(() => { key = "late"; return { choice: "once" }; }, { choice: "once" });
    await permitted(network({ keys: { get: async () => key } }, { consent: asked }), question(HOME));
    assert.deepEqual(asked.shown.map(({ exact }) => exact.includes("authorization")), [false, true]);
  });

  it("that nobody gives before the caller leaves rejects, and records nothing", async () => {
    const controller = new AbortController();
    const asked = { ask: (_: unknown, signal: AbortSignal) => new Promise<Consent>((_resolve, reject) => { signal.addEventListener("abort", () => { reject(new Error("closed")); }); controller.abort(); }) };
    const one = network({}, { consent: asked });
    await assert.rejects(one.gate.request(question(HOME), controller.signal), { name: "AbortError" });
    assert.deepEqual(await one.ledger.read(), []);
  });
});

describe("a retry", () => {
  it("has a new permit and a new line, and asks nobody", async () => {
    const asked = person({ choice: "once" });
    const one = network({}, { consent: asked });
    const first = await permitted(one, question(HOME, ["SECRET1"]));
    const second = await one.gate.again(first.permit, neverAborted);
    assert.ok(second.outcome === "permitted" && second.permit.id !== first.permit.id);
    assert.equal(second.restorer.restore("[masked 1]"), "SECRET1");
    assert.equal(asked.shown.length, 1);
    assert.deepEqual((await one.ledger.read()).map(({ event }) => event), ["sending", "sending"]);
  });

  it("is refused where a rule changed, where the grant was taken back, and after a few times", async () => {
    let offlineOnly = false;
    let trusted = true;
    let mask = false;
    const grants = memoryGrants([grantFor()]);
    const redactor: GatePorts["redactor"] = { redact: async (texts, ...rest) => wordRedactor.redact(mask ? texts.map((text) => text.replace("plain", "SECRET7")) : texts, ...rest) };
    const one = network({ switches: () => ({ ...everythingOn, offlineOnly, trusted }), redactor }, { grants });
    let { permit } = await permitted(one, question(HOME, ["plain"]));
    const by = async (): Promise<string> => {
      const outcome = await one.gate.again(permit, neverAborted);
      return outcome.outcome === "refused" ? outcome.by : "permitted";
    };
    [offlineOnly, trusted, mask] = [true, true, false];
    assert.equal(await by(), "offlineOnly");
    [offlineOnly, trusted, mask] = [false, false, false];
    assert.equal(await by(), "trust");
    [offlineOnly, trusted, mask] = [false, true, true];
    assert.equal(await by(), "policy");
    mask = false;
    for (let attempt = 2; attempt <= 6; attempt++) {
      const next = await one.gate.again(permit, neverAborted);
      assert.ok(next.outcome === "permitted");
      permit = next.permit;
    }
    assert.equal(await by(), "invalid");
    const fresh = await permitted(one, question(HOME));
    await grants.revoke("g1");
    permit = fresh.permit;
    assert.equal(await by(), "person");
  });

  it("of a permit that nobody made is refused", async () => {
    const one = network();
    const outcome = await one.gate.again({ id: "1", origin: HOME, purpose: "chat" } as unknown as Permit, neverAborted);
    assert.equal(outcome.outcome === "refused" && outcome.by, "invalid");
  });
});

describe("asked beforehand, the gate", () => {
  it("foresees a refusal and records nothing", async () => {
    const cases: readonly (readonly [string | undefined, Partial<GatePorts>, Pick<OutgoingRequest, "purpose" | "url">])[] = [
      [undefined, {}, question(HOME)], ["offlineOnly", switches({ offlineOnly: true }), question(HOME)], ["trust", switches({ trusted: false }), question(HOME)], [undefined, switches({ trusted: false }), plainGet("list", HOME)],
      ["policy", policy({ problems: ["x"] }), question(HOME)], ["address", {}, question("ftp://x/")], ["settings", switches({ allowed: { yourNetwork: true, internet: false } }), question(WORLD)], [undefined, switches({ allowed: { yourNetwork: true, internet: false } }), plainGet("download", WORLD)],
    ];
    for (const [by, ports, { purpose, url }] of cases) {
      const one = network(ports);
      assert.equal((await one.gate.wouldRefuse({ purpose, url }))?.by, by);
      assert.deepEqual(await one.ledger.read(), []);
    }
  });
});
