import assert from "node:assert/strict";
import { contentSecurityPolicy, panelHtml } from "../../../../src/editor/chat/html";

const page = { nonce: "abc", cspSource: "https://own.example", scriptUri: "https://own.example/chat.js", styleUris: ["https://own.example/chat.css", "https://own.example/answer.css"] };

describe("editor/chat: the panel's page", () => {
  it("allows our script by its nonce, our style sheet, and nothing else", () => {
    assert.equal(
      contentSecurityPolicy(page),
      "default-src 'none'; script-src 'nonce-abc'; style-src https://own.example; base-uri 'none'; form-action 'none'",
    );
  });
  it("holds no inline script or style, and its policy stands before anything it loads", () => {
    const html = panelHtml(page);
    assert.doesNotMatch(html, /<style|style=|unsafe-|\son\w+=/);
    assert.deepEqual(html.match(/<script[^>]*>/g), ['<script nonce="abc" src="https://own.example/chat.js">']);
    assert.ok(html.indexOf("Content-Security-Policy") < html.indexOf("<link"));
  });
});
