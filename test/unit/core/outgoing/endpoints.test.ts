import { strict as assert } from "node:assert";
import fc from "fast-check";
import { costInWords, estimateCost, parseEndpoints } from "../../../../src/core/outgoing/endpoints.js";
import { bytesInWords } from "../../../../src/core/util/bytes.js";

const good = { name: "lab", url: "http://192.168.1.20:8080/v1", model: "qwen" };

describe("the list of endpoints", () => {
  it("fills what was left out", () => {
    assert.deepEqual(parseEndpoints([good]), { endpoints: [{ ...good, fim: "none", contextSize: 8_192, inputPrice: null, outputPrice: null }], problems: [] });
  });

  it("takes everything that is given", () => {
    const full = { ...good, fim: "infill", contextSize: 32_768, inputPrice: 0.5, outputPrice: 1.5 };
    assert.deepEqual(parseEndpoints([full]).endpoints, [full]);
  });

  it("is empty where it was never set", () => {
    assert.deepEqual([parseEndpoints(undefined), parseEndpoints(null), parseEndpoints([])].map(({ problems }) => problems.length), [0, 0, 0]);
  });

  for (const [url, base] of [
    ["http://192.168.1.20:8080", "http://192.168.1.20:8080/v1"],
    ["http://192.168.1.20:8080/", "http://192.168.1.20:8080/v1"],
    ["https://api.example.com/v1///", "https://api.example.com/v1"],
    ["https://api.example.com/v1/chat/completions", "https://api.example.com/v1"],
    ["https://api.example.com/openai/v1/models", "https://api.example.com/openai/v1"],
    ["  HTTPS://API.Example.com:443/v1 ", "https://api.example.com/v1"],
    ["http://[::1]:1234/v1", "http://[::1]:1234/v1"],
  ] as const) {
    it(`reads ${url.trim()} as ${base}`, () => {
      assert.deepEqual(parseEndpoints([{ ...good, url }]).endpoints.map((endpoint) => endpoint.url), [base]);
    });
  }

  for (const [what, entry, words] of [
    ["an address that is none", { ...good, url: "lab:8080/v1 please" }, /"url" cannot be used/],
    ["an empty address", { ...good, url: "" }, /"url" cannot be used: The address must begin with https/],
    ["a file", { ...good, url: "file:///etc/passwd" }, /must begin with https/],
    ["a script", { ...good, url: "javascript:alert(1)" }, /must begin with https/],
    ["a file of a host", { ...good, url: "file://host/etc/passwd" }, /Only https and http are spoken/],
    ["plain http on the internet", { ...good, url: "http://api.example.com/v1" }, /is on the internet and needs https/],
    ["an address that hands out credentials", { ...good, url: "http://169.254.169.254/v1" }, /never asked/],
    ["a name with a dot at its end", { ...good, url: "https://api.example.com./v1" }, /without the dot/],
    ["a password in the address", { ...good, url: "https://me:hunter2@example.com/v1" }, /user name or password/],
    ["a key in the address", { ...good, url: "https://example.com/v1?key=hunter2" }, /no "\?" or "#"/],
    ["an empty query", { ...good, url: "https://example.com/v1?" }, /no "\?" or "#"/],
    ["no name", { url: good.url, model: "m" }, /"name" must be a text/],
    ["a name of blanks", { ...good, name: "   " }, /"name" must be a text/],
    ["a name with a line break", { ...good, name: "a\nb" }, /"name" must be a text/],
    ["a name that reads backwards", { ...good, name: "a\u202Eb" }, /"name" must be a text/],
    ["no model", { name: "a", url: good.url }, /"model" must be/],
    ["an unknown kind of fill-in-the-middle", { ...good, fim: "yes" }, /"fim" must be none, infill or completions/],
    ["half a token", { ...good, contextSize: 1024.5 }, /"contextSize" must be/],
    ["a context of nothing", { ...good, contextSize: 0 }, /"contextSize" must be/],
    ["a negative price", { ...good, inputPrice: -1 }, /"inputPrice" must be/],
    ["a price as text", { ...good, outputPrice: "cheap" }, /"outputPrice" must be/],
    ["an unknown key", { ...good, colour: "red" }, /unknown key "colour"\.$/],
    ["a secret", { ...good, apiKey: "hunter2" }, /unknown key "apiKey"; keys do not belong in settings/],
    ["text instead of an object", "http://lab", /must be an object/],
    ["nothing", null, /must be an object/],
    ["a list", [good], /"name" must|must be an object/],
  ] as const) {
    it(`names ${what} and keeps the others`, () => {
      const { endpoints, problems } = parseEndpoints([entry, { ...good, name: "other" }]);
      assert.deepEqual(endpoints.map(({ name }) => name), ["other"]);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", words);
      assert.match(problems[0] ?? "", /^ghostlight\.endpoints, entry 1: /);
      assert.ok(!(problems[0] ?? "").includes("hunter2"), "a secret in the wrong place must not be repeated");
    });
  }

  it("keeps the first of two with one name, whatever their case", () => {
    const { endpoints, problems } = parseEndpoints([good, { ...good, name: "LAB", model: "other" }]);
    assert.deepEqual(endpoints.map(({ model }) => model), ["qwen"]);
    assert.match(problems[0] ?? "", /entry 2: the name "LAB" is taken/);
  });

  it("is refused where it is no list", () => {
    assert.match(parseEndpoints({ lab: good }).problems[0] ?? "", /must be a list/);
  });

  it("ends somewhere", () => {
    const many = Array.from({ length: 60 }, (_, index) => ({ ...good, name: `n${String(index)}` }));
    const { endpoints, problems } = parseEndpoints(many);
    assert.deepEqual([endpoints.length, problems.length], [50, 1]);
  });

  it("never throws and gives only addresses that can be used, whatever the setting holds", () => {
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.array(fc.record({ name: fc.string(), url: fc.oneof(fc.webUrl(), fc.string()), model: fc.string() }))), (raw) => {
      for (const { url } of parseEndpoints(raw).endpoints) {
        const parsed = new URL(url);
        assert.ok(/^https?:$/.test(parsed.protocol) && parsed.search === "" && parsed.hash === "" && parsed.username === "" && !url.endsWith("/"));
      }
    }));
  });
});

describe("cost and size in words", () => {
  it("knows no cost where a price is missing", () => {
    assert.equal(estimateCost({ inputPrice: 1, outputPrice: null }, 10, 10), null);
  });

  it("counts both directions", () => {
    assert.equal(estimateCost({ inputPrice: 3, outputPrice: 15 }, 10_000, 1_000), 0.045);
  });

  for (const [dollars, words] of [[0, "$0"], [0.045, "$0.04"], [1.5, "$1.50"], [0.0042, "$0.0042"], [0.000_123_4, "$0.00012"], [1e-9, "less than $0.000001"]] as const) {
    it(`writes ${String(dollars)} dollars as ${words}`, () => { assert.equal(costInWords(dollars), words); });
  }

  for (const [bytes, words] of [[0, "0 bytes"], [1, "1 byte"], [812, "812 bytes"], [999, "999 bytes"], [1_000, "1.0 kB"], [4_096, "4.1 kB"], [9_960, "10 kB"], [31_990, "32 kB"], [999_400, "999 kB"], [999_600, "1.0 MB"], [12_000_000, "12 MB"], [4e15, "4000 TB"]] as const) {
    it(`writes ${String(bytes)} as ${words}`, () => { assert.equal(bytesInWords(bytes), words); });
  }
});
