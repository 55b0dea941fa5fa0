import assert from "node:assert/strict";
import fc from "fast-check";
import { READ_AFTER, READ_BEFORE, type Snapshot } from "../../../../src/core/completion/snapshot";
import { planWindow, windowSizeFor, withHead, type WindowState } from "../../../../src/core/completion/window";
import { snapshotAt, snapshotOf } from "../../../support/snapshotNotation";

const SIZE = { prefix: 4_000, suffix: 1_000 };
const LINES = Array.from({ length: 100 }, (_, index) => `const value${String(index)} = ${String(index)};\n`).join("");

/** Plans the same document again and again, each time with the memory of the last one. */
function planned(notations: readonly string[]): ReturnType<typeof planWindow>[] {
  const results: ReturnType<typeof planWindow>[] = [];
  for (const notation of notations) results.push(planWindow(snapshotAt(notation), SIZE, results.at(-1)?.state));
  return results;
}

describe("core/completion/window", () => {
  it("the anchor is the start of the line", () => {
    const { plan, state } = planWindow(snapshotAt("first\n  sec|ond\nthird"), SIZE, undefined);
    assert.deepEqual(plan, { path: "file.ts", prefix: "first\n", typed: "  sec", suffix: "ond\nthird" });
    assert.equal(state.anchorOffset, 6);
  });

  it("typing on a line keeps prefix and suffix", () => {
    const plans = planned(["a\nb|\nc", "a\nbx|\nc", "a\nbxy|\nc"]).map(({ plan }) => plan);
    assert.deepEqual(plans.map(({ prefix, typed, suffix }) => [prefix, typed, suffix]), [["a\n", "b", "\nc"], ["a\n", "bx", "\nc"], ["a\n", "bxy", "\nc"]]);
  });

  it("a few new lines keep the anchor, more move it", () => {
    const plans = planned(Array.from({ length: 9 }, (_, lines) => `a\n${"b\n".repeat(lines)}|`)).map(({ plan }) => plan);
    assert.deepEqual(plans.map(({ prefix }) => prefix), [...Array.from({ length: 8 }, () => "a\n"), `a\n${"b\n".repeat(8)}`]);
  });

  it("a change before the anchor moves it", () => {
    const [, second] = planned(["aa\nb|", "aXa\nbc|"]);
    assert.deepEqual(second?.plan, { path: "file.ts", prefix: "aXa\n", typed: "bc", suffix: "" });
  });

  it("another file starts anew", () => {
    const { state } = planWindow(snapshotAt("a\nb|"), SIZE, undefined);
    assert.equal(planWindow(snapshotAt("a\nb\nc|", { path: "other.ts" }), SIZE, state).plan.prefix, "a\nb\n");
  });

  it("a change far below keeps the pinned suffix, one close by does not", () => {
    const [, far, near] = planned([`a|\n${LINES}old`, `ab|\n${LINES}newer`, `abc|\nchanged ${LINES}`]);
    assert.ok(far?.plan.suffix.startsWith("\nconst value0"));
    assert.ok(near?.plan.suffix.startsWith("\nchanged"));
  });

  for (const [first, second] of [["a|\n}\n", "ab|"], ["a|", "ab|\n}\n"], ["a|);", "ab|"], ["f(|)", "f(x)|"]] as const) {
    it(`a short suffix is never taken for another: ${JSON.stringify(first)}, ${JSON.stringify(second)}`, () => {
      assert.equal(planned([first, second])[1]?.plan.suffix, snapshotAt(second).after);
    });
  }

  it("the window's start moves in large hops", () => {
    const starts = new Set<number>();
    const text = LINES.repeat(20);
    for (let end = text.indexOf("\n", 5_000) + 1; end < 13_000; end = text.indexOf("\n", end) + 1) {
      const { plan, state } = planWindow(snapshotOf(text.slice(0, end), ""), SIZE, undefined);
      starts.add(state.anchorOffset - plan.prefix.length);
    }
    assert.ok(starts.size <= 1 + 8_000 / 2_000, `${String(starts.size)} starts over 8,000 characters`);
  });

  it("prefix and suffix hold whole lines of at most their sizes", () => {
    const { plan } = planWindow(snapshotOf(LINES.repeat(3), `\n${LINES}`), SIZE, undefined);
    assert.ok(plan.prefix.startsWith("const") && plan.prefix.length <= SIZE.prefix && plan.prefix.length > SIZE.prefix / 2 - 100);
    assert.ok(plan.suffix.endsWith("\n") && plan.suffix.length <= SIZE.suffix + 1);
  });

  it("sizes fit what an edge reads, for every context size", () => {
    for (const tokens of [256, 1_024, 4_096, 32_768, 131_072]) {
      const size = windowSizeFor(tokens);
      assert.ok(size.prefix < READ_BEFORE && size.suffix <= READ_AFTER && size.prefix > size.suffix);
    }
  });

  it("the head is put in without a change to the rest", () => {
    const { plan } = planWindow(snapshotAt("a|"), SIZE, undefined);
    assert.deepEqual(withHead(plan, [{ path: "b.ts", text: "b" }]), { ...plan, head: [{ path: "b.ts", text: "b" }] });
  });
});

/** An edit of a document at a place: so many characters deleted, a text put there; the cursor stands after it. */
const edit = fc.record({ at: fc.nat(400), deleted: fc.nat(6), inserted: fc.constantFrom("", "x", "foo", "\n", "a\nb\n", ")", "  ", "\r\n", "😀") });
const document = fc.string({ unit: fc.constantFrom("a", "b", " ", "(", "\n", "\n", "long words "), maxLength: 60 });
const SMALL = { prefix: 64, suffix: 32 };

function edited(text: string, { at, deleted, inserted }: { at: number; deleted: number; inserted: string }): { text: string; snapshot: Snapshot } {
  const place = text.length === 0 ? 0 : at % (text.length + 1);
  const before = text.slice(0, Math.max(0, place - deleted)) + inserted;
  return { text: before + text.slice(place), snapshot: snapshotOf(before, text.slice(place)) };
}

describe("core/completion/window: properties", () => {
  it("prefix and typed are always the document's tail before the cursor, whatever was planned before", () => {
    fc.assert(fc.property(document, fc.array(edit, { maxLength: 12 }), (start, edits) => {
      let text = start;
      let memory: WindowState | undefined;
      for (const step of edits) {
        const now = edited(text, step);
        text = now.text;
        const { plan, state } = planWindow(now.snapshot, SMALL, memory);
        assert.ok(now.snapshot.before.endsWith(plan.prefix + plan.typed));
        assert.ok(plan.typed.length === now.snapshot.before.length || now.snapshot.before.at(-plan.typed.length - 1) === "\n" || plan.typed === "" && now.snapshot.before.endsWith("\n"));
        memory = state;
      }
    }), { numRuns: 1_000 });
  });

  it("without a memory the plan depends on the snapshot alone", () => {
    fc.assert(fc.property(document, edit, (start, step) => {
      const { snapshot } = edited(start, step);
      assert.deepEqual(planWindow(snapshot, SMALL, undefined), planWindow({ ...snapshot }, SMALL, undefined));
    }));
  });

  it("the suffix begins as the text after the cursor does", () => {
    fc.assert(fc.property(document, fc.array(edit, { maxLength: 8 }), (start, edits) => {
      let text = start;
      let memory: WindowState | undefined;
      for (const step of edits) {
        const now = edited(text, step);
        text = now.text;
        const { plan, state } = planWindow(now.snapshot, SMALL, memory);
        assert.ok(now.snapshot.after.startsWith(plan.suffix));
        memory = state;
      }
    }), { numRuns: 1_000 });
  });
});
