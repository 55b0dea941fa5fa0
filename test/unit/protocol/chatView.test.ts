import assert from "node:assert/strict";
import fc from "fast-check";
import { isWorkspaceRelative, LONGEST_QUESTION, parseHostMessage, parseViewMessage, type ViewMessage } from "../../../src/protocol/chatView";

describe("protocol/chatView: what the host takes from a webview", () => {
  const good: ViewMessage[] = [
    { type: "ready", version: 1 },
    { type: "ask", text: "What is this?" },
    { type: "ask", text: "a".repeat(LONGEST_QUESTION) },
    { type: "stop" },
    { type: "askAgain", turn: "0b6f3c1e-1" },
    { type: "clear" },
    { type: "undoClear" },
    { type: "openSource", file: "src/a b/ü.ts", startLine: 1, endLine: 3 },
    { type: "copy", turn: "t1" },
    { type: "copy", turn: "t1", block: { start: 0, end: 4 } },
    { type: "insertAtCursor", turn: "t1", block: { start: 0, end: 4 } },
    { type: "copy", turn: "t1", of: "correction" },
    { type: "insertAtCursor", turn: "t1", of: "correction", block: { start: 0, end: 4 } },
    { type: "askEndpoint", turn: "t1" },
    { type: "declineEndpoint", turn: "t1" },
    { type: "chooseModel" },
  ];
  for (const message of good) {
    it(`takes ${JSON.stringify(message).slice(0, 70)}`, () => assert.deepEqual(parseViewMessage(message), message));
  }

  const bad: unknown[] = [
    null,
    undefined,
    "stop",
    7,
    [],
    {},
    { type: "execute", command: "workbench.action.quit" },
    { type: "__proto__" },
    { type: "ask" },
    { type: "ask", text: "" },
    { type: "ask", text: " \n\t" },
    { type: "ask", text: 1 },
    { type: "ask", text: "a".repeat(LONGEST_QUESTION + 1) },
    { type: "ask", text: "a", model: "other" },
    { type: "stop", extra: 1 },
    { type: "askAgain", turn: "" },
    { type: "askAgain", turn: "../x" },
    { type: "askAgain", turn: "a".repeat(65) },
    { type: "openSource", file: "src/a.ts", startLine: 0, endLine: 1 },
    { type: "openSource", file: "src/a.ts", startLine: 1.5, endLine: 2 },
    { type: "openSource", file: "src/a.ts", startLine: "1", endLine: 1 },
    { type: "openSource", file: "src/a.ts", startLine: 1, endLine: Infinity },
    { type: "openSource", file: "../a.ts", startLine: 1, endLine: 1 },
    { type: "copy", turn: "t", block: { start: -1, end: 2 } },
    { type: "copy", turn: "t", block: { start: 0 } },
    { type: "insertAtCursor", turn: "t" },
    { type: "askEndpoint" },
    { type: "askEndpoint", turn: "t", consent: "once" },
    { type: "askEndpoint", turn: "t", endpoint: "https://example.invalid" },
    { type: "declineEndpoint", turn: "../t" },
    { type: "copy", turn: "t", of: "other" },
    { type: "insertAtCursor", turn: "t", text: "rm -rf" },
    { type: "insertAtCursor", turn: "t", block: { start: 0, end: 1, text: "x" } },
  ];
  for (const message of bad) {
    it(`refuses ${JSON.stringify(message)?.slice(0, 80)}`, () => assert.equal(parseViewMessage(message), undefined));
  }

  it("never throws, and what it takes it would take again", () => {
    fc.assert(
      fc.property(fc.anything(), (data) => {
        const parsed = parseViewMessage(data);
        assert.deepEqual(parsed === undefined ? undefined : parseViewMessage(parsed), parsed);
        parseHostMessage(data);
      }),
    );
  });
});

describe("protocol/chatView: paths that a webview may name", () => {
  for (const path of ["a.ts", "src/a.ts", "a b/c.ts", "..a/b", "a..b", ".github/x.yml", "日本/語.py", "a-b_c@1/d+e.ts"]) {
    it(`takes ${path}`, () => assert.equal(isWorkspaceRelative(path), true));
  }
  const refused = [
    ...["", "/etc/passwd", "//server/share", "\\\\server\\share", "C:/x", "C:\\x", "c:x", "file:///etc/passwd", "vscode-remote://x/y", "command:x"],
    ...["..", "../x", "a/../b", "a/..", "./a", "a/./b", "a//b", "a/", "a\\..\\b", "a\0b", "a\nb", "a".repeat(1025)],
  ];
  for (const path of refused) {
    it(`refuses ${JSON.stringify(path).slice(0, 40)}`, () => assert.equal(isWorkspaceRelative(path), false));
  }

  it("takes no path that leads out of where it begins", () => {
    const step = fc.constantFrom("..", ".", "", "a", "b.ts", "\\", "C:", "/", "~");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.constantFrom("/", "\\"), (steps, separator) => {
        const path = steps.join(separator);
        if (isWorkspaceRelative(path)) assert.ok(new URL(path, "file:///base/").pathname.startsWith("/base/"));
      }),
    );
  });
});

describe("protocol/chatView: what the view takes from a host", () => {
  it("takes a state and drops what it does not know", () => {
    const turn = { id: "t", question: "q", text: "a", status: { state: "failed", cause: "c", retry: true } };
    const message = { type: "state", sequence: 0, version: 1, turns: [{ ...turn, later: 1 }], earlier: false, cleared: false };
    assert.deepEqual(parseHostMessage(message), { ...message, turns: [turn] });
  });
  for (const message of [{ type: "delta", turn: "t", text: "x" }, { type: "delta", sequence: -1, turn: "t", text: "x" }, { type: "later", sequence: 1 }]) {
    it(`refuses ${JSON.stringify(message)}`, () => assert.equal(parseHostMessage(message), undefined));
  }
});
