import { strict as assert } from "node:assert";
import { installedLlamaCppTag, isRedistributable, knownLlamaCppTag, noticesFile, renderNotices, shippedParts, type ShippedPart } from "../scripts/notices.js";
import { readProjectFile } from "./support/sourceTree.js";

describe("third-party notices", () => {
  let parts: ShippedPart[] = [];
  before(async () => {
    parts = await shippedParts();
  });

  it("are up to date (otherwise: npm run notices)", () => {
    assert.equal(readProjectFile(noticesFile), renderNotices(parts));
  });

  it("name only licences that permit redistribution", () => {
    assert.deepEqual(parts.filter(({ licence }) => !isRedistributable(licence)), []);
  });

  it("carry a text for each part", () => {
    for (const { name, text } of parts) assert.ok(text.length > 200, name);
  });

  for (const name of ["node-llama-cpp", "llama.cpp and ggml", "web-tree-sitter", "tree-sitter-python", "tree-sitter-typescript", "vscode-jsonrpc", "dompurify", "markdown-it", "highlight.js"]) {
    it(`name ${name}`, () => assert.ok(parts.some((part) => part.name === name)));
  }

  it("are about the engine's build that is installed", () => {
    assert.equal(installedLlamaCppTag(), knownLlamaCppTag);
  });
});

describe("redistribution", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["MIT", true], ["(MPL-2.0 OR Apache-2.0)", true], ["MIT AND ISC", true], ["GPL-3.0-only", false], ["MIT AND GPL-2.0-only", false],
    ["(GPL-2.0-only OR AGPL-3.0-only)", false], ["unknown", false], ["UNLICENSED", false], ["SEE LICENSE IN LICENSE", false], ["MPL-2.0", false],
  ];
  for (const [licence, expected] of cases) {
    it(`${licence}: ${expected ? "yes" : "no"}`, () => assert.equal(isRedistributable(licence), expected));
  }

  it("shares one copy of a text between parts", () => {
    const part = (name: string) => ({ name, version: "1.0.0", licence: "MIT", text: "The same text." });
    assert.equal(renderNotices([part("one"), part("two")]).split("The same text.").length, 2);
  });
});
