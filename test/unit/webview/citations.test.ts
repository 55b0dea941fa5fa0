import assert from "node:assert/strict";
import fc from "fast-check";
import { isWorkspaceRelative } from "../../../src/protocol/chatView";
import { citationOfAddress, citationsInText } from "../../../src/webview/citations";

describe("webview: citations", () => {
  const addresses: [string, string | undefined][] = [
    ["src/a.ts#L12", "src/a.ts 12-12"],
    ["src/a.ts#L12-L20", "src/a.ts 12-20"],
    ["src/a.ts#L12-20", "src/a.ts 12-20"],
    ["a%20b/%C3%BC.ts#L1", "a b/ü.ts 1-1"],
    ["a.ts#L9-L2", "a.ts 9-9"],
    ["50%.ts#L1", "50%.ts 1-1"],
    ["a.ts", undefined],
    ["a.ts#L0", undefined],
    ["a.ts#12", undefined],
    ["#L1", undefined],
    ["../a.ts#L1", undefined],
    ["%2e%2e/a.ts#L1", undefined],
    ["/etc/passwd#L1", undefined],
    ["https://example.invalid/a.ts#L1", undefined],
    ["command:x#L1", undefined],
  ];
  for (const [address, expected] of addresses) {
    it(`${address} → ${expected ?? "no citation"}`, () => {
      const place = citationOfAddress(address);
      assert.equal(place === undefined ? undefined : `${place.file} ${place.startLine}-${place.endLine}`, expected);
    });
  }

  /** `see [a.ts:1] here` */
  const marked = (text: string, ...files: string[]): string =>
    citationsInText(text, new Set(files)).map((piece) => (typeof piece === "string" ? piece : `[${piece.text}]`)).join("");
  const texts: [string, string][] = [
    ["see a.ts:1 here", "see [a.ts:1] here"],
    ["(a.ts:1-4), b.ts:2", "([a.ts:1-4]), b.ts:2"],
    ["a.ts:1", "[a.ts:1]"],
    ["xa.ts:1 a.ts:x a.ts", "xa.ts:1 a.ts:x a.ts"],
    ["a.ts:0", "a.ts:0"],
  ];
  for (const [text, expected] of texts) it(text, () => assert.equal(marked(text, "a.ts"), expected));

  it("loses no character of a text, and cites only paths inside the workspace", () => {
    const word = fc.constantFrom("a.ts", "../b", "/c", ":", "1", "-", " ", "(", ")", "12", "#L3", "x");
    fc.assert(
      fc.property(fc.array(word), fc.array(word), (words, files) => {
        const text = words.join("");
        const pieces = citationsInText(text, new Set(files));
        assert.equal(pieces.map((piece) => (typeof piece === "string" ? piece : piece.text)).join(""), text);
        for (const piece of pieces) assert.ok(typeof piece === "string" || isWorkspaceRelative(piece.place.file));
        const place = citationOfAddress(text);
        assert.ok(place === undefined || isWorkspaceRelative(place.file));
      }),
    );
  });
});
