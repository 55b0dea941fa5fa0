import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { entriesIn, findEnd, linesBehind, verifyChain, type UnplacedEntry } from "../../../../src/core/outgoing/ledgerChain.js";
import { formatLine, parseLine, type LedgerEntry } from "../../../../src/core/outgoing/ledgerLine.js";
import { bytesOutOn, requestsIn, searchRequests } from "../../../../src/core/outgoing/ledgerSummary.js";

const hash = (text: string): string => createHash("sha256").update(text, "latin1").digest("hex");
const time = "2026-01-02T03:04:05.678Z";
const entry: UnplacedEntry = { id: "a", event: "sending", origin: "https://api.example.com:443", purpose: "chat", files: [{ path: "src/ü.ts", startLine: 1, endLine: 3 }], bytesOut: 100, bytesIn: 0, status: null, durationMs: null, reason: null };

function append(text: string, more: Partial<UnplacedEntry> = {}): string {
  const end = findEnd(text, true);
  assert.ok(end);
  return text + linesBehind(end, { ...entry, ...more }, time, hash);
}

function ledgerOf(count: number): string {
  return Array.from({ length: count }, (_, index) => index).reduce((text, index) => append(text, { id: String(index) }), "");
}

const anyEntry: fc.Arbitrary<UnplacedEntry> = fc.record({
  id: fc.string(), event: fc.constantFrom("sending" as const, "done" as const, "failed" as const, "refused" as const), origin: fc.string(), purpose: fc.constantFrom("chat" as const, "completion" as const, "download" as const, "list" as const),
  files: fc.array(fc.record({ path: fc.string({ unit: "binary" }), startLine: fc.nat(), endLine: fc.nat() }, { noNullPrototype: true }), { maxLength: 3 }),
  bytesOut: fc.nat(), bytesIn: fc.nat(), status: fc.option(fc.nat()), durationMs: fc.option(fc.nat()), reason: fc.option(fc.string({ unit: "binary" })),
}, { noNullPrototype: true });

describe("a line of the ledger", () => {
  it("comes back as it was, in ASCII and on one line", () => {
    fc.assert(fc.property(anyEntry, (unplaced) => {
      const whole: LedgerEntry = { ...unplaced, seq: 7, time, previous: hash("") };
      const text = formatLine(whole);
      assert.match(text, /^[\x20-\x7e]*$/);
      assert.deepEqual(parseLine(text), whole);
    }));
  });

  it("is no line when anything is missing, added or cut", () => {
    const text = formatLine({ ...entry, seq: 1, time, previous: hash("") });
    for (let length = 0; length < text.length; length++) assert.equal(parseLine(text.slice(0, length)), undefined);
    assert.equal(parseLine(text.replace('"seq":1', '"seq":1,"more":1')), undefined);
    assert.equal(parseLine(text.replace('"seq":1,', "")), undefined);
    assert.equal(parseLine(text.replace('"sending"', '"sent"')), undefined);
    assert.equal(parseLine("null"), undefined);
  });
});

describe("the chain", () => {
  it("of nothing is whole", () => { assert.deepEqual(verifyChain("", hash), { ok: true, lines: 0, sealed: 0, cutEnd: false }); });

  it("is whole after any number of lines, of any content", () => {
    fc.assert(fc.property(fc.array(anyEntry, { maxLength: 12 }), (entries) => {
      const text = entries.reduce((soFar, one) => append(soFar, one), "");
      assert.deepEqual(verifyChain(text, hash), { ok: true, lines: entries.length, sealed: 0, cutEnd: false });
      assert.deepEqual(entriesIn(text), entries.map((one, index) => ({ ...one, seq: index + 1, time, previous: hash(text.split("\n")[index - 1] ?? "") })));
    }));
  });

  it("is whole, with every whole line still there, wherever crashes cut it", () => {
    const crashes = fc.array(fc.record({ lines: fc.integer({ min: 0, max: 3 }), cut: fc.nat(), junk: fc.constantFrom("", "\u0000\u0000\u0000", "\n", "{", "\u00ff") }), { maxLength: 6 });
    fc.assert(fc.property(crashes, (rounds) => {
      let text = "";
      let written = 0;
      for (const { lines, cut, junk } of rounds) {
        for (let line = 0; line < lines; line++) text = append(text, { id: String(written++) });
        const before = text;
        const next = append(text, { id: "cut" });
        // Cut within what is being written, seal included; what a power cut leaves may be nothing of ours.
        text = next.slice(0, before.length + (cut % (next.length - before.length))) + junk;
        const found = verifyChain(text, hash);
        assert.ok(found.ok, JSON.stringify(found));
      }
      text = append(text, { id: "last" });
      const found = verifyChain(text, hash);
      assert.ok(found.ok && !found.cutEnd, JSON.stringify(found));
      const ids = entriesIn(text).map(({ id }) => id).filter((id) => id !== "cut");
      assert.deepEqual(ids, [...Array.from({ length: written }, (_, index) => String(index)), "last"]);
    }), { numRuns: 300 });
  });

  it("breaks where a byte was changed, but for the last line, which nothing remembers", () => {
    const text = ledgerOf(6);
    const lastStart = text.lastIndexOf("\n", text.length - 2) + 1;
    fc.assert(fc.property(fc.nat({ max: lastStart - 2 }), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const changed = text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ change) + text.slice(place + 1);
      assert.equal(verifyChain(changed, hash).ok, false);
    }), { numRuns: 500 });
  });

  it("breaks where a line was removed, doubled or moved, and says where", () => {
    const lines = ledgerOf(6).trimEnd().split("\n");
    const without = (index: number): string[] => lines.filter((_, at) => at !== index);
    for (let index = 0; index < 5; index++) {
      const found = verifyChain(`${without(index).join("\n")}\n`, hash);
      assert.deepEqual([found.ok, !found.ok && found.brokenAt], [false, index + 1]);
      const doubled = verifyChain(`${[...lines.slice(0, index + 1), ...lines.slice(index)].join("\n")}\n`, hash);
      assert.equal(doubled.ok, false);
      const swapped = lines.map((line, at) => (at === index ? lines[index + 1] : at === index + 1 ? lines[index] : line));
      assert.equal(verifyChain(`${swapped.join("\n")}\n`, hash).ok, false);
    }
  });

  it("does not take a forged seal over a line that was spoilt", () => {
    const lines = ledgerOf(4).trimEnd().split("\n");
    const spoilt = [lines[0], "spoilt", lines[2], lines[3]].join("\n");
    assert.equal(verifyChain(`${spoilt}\n`, hash).ok, false);
    const seal = formatLine({ seq: 2, time, event: "sealed", cut: hash("other"), previous: hash(lines[0] ?? "") });
    assert.equal(verifyChain(`${[lines[0], "spoilt", seal].join("\n")}\n`, hash).ok, false);
    const bare = formatLine({ seq: 2, time, event: "sealed", cut: hash(""), previous: hash(lines[0] ?? "") });
    assert.equal(verifyChain(`${[lines[0], bare].join("\n")}\n`, hash).ok, false);
  });

  it("goes on behind a whole line that lacks its line break", () => {
    const text = ledgerOf(2).slice(0, -1);
    assert.deepEqual(verifyChain(text, hash), { ok: true, lines: 2, sealed: 0, cutEnd: false });
    assert.deepEqual(verifyChain(append(text), hash), { ok: true, lines: 3, sealed: 0, cutEnd: false });
  });

  it("asks for more of the file when the last line is not in what was read", () => {
    const text = ledgerOf(3);
    assert.equal(findEnd(text.slice(-20), false), undefined);
    assert.equal(findEnd(text.slice(-text.length / 2), false)?.seq, 3);
  });
});

describe("what the ledger says", () => {
  const entries = (...lines: readonly Partial<LedgerEntry>[]): LedgerEntry[] => lines.map((line, index) => ({ ...entry, seq: index + 1, time, previous: hash(""), ...line }));

  it("is one state for each request; without an end it is unknown", () => {
    const found = requestsIn(entries({ id: "a" }, { id: "b" }, { id: "a", event: "done", bytesIn: 5, status: 200 }, { id: "c" }, { id: "d", event: "refused", reason: "no" }, { id: "e" }, { id: "e", event: "failed" }), new Set(["c"]));
    assert.deepEqual(found.map(({ id, state }) => `${id} ${state}`), ["a done", "b unknown", "c sending", "d refused", "e failed"]);
    assert.equal(found[0]?.bytesIn, 5);
  });

  it("is found by words, whatever their case", () => {
    const found = requestsIn(entries({ id: "a" }, { id: "b", event: "refused", origin: "https://other.example:443", files: [], reason: "A policy forbids it." }), new Set());
    const ids = (query: string): string[] => searchRequests(found, query).map(({ id }) => id);
    assert.deepEqual([ids("SRC/Ü"), ids("policy refused"), ids("policy chat src"), ids(""), ids("example")], [["a"], ["b"], [], ["a", "b"], ["a", "b"]]);
  });

  it("counts the bytes of today, as the end of a request corrects them", () => {
    const now = new Date(2026, 5, 15, 12).getTime();
    const today = new Date(now).toISOString();
    const yesterday = new Date(2026, 5, 14, 23, 59).toISOString();
    const of = (...lines: readonly Partial<LedgerEntry>[]): number => bytesOutOn(entries(...lines), now);
    assert.equal(of(), 0);
    assert.equal(of({ id: "a", time: today }, { id: "b", time: today }), 200);
    assert.equal(of({ id: "a", time: today }, { id: "a", time: today, event: "failed", bytesOut: 0 }), 0);
    assert.equal(of({ id: "a", time: yesterday }, { id: "a", time: today, event: "done" }), 0);
    assert.equal(of({ id: "a", time: today, event: "refused", bytesOut: 0 }), 0);
  });
});
