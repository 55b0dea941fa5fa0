import assert from "node:assert/strict";
import fc from "fast-check";
import { expandBraces, ignorePatternsOfGlob } from "../../../../src/core/context/globs";

describe("globs", () => {
  const cases: Record<string, string[]> = { "**/out": ["**/out"], "a/*.{js,ts}": ["/a/*.js", "/a/*.ts"], "{a,b/{c,d}}": ["/a", "/b/c", "/b/d"], "a\\b": ["/a/b"], "": [], "  ": [], "!x": ["/\\!x"], "{a": ["/{a"], "x{}": ["/x"] };
  for (const [glob, patterns] of Object.entries(cases)) it(`${glob || "(empty)"} → ${patterns.join(" ")}`, () => assert.deepEqual(ignorePatternsOfGlob(glob), patterns));
  it("too many alternatives become one wider pattern", () => {
    const glob = "x/{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b,c,d}";
    assert.equal(expandBraces(glob), undefined);
    assert.deepEqual(ignorePatternsOfGlob(glob), ["/x/*"]);
  });
  it("always ends", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom("{", "}", ",", "a", "*", "/") }), (glob) => assert.ok(ignorePatternsOfGlob(glob).length <= 256)));
  });
});
