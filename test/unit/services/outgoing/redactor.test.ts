import assert from "node:assert/strict";
import { combinePolicies, parsePolicy } from "../../../../src/core/outgoing/policy";
import { RedactionError, type KnownValue } from "../../../../src/core/outgoing/redaction";
import { createRedactor } from "../../../../src/services/outgoing/redactor";
import { createSecretRules, type SecretRules } from "../../../../src/services/outgoing/secretRules";
import { createTimedPatterns } from "../../../../src/services/outgoing/timedPatterns";

const signal = new AbortController().signal;
const free = combinePolicies([]);

function redactor(values: readonly KnownValue[] = [], secrets: SecretRules = createSecretRules()) {
  return createRedactor({ secrets, environment: { read: () => Promise.resolve(values), lookAgain: () => undefined } });
}

describe("redactor", () => {
  it("masks secrets, environment values and what a policy names, the same value alike", async () => {
    const policy = combinePolicies([parsePolicy(JSON.stringify({ version: 1, redact: [{ pattern: "ACME-\\d{4}", kind: "customer number" }] }), "policy.json")]);
    const texts = ["const password = \"Kx7pl0vq\"; call(\"quiet-otter\");", "ACME-1234, ACME-1234, ACME-5678: Kx7pl0vq"];
    const result = await redactor([{ value: "quiet-otter", kind: "value of .env" }]).redact(texts, policy, signal);
    assert.deepEqual(result.texts, [
      "const password = \"GHOSTLIGHT_SECRET_1_PASSWORD\"; call(\"GHOSTLIGHT_SECRET_2_VALUE_OF_ENV\");",
      "GHOSTLIGHT_SECRET_3_CUSTOMER_NUMBER, GHOSTLIGHT_SECRET_3_CUSTOMER_NUMBER, GHOSTLIGHT_SECRET_4_CUSTOMER_NUMBER: GHOSTLIGHT_SECRET_1_PASSWORD",
    ]);
    assert.deepEqual(result.masked, [{ kind: "password", count: 1 }, { kind: "value of .env", count: 1 }, { kind: "customer number", count: 2 }]);
    assert.deepEqual(result.texts.map((text) => result.restorer.restore(text)), texts);
  });

  it("what was found once stays masked when an answer brings it back without its name", async () => {
    const one = redactor();
    await one.redact(["password = \"Kx7pl0vq\""], free, signal);
    const { texts } = await one.redact(["You asked about Kx7pl0vq."], free, signal);
    assert.deepEqual(texts, ["You asked about GHOSTLIGHT_SECRET_1_PASSWORD."]);
    assert.deepEqual((await redactor().redact(["You asked about Kx7pl0vq."], free, signal)).texts, ["You asked about Kx7pl0vq."]);
  });

  it("a masked text that is masked again keeps its placeholders", async () => {
    const one = redactor();
    const first = await one.redact(["password = \"Kx7pl0vq\""], free, signal);
    const second = await one.redact(first.texts, free, signal);
    assert.deepEqual([second.texts, second.masked], [first.texts, []]);
  });

  it("a pattern without an end stops the request, not the editor", async () => {
    const slow = { ...free, redact: [{ pattern: /x(a|aa)+$/gu, kind: "slow" }] };
    const started = performance.now();
    await assert.rejects(redactor().redact([`x${"a".repeat(60)}!`], slow, signal), (error) => error instanceof RedactionError && /takes too long/.test(error.message));
    assert.ok(performance.now() - started < 5_000);
  });

  it("a pattern that takes everything apart stops the request", async () => {
    const all = { ...free, redact: [{ pattern: /./gu, kind: "all" }] };
    await assert.rejects(redactor().redact(["a".repeat(21_000)], all, signal), (error) => error instanceof RedactionError && /matches too much/.test(error.message));
  });

  it("rules that fail stop the request", async () => {
    await assert.rejects(redactor([], { find: () => Promise.reject(new RedactionError("no rules")) }).redact(["a"], free, signal), RedactionError);
  });

  it("stops when it is told to", async () => {
    const stopped = new AbortController();
    stopped.abort();
    await assert.rejects(redactor().redact(["a"], free, stopped.signal), { name: "AbortError" });
  });
});

describe("timed patterns", () => {
  it("find places, again after one was stopped, and leave their own state alone", () => {
    const patterns = createTimedPatterns();
    assert.deepEqual(patterns.find(/ab+/gu, "xabbabx"), [[1, 4], [4, 6]]);
    assert.throws(() => patterns.find(/(a+)+$/gu, `${"a".repeat(60)}!`), RedactionError);
    assert.deepEqual(patterns.find(/🌒/gu, "a🌒b"), [[1, 3]]);
    assert.deepEqual(patterns.find(/x?/gu, "axb"), [[1, 2]]);
    assert.deepEqual(patterns.find(/constructor|this/gu, "this.constructor"), [[0, 4], [5, 16]]);
  });
});
