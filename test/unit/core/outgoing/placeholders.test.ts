import assert from "node:assert/strict";
import fc from "fast-check";
import { createPlaceholders, createRestorer } from "../../../../src/core/outgoing/placeholders";
import type { Restorer } from "../../../../src/core/outgoing/gatekeeper";

/** Sends a text through a stream in pieces that end at the given places. */
function streamed(restorer: Restorer, text: string, cuts: readonly number[]): string {
  const stream = restorer.stream();
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...places].map((place, index) => text.slice(place, places[index] ?? text.length));
  return pieces.map((piece) => stream.push(piece)).join("") + stream.end();
}

describe("placeholders", () => {
  it("read like one constant, numbered, with their kind", () => {
    const placeholders = createPlaceholders(["const a = 1;"]);
    assert.equal(placeholders.of("one", "AWS key"), "GHOSTLIGHT_SECRET_1_AWS_KEY");
    assert.equal(placeholders.of("two", "value of .env"), "GHOSTLIGHT_SECRET_2_VALUE_OF_ENV");
    assert.equal(placeholders.of("one", "something else"), "GHOSTLIGHT_SECRET_1_AWS_KEY");
    assert.equal(placeholders.of("three", "密码"), "GHOSTLIGHT_SECRET_3_VALUE");
    assert.equal(placeholders.of("four", "a kind with far too many words for one identifier"), "GHOSTLIGHT_SECRET_4_A_KIND_WITH_FAR_TOO_MANY");
  });

  it("take another stem where the text has theirs already", () => {
    const text = "GHOSTLIGHT_SECRET_1_AWS_KEY GHOSTLIGHT_B_SECRET_";
    const placeholders = createPlaceholders([text]);
    const placeholder = placeholders.of("value", "AWS key");
    assert.equal(placeholder, "GHOSTLIGHT_C_SECRET_1_AWS_KEY");
    assert.equal(placeholders.restorer().restore(`${text} ${placeholder}`), `${text} value`);
  });

  it("come back letter by letter", () => {
    const restorer = createRestorer(new Map([["GHOSTLIGHT_SECRET_1_A", "x"], ["GHOSTLIGHT_SECRET_10_A", "y"]]));
    const stream = restorer.stream();
    const shown = [..."GHOST GHOSTLIGHT_SECRET_10_AGHOSTLIGHT_SECRET_1_A!"].map((letter) => stream.push(letter));
    assert.equal(shown.join("") + stream.end(), "GHOST yx!");
    assert.equal(shown[5], "GHOST ", "what cannot be a placeholder is shown at once");
  });

  it("does not keep back what cannot become one", () => {
    const stream = createRestorer(new Map([["GHOSTLIGHT_SECRET_1_A", "x"]])).stream();
    assert.equal(stream.push("const ghost = 1; GHOSTS"), "const ghost = 1; GHOSTS");
    assert.equal(stream.push("GHOSTLIGHT"), "");
    assert.equal(stream.end(), "GHOSTLIGHT");
  });

  it("a value that reads like a placeholder is not put back twice", () => {
    const restorer = createRestorer(new Map([["GHOSTLIGHT_SECRET_1_A", "GHOSTLIGHT_SECRET_2_A"], ["GHOSTLIGHT_SECRET_2_A", "second"]]));
    assert.equal(restorer.restore("GHOSTLIGHT_SECRET_1_A"), "GHOSTLIGHT_SECRET_2_A");
    assert.equal(streamed(restorer, "GHOSTLIGHT_SECRET_1_A", [3, 7, 20]), "GHOSTLIGHT_SECRET_2_A");
  });

  it("without placeholders nothing is kept back", () => assert.equal(createRestorer(new Map()).stream().push("GHOSTLIGHT_"), "GHOSTLIGHT_"));

  it("a kind cannot bring the stem's own word into a placeholder", () => {
    assert.equal(createPlaceholders([""]).of("value", "GHOSTLIGHT_SECRET_1_A"), "GHOSTLIGHT_SECRET_1_SECRET_1_A");
  });

  it("one that ends as another begins is shown when it is complete", () => {
    const stream = createRestorer(new Map([["GHOSTLIGHT_SECRET_1_SIGNING", "x"]])).stream();
    assert.equal(stream.push("GHOSTLIGHT_SECRET_1_SIGNING"), "x");
    assert.equal(stream.push("GHOST"), "");
    assert.equal(stream.end(), "GHOST");
  });

  it("any cut of a stream gives what the whole text gives", () => {
    const piece = fc.constantFrom("GHOSTLIGHT_SECRET_1_KEY", "GHOSTLIGHT_SECRET_2_KEY", "GHOSTLIGHT_", "SECRET_1", "_KEY", "G", "GHOST", "ü", "🌒", " ", "x", "GHOSTLIGHT_SECRET_1_KE");
    const restorer = createRestorer(new Map([["GHOSTLIGHT_SECRET_1_KEY", "GHOSTLIGHT_SECRET_"], ["GHOSTLIGHT_SECRET_2_KEY", "🌒"], ["GHOSTLIGHT_SECRET_11_KEY", ""]]));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 20 }), (pieces, cuts) => {
        const text = pieces.join("");
        assert.equal(streamed(restorer, text, cuts), restorer.restore(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
