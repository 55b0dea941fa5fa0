import assert from "node:assert/strict";
import fc from "fast-check";
import { findValues, maskFindings, valuesWorthMaskingEverywhere, type Finding } from "../../../../src/core/outgoing/redaction";

/** Findings of a text written with `[` and `]` around each; the brackets are taken out. */
function marked(notation: string, kind = "key"): { text: string; findings: Finding[] } {
  const findings: Finding[] = [];
  const open: number[] = [];
  let text = "";
  for (const character of notation) {
    if (character === "[") open.push(text.length);
    else if (character === "]") findings.push({ start: open.pop() ?? 0, end: text.length, kind });
    else text += character;
  }
  return { text, findings };
}

function masked(...notations: string[]) {
  const parts = notations.map((notation) => marked(notation));
  return maskFindings(parts.map(({ text }) => text), parts.map(({ findings }) => findings));
}

describe("masking", () => {
  it("replaces a finding and counts it by kind", () => {
    const { texts, masked: counts, restorer } = masked("a = '[hunter2hunter2]';");
    assert.deepEqual(texts, ["a = 'GHOSTLIGHT_SECRET_1_KEY';"]);
    assert.deepEqual(counts, [{ kind: "key", count: 1 }]);
    assert.equal(restorer.restore("b('GHOSTLIGHT_SECRET_1_KEY')"), "b('hunter2hunter2')");
  });

  it("the same value has the same placeholder in all texts, also where no rule found it", () => {
    const { texts, masked: counts } = masked("x=[abcd1234efgh]", "abcd1234efgh and [other5678value]", "x=[abcd1234efgh]");
    assert.deepEqual(texts, ["x=GHOSTLIGHT_SECRET_1_KEY", "GHOSTLIGHT_SECRET_1_KEY and GHOSTLIGHT_SECRET_2_KEY", "x=GHOSTLIGHT_SECRET_1_KEY"]);
    assert.deepEqual(counts, [{ kind: "key", count: 2 }]);
  });

  it("short values and ordinary words are masked only where they were found", () => {
    assert.deepEqual(masked("postgres://u:[pass]@host; passing the pass").texts, ["postgres://u:GHOSTLIGHT_SECRET_1_KEY@host; passing the pass"]);
    assert.deepEqual(masked("u:[postgres]@host; import postgres").texts, ["u:GHOSTLIGHT_SECRET_1_KEY@host; import postgres"]);
    assert.deepEqual(masked("u:[abc123]@host; xabc123 abc123").texts, ["u:GHOSTLIGHT_SECRET_1_KEY@host; xabc123 GHOSTLIGHT_SECRET_1_KEY"]);
  });

  it("findings within and across one another become one", () => {
    assert.deepEqual(masked("<[abc[12345678]def]>").texts, ["<GHOSTLIGHT_SECRET_1_KEY>"]);
    const text = "0123456789abcdef";
    const { texts, masked: counts, restorer } = maskFindings([text], [[{ start: 2, end: 8, kind: "short" }, { start: 5, end: 15, kind: "longer" }, { start: 5, end: 5, kind: "empty" }, { start: -1, end: 2, kind: "wrong" }]]);
    assert.deepEqual(texts, ["01GHOSTLIGHT_SECRET_1_LONGERf"]);
    assert.deepEqual(counts, [{ kind: "longer", count: 1 }]);
    assert.equal(restorer.restore(texts[0] ?? ""), text);
  });

  it("findings side by side stay two", () => assert.deepEqual(masked("[abcd1234][efgh5678]").texts, ["GHOSTLIGHT_SECRET_1_KEYGHOSTLIGHT_SECRET_2_KEY"]));

  it("finds a value that overlaps itself", () => assert.deepEqual(findValues("1aaaa1", [{ value: "aaa", kind: "k" }]), []));

  it("finds every place of a value, in words of letters only as a whole", () => {
    const places = (text: string, value: string) => findValues(text, [{ value, kind: "k" }]).map(({ start }) => start);
    assert.deepEqual(places("xx-abababababab9-", "abababababab"), []);
    assert.deepEqual(places("a1b2a1b2a1b2a1b2", "a1b2a1b2a1b2"), [0, 4]);
    assert.deepEqual(places("monitor monitoring \"\\nmonitor\" _monitor", "monitor"), [0, 22]);
    assert.deepEqual(places("!pw#1?x !pw#1?", "!pw#1?"), [0, 8]);
  });

  it("keeps values that are worth finding again", () => {
    const text = "pass abc123 longvalue99 postgres sommerregen";
    const findings = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ start: index, end: index + word.length, kind: "k" }));
    assert.deepEqual(valuesWorthMaskingEverywhere([text], [findings]).map(({ value }) => value), ["abc123", "longvalue99", "sommerregen"]);
  });

  it("what was masked comes back, whatever the texts, findings and cuts", () => {
    const word = fc.oneof(fc.constantFrom("GHOSTLIGHT_SECRET_", "GHOSTLIGHT_SECRET_1_KEY", "GHOSTLIGHT_", "_1_KEY", "secret99secret", "🌒", "é", "\ud83c", "\n", "key", "KEYG"), fc.string({ unit: "binary", maxLength: 8 }));
    const place = fc.record({ start: fc.nat(60), length: fc.nat(20), kind: fc.constantFrom("key", "KEY_G", "signing", "value of .env", "ü") });
    const one = fc.record({ text: fc.array(word, { maxLength: 10 }).map((words) => words.join("")), places: fc.array(place, { maxLength: 6 }) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(9), { maxLength: 40 }), (parts, sizes) => {
        const texts = parts.map(({ text }) => text);
        const result = maskFindings(texts, parts.map(({ text, places }) => places.map(({ start, length, kind }) => ({ start, end: Math.min(text.length, start + length), kind }))));
        for (const [index, text] of texts.entries()) {
          const sent = result.texts[index] ?? "";
          assert.equal(result.restorer.restore(sent), text);
          const stream = result.restorer.stream();
          let shown = "";
          let from = 0;
          for (const size of sizes) {
            shown += stream.push(sent.slice(from, from + size));
            from += size;
          }
          shown += stream.push(sent.slice(from)) + stream.end();
          assert.equal(shown, text);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("no value worth masking is left anywhere", () => {
    const value = fc.stringMatching(/^[a-z]{4}\d{4}[a-z]{4,8}$/);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(3), { minLength: 2, maxLength: 12 }), (values, order) => {
        const text = order.map((index) => values[index % values.length]).join(" | ");
        const first = values[(order[0] ?? 0) % values.length] ?? "";
        const { texts } = maskFindings([text, values.join("")], [[{ start: 0, end: first.length, kind: "k" }], []]);
        assert.ok(texts.every((sent) => !sent.includes(first)));
      }),
    );
  });
});
