import assert from "node:assert/strict";
import type { Disclosure } from "../../../../src/core/outgoing/disclosure";
import { disclosureSummary, exactDocument, fileWords, grantWords } from "../../../../src/core/outgoing/disclosureWords";

const disclosure: Disclosure = {
  endpoint: "Lab", origin: "https://api.example.com:443", hostClass: "internet", model: "big", purpose: "chat", bytes: 4_120, estimatedCost: 0.0042,
  files: [{ path: "src/a.ts", file: null, startLine: 3, endLine: 9, tokens: 80 }, { path: "Makefile", file: null, startLine: 1, endLine: 2, tokens: 9 }],
  masked: [{ kind: "AWS key", count: 2 }], exact: "POST https://api.example.com/v1\n\n{\"a\":\"one\\ntwo\"}", texts: ["one\ntwo"], conversation: "c",
};

describe("a disclosure in words", () => {
  it("names purpose, model, size, price and where", () => {
    assert.equal(disclosureSummary(disclosure), "For an answer in the panel · model big · 2 files · 2 masked · 4.1 kB · about $0.0042 · to the internet");
  });

  it("leaves out what is not known", () => {
    assert.equal(disclosureSummary({ ...disclosure, model: null, estimatedCost: null, purpose: "list", files: [], masked: [] }), "For the list of models · 4.1 kB · to the internet");
  });

  it("says what a grant would cover, and no more", () => {
    assert.equal(grantWords(disclosure), "Only for an answer in the panel, only to https://api.example.com:443, only with files without an ending, .ts.");
    assert.match(grantWords({ ...disclosure, files: [] }), /only without files/);
  });

  it("says which lines", () => {
    assert.equal(disclosure.files.map(fileWords).join("; "), "lines 3-9, about 80 tokens; lines 1-2, about 9 tokens");
  });

  it("holds the texts to be read and every byte", () => {
    const document = exactDocument(disclosure);
    for (const part of ["one\ntwo", disclosure.exact, "src/a.ts: lines 3-9", "AWS key: 2 masked"]) assert.ok(document.includes(part), part);
  });
});
