import assert from "node:assert/strict";
import fc from "fast-check";
import { hostMatches, hostPatternProblem } from "../../../../src/core/outgoing/hostPatterns";
import { combinePolicies, parsePolicy } from "../../../../src/core/outgoing/policy";
import type { EffectivePolicy } from "../../../../src/core/outgoing/gatekeeper";

/** A policy of the given files, each as an object; `version` is added. */
function policy(...files: object[]): EffectivePolicy {
  return combinePolicies(files.map((rules, index) => parsePolicy(JSON.stringify({ version: 1, ...rules }), index === 0 ? "policy.json" : `policy${String(index + 1)}.json`)));
}

const problems = (text: string): readonly string[] => parsePolicy(text, "policy.json").problems;

describe("a policy", () => {
  it("that says nothing forbids nothing", () => {
    for (const effective of [policy(), policy({})]) {
      assert.deepEqual([effective.offlineOnly, effective.neverCloud("a.ts"), effective.neverIndex("a.ts"), effective.redact, effective.hostForbidden("example.com", 443), effective.problems], [null, undefined, undefined, [], undefined, []]);
    }
  });

  it("speaks with the rule and the file", () => {
    const effective = policy({}, { offlineOnly: true, neverCloud: ["secret/**", "*.sql"], neverIndex: ["**/generated"], allowedHosts: ["api.example.com"], redact: [{ pattern: "ACME-\\d{4}", kind: " customer number " }] });
    assert.deepEqual(effective.offlineOnly, { file: "policy2.json" });
    assert.equal(effective.neverCloud("secret/a/b.ts"), "policy2.json keeps \"secret/**\" out (\"neverCloud\")");
    assert.equal(effective.neverCloud("deep/down/schema.SQL"), "policy2.json keeps \"*.sql\" out (\"neverCloud\")");
    assert.equal(effective.neverIndex("a/generated/b.ts"), "policy2.json keeps \"**/generated\" out (\"neverIndex\")");
    assert.equal(effective.hostForbidden("evil.example", 443), "policy2.json allows only api.example.com (\"allowedHosts\")");
    assert.equal(effective.neverCloud("other/a.ts"), undefined);
    assert.deepEqual(effective.redact.map(({ pattern, kind }) => [pattern.source, pattern.flags, kind]), [["ACME-\\d{4}", "gu", "customer number"]]);
  });

  it("several: what one forbids is forbidden, and a host needs every list", () => {
    const effective = policy({ neverCloud: ["a/**"], allowedHosts: ["one.example", "both.example"], redact: [{ pattern: "x1", kind: "x" }] }, { neverCloud: ["b/**"], allowedHosts: ["two.example", "both.example"], redact: [{ pattern: "y1", kind: "y" }] }, {});
    assert.ok(effective.neverCloud("a/x") && effective.neverCloud("b/x"));
    assert.match(effective.hostForbidden("one.example", 443) ?? "", /^policy2\.json/);
    assert.match(effective.hostForbidden("two.example", 443) ?? "", /^policy\.json/);
    assert.equal(effective.hostForbidden("both.example", 443), undefined);
    assert.equal(effective.redact.length, 2);
  });

  it("an empty list of hosts allows none", () => assert.equal(policy({ allowedHosts: [] }).hostForbidden("example.com", 443), "policy.json allows no host (\"allowedHosts\")"));

  it("globs reach paths however they are written", () => {
    const { neverCloud } = policy({ neverCloud: ["{src,lib}/keys/**", "*.pem.txt", "docs\\internal\\**", "#odd", "name with space.txt"] });
    for (const path of ["src/keys/a.ts", "./src/keys/a.ts", "/src/keys/a.ts", "src\\keys\\a.ts", "C:\\src\\keys\\a.ts", "../src/keys/a.ts", "SRC/Keys/A.ts", "lib/keys/deep/a", "x/y.pem.txt", "docs/internal/a.md", "#odd", "a/name with space.txt"]) assert.ok(neverCloud(path), path);
    for (const path of ["src/key/a.ts", "other/src2/a.ts", "", ".", "docs/public/a.md"]) assert.equal(neverCloud(path), undefined, path);
  });

  const broken: readonly (readonly [text: string, problem: RegExp])[] = [
    ["", /is no valid JSON/], ["{", /is no valid JSON/], ["{\n\"version\": 1,\n}", /no valid JSON \(line 3\)/], ["// hi\n{\"version\":1}", /no valid JSON/], ["[]", /one object in braces/], ["null", /one object/], ["1", /one object/], ["\"{}\"", /one object/],
    ["{}", /needs "version": 1/], ["{\"version\":2}", /"version" must be 1/], ["{\"version\":\"1\"}", /"version" must be 1/], ["{\"version\":1,\"offlineonly\":true}", /has the key "offlineonly", which/], ["{\"version\":1,\"offlineOnly\":\"true\"}", /"offlineOnly" must be true or false/],
    ["{\"version\":1,\"offlineOnly\":1}", /must be true or false/], ["{\"version\":1,\"offlineOnly\":true,\"offlineOnly\":false}", /says "offlineOnly" more than once/], [`{"version":1,"offlineOnly":true,"offline\\u004fnly"${" ".repeat(900)}:false}`, /more than once/],
    ["{\"version\":1,\"neverCloud\":\"**\"}", /"neverCloud" must be a list of texts/], ["{\"version\":1,\"neverCloud\":[1]}", /list of texts/], ["{\"version\":1,\"neverCloud\":[\"\"]}", /empty entry/], ["{\"version\":1,\"neverCloud\":[\"a\",\"!a\"]}", /can only forbid/],
    ["{\"version\":1,\"neverIndex\":[\" !a\"]}", /can only forbid/], ["{\"version\":1,\"neverCloud\":[\"*a*a*a*a*b\"]}", /too many "\*"/], ["{\"version\":1,\"neverCloud\":[\"a\\nb\"]}", /line break/], [`{"version":1,"neverCloud":["${"a".repeat(301)}"]}`, /longer than 300/],
    ["{\"version\":1,\"redact\":[\"x\"]}", /both texts/], ["{\"version\":1,\"redact\":[{\"pattern\":\"x\"}]}", /both texts/], ["{\"version\":1,\"redact\":[{\"pattern\":\"x1\",\"kind\":\"k\",\"replacement\":\"x\"}]}", /nothing else/], ["{\"version\":1,\"redact\":[{\"pattern\":\"(a+)+\",\"kind\":\"k\"}]}", /repeats a group/],
    ["{\"version\":1,\"allowedHosts\":[\"*\"]}", /allow every host/], ["{\"version\":1,\"allowedHosts\":[\"https://a.example\"]}", /name the host alone/], ["{\"version\":1,\"allowedHosts\":[\"a.example:99999\"]}", /port/], ["{\"version\":1,\"allowedHosts\":[\"user@a.example\"]}", /name the host alone/],
    ["{\"version\":1,\"allowedHosts\":[\"a.*.example\"]}", /no host/], ["{\"version\":1,\"allowedHosts\":null}", /list of texts/], ["{\"version\":1,\"allowedHosts\":{\"0\":\"a.example\"}}", /list of texts/], [`{"version":1,"neverCloud":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, /larger than 256 kB|deeper/],
    [`{"version":1,"neverCloud":${"[".repeat(9)}${"]".repeat(9)}}`, /deeper/], [`{"version":1,"x":"${"a".repeat(300_000)}"}`, /larger than 256 kB/], ["{\"version\":1,\"__proto__\":{\"offlineOnly\":false}}", /has the key "__proto__"/], ["{\"version\":1,\"constructor\":{}}", /has the key "constructor"/],
    ["{\"version\":1,\"toString\":1}", /has the key "toString"/], [`{"version":1,"neverCloud":${JSON.stringify(Array.from({ length: 501 }, () => "a"))}}`, /more than 500/],
  ];
  for (const [text, problem] of broken) it(`is broken: ${text.slice(0, 70).replaceAll("\n", "⏎")}`, () => {
    const found = problems(text);
    assert.ok(found.some((one) => problem.test(one)), found.join("\n"));
    assert.ok(found.every((one) => one.startsWith("policy.json") && one.length < 300 && one.endsWith(".")), found.join("\n"));
  });

  it("broken in one place holds in the others", () => {
    const effective = combinePolicies([parsePolicy("{\"version\":3,\"offlineOnly\":true,\"neverIndex\":[\"a/**\"],\"redact\":5,\"new\":1}", "policy.json")]);
    assert.deepEqual([effective.offlineOnly, effective.problems.length, effective.neverIndex("a/b") !== undefined], [{ file: "policy.json" }, 3, true]);
  });

  it("a byte order mark is no fault", () => assert.deepEqual(problems("\uFEFF{\"version\":1}"), []));

  it("any text gives rules or problems, never an exception", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.object({ key: fc.constantFrom("version", "offlineOnly", "neverCloud", "neverIndex", "redact", "allowedHosts", "__proto__") }).map((value) => JSON.stringify(value))), (text) => {
      const parsed = parsePolicy(text, "policy.json");
      combinePolicies([parsed]).neverCloud("a/b");
    }), { numRuns: 500 });
    // Nothing got into the prototype of all objects.
    assert.equal((({}) as Record<string, unknown>)["offlineOnly"], undefined);
  });
});

describe("hosts of a policy", () => {
  const matching: readonly (readonly [pattern: string, host: string, port: number])[] = [
    ["api.example.com", "api.example.com", 443], ["API.example.com", "api.example.com.", 443], ["10.0.0.5:8080", "10.0.0.5", 8080], ["*.corp.example", "a.corp.example", 443], ["*.corp.example", "a.b.corp.example", 443], ["[::1]:8080", "[::1]", 8080], ["localhost", "localhost", 1234], ["a.example", "a.example:443", 443],
  ];
  for (const [pattern, host, port] of matching) it(`${pattern} allows ${host}:${String(port)}`, () => assert.deepEqual([hostPatternProblem(pattern), hostMatches(pattern, host, port)], [undefined, true]));
  const others: readonly (readonly [pattern: string, host: string, port: number])[] = [
    ["api.example.com", "api.example.com.evil.example", 443], ["api.example.com", "evilapi.example.com", 443], ["api.example.com", "xapi.example.com", 443], ["*.corp.example", "corp.example", 443], ["*.corp.example", "evilcorp.example", 443], ["*.corp.example", "a.corp.example.evil", 443],
    ["10.0.0.5:8080", "10.0.0.5", 8081], ["10.0.0.5", "10.0.0.50", 80], ["*.0.0.5", "10.0.0.5", 80], ["[::1]", "[::2]", 80], ["a.example", "a.example:8080", 443], ["a.example", "user@a.example", 443], ["a.example", "A.EXAMPLE\u0000", 443],
  ];
  for (const [pattern, host, port] of others) it(`${pattern} does not allow ${JSON.stringify(host)}:${String(port)}`, () => assert.equal(hostMatches(pattern, host, port), false));
});
