/** What a person sees and does in the panel: the real bundle in a real browser, the test in the host's place. */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import type { AnswerBasis, TurnView } from "../../../src/protocol/chatView";
import { startBrowser } from "../../../scripts/editorHost/browser";
import { doneTurn, PanelPage, servePanel, type PanelServer } from "../../support/panelPage";

const basis: AnswerBasis = {
  kind: "model",
  model: "Small Coder",
  sources: [
    { file: "src/a.ts", startLine: 3, endLine: 9, tokens: 1200 },
    { file: "src/b c.ts", startLine: 1, endLine: 1, tokens: 34 },
  ],
  leftOut: [
    { file: "src/big.ts", reason: "does not fit" },
    { file: "", reason: "not everything is indexed yet" },
  ],
};
const answering: TurnView = { id: "t1", question: "Why?", text: "", status: { state: "answering" } };

describe("webview: panel", function () {
  this.timeout(60_000);
  let browser: Browser;
  let server: PanelServer;
  let panel: PanelPage;

  before(async () => {
    browser = await startBrowser();
    server = await servePanel();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(async () => {
    panel = await PanelPage.open(browser, server);
  });
  afterEach(() => panel.close());

  const last = async (): Promise<unknown> => (await panel.posted()).at(-1);
  const answer = (): Promise<string> => panel.page.locator(".answer-text").last().innerText();

  describe("asking", () => {
    beforeEach(() => panel.state([]));

    it("an empty conversation offers three questions and the way to written answers", async () => {
      assert.equal(await panel.byTestId("example").count(), 3);
      await panel.byTestId("example").first().click();
      assert.equal(((await last()) as { type: string }).type, "ask");
      await panel.byTestId("chooseModel").click();
      assert.deepEqual(await last(), { type: "chooseModel" });
    });

    it("with a model, names it instead", async () => {
      await panel.state([], { model: "Small Coder" });
      assert.match(await panel.byTestId("empty").innerText(), /Small Coder answers on this machine/);
      assert.equal(await panel.byTestId("chooseModel").count(), 0);
    });

    it("Enter asks, Shift+Enter makes a line, and the text stays until the host has taken it", async () => {
      const question = panel.byTestId("question");
      await question.pressSequentially("one");
      await question.press("Shift+Enter");
      await question.pressSequentially("two");
      await question.press("Enter");
      assert.deepEqual(await last(), { type: "ask", text: "one\ntwo" });
      assert.equal(await question.inputValue(), "one\ntwo");
      await panel.send({ type: "turnStarted", turn: { ...answering, question: "one\ntwo" } });
      assert.equal(await question.inputValue(), "");
    });

    it("Ctrl+Enter and the button ask too; blanks ask nothing", async () => {
      const question = panel.byTestId("question");
      await question.fill("  ");
      assert.equal(await panel.byTestId("send").isDisabled(), true);
      await question.press("Enter");
      assert.equal((await panel.posted()).length, 1);
      await question.fill("a");
      await question.press("Control+Enter");
      await panel.byTestId("send").click();
      assert.deepEqual((await panel.posted()).slice(1), [{ type: "ask", text: "a" }, { type: "ask", text: "a" }]);
    });

    it("a question that is too long is refused in words, not cut", async () => {
      await panel.byTestId("question").fill("a".repeat(32_001));
      assert.equal(await panel.byTestId("send").isDisabled(), true);
      assert.match(await panel.page.getByText("Too long").innerText(), /32,001 characters, at most 32,000/);
    });

    it("Up brings the last question back", async () => {
      await panel.state([doneTurn("x", { question: "What was it?" })]);
      await panel.byTestId("question").press("ArrowUp");
      assert.equal(await panel.byTestId("question").inputValue(), "What was it?");
    });
  });

  describe("answering", () => {
    beforeEach(async () => {
      await panel.state([]);
      await panel.send({ type: "turnStarted", turn: answering });
    });

    it("says what is read, then shows the words as they come, then the whole answer", async () => {
      await panel.byTestId("progress").getByText("Looking through your code").waitFor();
      await panel.send({ type: "context", turn: "t1", basis });
      await panel.byTestId("progress").getByText("Reading 2 places, about 1,234 tokens").waitFor();
      await panel.send({ type: "delta", turn: "t1", text: "Because **it" });
      await panel.page.getByText("Because **it").waitFor();
      await panel.send({ type: "delta", turn: "t1", text: " is**" });
      await panel.page.locator("strong", { hasText: "it is" }).waitFor();
      assert.equal(await panel.byTestId("answer").getAttribute("aria-busy"), "true");
      await panel.send({ type: "done", turn: "t1", text: "Because **it is**.", basis });
      assert.equal(await answer(), "Because it is.");
      assert.equal(await panel.byTestId("answer").getAttribute("aria-busy"), "false");
      assert.equal(await panel.byTestId("kind").innerText(), "Written by Small Coder");
    });

    it("keeps the nodes of finished blocks while the rest streams", async () => {
      await panel.send({ type: "delta", turn: "t1", text: "First.\n\nSecond" });
      await panel.page.getByText("Second").waitFor();
      await panel.page.evaluate("document.querySelector('.block').marked = true");
      await panel.send({ type: "delta", turn: "t1", text: " goes on.\n\nThird" });
      await panel.page.getByText("Third").waitFor();
      assert.equal(await panel.page.evaluate("document.querySelector('.block').marked"), true);
    });

    it("Stop and Escape stop; a question is not sent meanwhile", async () => {
      await panel.byTestId("stop").click();
      assert.deepEqual(await last(), { type: "stop" });
      await panel.byTestId("question").fill("next");
      await panel.byTestId("question").press("Enter");
      await panel.byTestId("question").press("Escape");
      assert.deepEqual((await panel.posted()).slice(-2), [{ type: "stop" }, { type: "stop" }]);
      await panel.send({ type: "stopped", turn: "t1" });
      await panel.byTestId("stopped").waitFor();
      await panel.byTestId("send").waitFor();
    });

    it("a failure shows its cause and asks again", async () => {
      await panel.send({ type: "failed", turn: "t1", cause: "The engine stopped.", retry: true });
      assert.match(await panel.byTestId("failure").innerText(), /No answer\. The engine stopped\./);
      await panel.byTestId("retry").click();
      assert.deepEqual(await last(), { type: "askAgain", turn: "t1" });
      await panel.send({ type: "turnStarted", turn: { ...answering, id: "t2" }, replaces: "t1" });
      assert.equal(await panel.byTestId("turn").count(), 1);
    });

    it("a failure that asking again cannot mend has no such button", async () => {
      await panel.send({ type: "failed", turn: "t1", cause: "No model file.", retry: false });
      assert.equal(await panel.byTestId("retry").count(), 0);
    });

    it("a gap in the numbers makes it ask for everything, and ignore the rest until then", async () => {
      await panel.sendNumbered({ type: "delta", sequence: 9, turn: "t1", text: "late" });
      await panel.waitForPosted("ready", 2);
      await panel.sendNumbered({ type: "delta", sequence: 10, turn: "t1", text: "later" });
      await panel.state([doneTurn("All of it.")]);
      assert.equal(await answer(), "All of it.");
      assert.equal((await panel.posted()).filter(({ type }) => type === "ready").length, 2);
    });
  });

  describe("reading", () => {
    it("citations open their place: links, and plain words that name a source", async () => {
      await panel.state([doneTurn("See [there](src/x.ts#L7-L9), [it](<src/b c.ts#L1>), src/a.ts:3-9 and `src/a.ts:4`, not other.ts:5.", { basis })]);
      for (const link of await panel.byTestId("citation").all()) await link.click();
      const place = (file: string, startLine: number, endLine: number): unknown => ({ type: "openSource", file, startLine, endLine });
      assert.deepEqual((await panel.posted()).slice(1), [place("src/x.ts", 7, 9), place("src/b c.ts", 1, 1), place("src/a.ts", 3, 9), place("src/a.ts", 4, 4)]);
    });

    it("sources say files, lines and tokens; what was left out says why", async () => {
      await panel.state([doneTurn("x", { basis })]);
      await panel.page.locator("summary", { hasText: "2 sources, 1,234 tokens, 2 left out" }).click();
      assert.equal(await panel.page.locator("li", { has: panel.byTestId("source") }).first().innerText(), "src/a.ts:3-9 · 1,200 tokens");
      assert.deepEqual(await panel.byTestId("leftOut").allInnerTexts(), ["src/big.ts · does not fit", "not everything is indexed yet"]);
      await panel.byTestId("source").first().press("Enter");
      assert.deepEqual(await last(), { type: "openSource", file: "src/a.ts", startLine: 3, endLine: 9 });
    });

    it("an index answer says that it is one", async () => {
      await panel.state([doneTurn("x")]);
      assert.equal(await panel.byTestId("kind").innerText(), "From the index");
    });

    it("code blocks are copied and inserted by their lines", async () => {
      await panel.state([doneTurn("a\n\n```ts\nlet b;\n```\n\n> ```py\n> c\n> ```")]);
      await panel.byTestId("copy").first().click();
      await panel.byTestId("insert").last().click();
      assert.deepEqual((await panel.posted()).slice(1), [
        { type: "copy", turn: "turn-1", block: { start: 2, end: 5 } },
        { type: "insertAtCursor", turn: "turn-1", block: { start: 6, end: 9 } },
      ]);
    });

    it("other links become their words and the whole address", async () => {
      await panel.state([doneTurn("[docs](https://example.invalid/a?b=c) and <https://example.invalid/d>")]);
      assert.equal(await answer(), "docs (https://example.invalid/a?b=c) and https://example.invalid/d");
      assert.equal(await panel.page.locator(".answer-text a").count(), 0);
    });

    it("hidden characters are named, and counted on a code block", async () => {
      await panel.state([doneTurn("a\u202eb\n\n```js\nif (x\u202e) {}\u2066\n```")]);
      assert.match(await answer(), /aU\+202Eb/);
      assert.match(await answer(), /2 hidden characters/);
    });

    it("copies the answer, asks again, clears", async () => {
      await panel.state([doneTurn("x")]);
      for (const name of ["copyAnswer", "askAgain", "clear"]) await panel.byTestId(name).click();
      assert.deepEqual((await panel.posted()).slice(1), [{ type: "copy", turn: "turn-1" }, { type: "askAgain", turn: "turn-1" }, { type: "clear" }]);
      await panel.state([], { cleared: true });
      await panel.byTestId("empty").waitFor();
      assert.equal(await panel.byTestId("clear").isVisible(), false);
      await panel.byTestId("undoClear").click();
      assert.deepEqual(await last(), { type: "undoClear" });
      await panel.send({ type: "turnStarted", turn: answering });
      assert.equal(await panel.byTestId("undoClear").count(), 0);
    });

    it("says when it is older than the host", async () => {
      await panel.send({ type: "otherVersion" });
      await panel.page.getByText("Reload the window").waitFor();
    });

    it("says when older turns are not shown and when nothing is kept", async () => {
      await panel.state([doneTurn("x")], { earlier: true, notice: "Not kept." });
      assert.match(await panel.page.locator(".notes").innerText(), /Not kept\.\s+Earlier questions are kept on disk/);
    });
  });

  describe("place", () => {
    const long = Array.from({ length: 80 }, (_, index) => `Line ${index}.`).join("\n\n");
    const fromEnd = (): Promise<number> => panel.page.evaluate("(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.querySelector('.scroller'))");

    beforeEach(() => panel.state([doneTurn(long, { id: "t1", status: { state: "answering" } })]));

    it("follows the answer for a reader at the end", async () => {
      assert.ok((await fromEnd()) < 2);
      await panel.send({ type: "delta", turn: "t1", text: "\n\nMore.\n\nAnd the end." });
      await panel.page.getByText("And the end.").waitFor();
      assert.ok((await fromEnd()) < 2);
    });

    it("leaves a reader who has scrolled up where they are", async () => {
      await panel.page.evaluate("document.querySelector('.scroller').scrollTop = 100");
      await panel.send({ type: "delta", turn: "t1", text: "\n\nMore.\n\nAnd the end." });
      await panel.page.getByText("And the end.").waitFor({ state: "attached" });
      assert.equal(await panel.page.evaluate("document.querySelector('.scroller').scrollTop"), 100);
    });
  });
});
