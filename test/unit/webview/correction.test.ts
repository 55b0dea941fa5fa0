/** Offers and corrections as a person sees and works them: the real bundle in a real browser, the test in the host's place. */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import type { CorrectionView, OfferView } from "../../../src/protocol/chatView";
import { startBrowser } from "../../../scripts/editorHost/browser";
import { correctedTurn, doneTurn, PanelPage, servePanel, type PanelServer } from "../../support/panelPage";

const offer: OfferView = { endpoint: "Lab", words: "The local answer looks unsure: ask Lab? Would send 3 files, 4.1 kB.", why: ["Its unsureness is 0.71.", "One block does not parse."] };
const failure: CorrectionView["status"] = { state: "failed", cause: "The network went away.", retry: true };

describe("webview: offers and corrections", function () {
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
  const correction = (status: CorrectionView["status"], text = ""): { type: "correction"; turn: string; correction: CorrectionView } => ({ type: "correction", turn: "turn-1", correction: { endpoint: "Lab", text, status } });
  const focused = (): Promise<string | undefined> => panel.page.evaluate("document.activeElement.dataset.testid");
  /** The changes in a small notation: `[-taken out-]` and `{+put in+}`, blocks apart by a bar. */
  const changes = (): Promise<string> => panel.page.evaluate(`[...document.querySelectorAll("[data-testid=changes] > *")].map((block) => {
    const copy = block.cloneNode(true);
    for (const bar of copy.querySelectorAll(".code-bar")) bar.remove();
    for (const one of copy.querySelectorAll("del")) one.textContent = "[-" + one.textContent + "-]";
    for (const one of copy.querySelectorAll("ins")) one.textContent = "{+" + one.textContent + "+}";
    const text = copy.textContent.trim();
    return block.classList.contains("deleted") ? "[-" + text + "-]" : block.classList.contains("inserted") ? "{+" + text + "+}" : text;
  }).join(" | ")`);

  describe("an offer", () => {
    beforeEach(async () => {
      await panel.state([doneTurn("x")], { endpoint: "Lab" });
      await panel.send({ type: "offer", turn: "turn-1", offer });
    });

    it("says what would be sent and why, and posts what is answered, nothing of its own", async () => {
      assert.match(await panel.byTestId("offer").innerText(), /ask Lab\? Would send 3 files, 4\.1 kB\./);
      await panel.page.getByText("Why?").click();
      assert.deepEqual(await panel.byTestId("offerWhy").locator("li").allInnerTexts(), offer.why);
      assert.equal((await panel.posted()).length, 1);
      await panel.byTestId("offerDecline").click();
      assert.deepEqual(await last(), { type: "declineEndpoint", turn: "turn-1" });
      await panel.byTestId("offerAsk").click();
      assert.deepEqual(await last(), { type: "askEndpoint", turn: "turn-1" });
    });

    it("both buttons are named and reached by Tab", async () => {
      await panel.send({ type: "focus" });
      const reached: (string | undefined)[] = [];
      for (let presses = 0; presses < 8; presses++) {
        await panel.page.keyboard.press("Shift+Tab");
        reached.push(await focused());
      }
      for (const name of ["offerAsk", "offerDecline"]) assert.ok(reached.includes(name), name);
      assert.match((await panel.byTestId("offerAsk").getAttribute("aria-label")) ?? "", /Lab.*What would be sent is shown first/);
      assert.match((await panel.byTestId("offerDecline").getAttribute("aria-label")) ?? "", /Not now.*Lab/);
    });

    it("taken back, leaves the person's own choice and the focus near it", async () => {
      assert.equal(await panel.byTestId("askEndpoint").count(), 0);
      await panel.byTestId("offerDecline").focus();
      await panel.send({ type: "offer", turn: "turn-1" });
      assert.equal(await panel.byTestId("offer").count(), 0);
      assert.equal(await panel.byTestId("askEndpoint").count(), 1);
      assert.equal(await focused(), "copyAnswer");
    });

    it("taken up by keyboard, the focus goes to the correction", async () => {
      await panel.byTestId("offerAsk").press("Enter");
      await panel.send({ type: "offer", turn: "turn-1" });
      await panel.send(correction({ state: "answering" }));
      assert.equal(await focused(), "correction");
    });
  });

  describe("the person's own choice", () => {
    it("stands under every answer that has ended, where an endpoint is set up", async () => {
      const states = [doneTurn("x", { id: "a" }), doneTurn("x", { id: "b", status: { state: "stopped" } }), doneTurn("", { id: "c", status: { state: "failed", cause: "No.", retry: true } })];
      await panel.state(states, { endpoint: "Lab" });
      for (const ask of await panel.byTestId("askEndpoint").all()) await ask.click();
      assert.deepEqual((await panel.posted()).slice(1), ["a", "b", "c"].map((turn) => ({ type: "askEndpoint", turn })));
      await panel.state(states);
      assert.equal(await panel.byTestId("askEndpoint").count(), 0);
    });

    it("not while something is being answered", async () => {
      await panel.state([doneTurn("x", { id: "a" }), doneTurn("", { id: "b", status: { state: "answering" } })], { endpoint: "Lab" });
      assert.equal(await panel.byTestId("askEndpoint").first().isVisible(), false);
    });

    it("an empty conversation says on what terms something leaves", async () => {
      await panel.state([], { endpoint: "Lab" });
      assert.match(await panel.byTestId("empty").innerText(), /Nothing leaves this machine unless you ask Lab and agree/);
    });
  });

  describe("a correction", () => {
    it("streams under its label beside the draft; stop works", async () => {
      await panel.state([doneTurn("The draft.")], { endpoint: "Lab" });
      await panel.send(correction({ state: "answering" }));
      assert.equal(await panel.byTestId("correctionLabel").innerText(), "Lab verifies and corrects");
      await panel.send({ type: "correctionDelta", turn: "turn-1", text: "The **bet" });
      await panel.send({ type: "correctionDelta", turn: "turn-1", text: "ter**" });
      await panel.byTestId("corrected").locator("strong", { hasText: "better" }).waitFor();
      assert.equal(await panel.byTestId("corrected").getAttribute("aria-busy"), "true");
      assert.equal(await panel.byTestId("answer").innerText(), "The draft.");
      await panel.byTestId("stop").click();
      assert.deepEqual(await last(), { type: "stop" });
      await panel.send(correction({ state: "stopped" }, "The **better**"));
      assert.match(await panel.byTestId("correction").innerText(), /Stopped\. Part of the correction by Lab[^]*The better/);
      assert.equal(await panel.byTestId("answer").innerText(), "The draft.");
      await panel.byTestId("send").waitFor();
    });

    it("whole, shows what changed; the corrected answer and the draft are one press away", async () => {
      await panel.state([correctedTurn("It finds **soup**, or null.\n\nIt stays.", "It finds **stew**, or null.\n\nIt stays.")]);
      assert.equal(await changes(), "It finds [-soup-]{+stew+}, or null. | It stays.");
      assert.equal(await panel.byTestId("answer").isVisible(), false);
      await panel.byTestId("side-corrected").click();
      assert.match(await panel.byTestId("corrected").innerText(), /^It finds stew, or null\.\n+It stays\.$/);
      assert.equal(await panel.byTestId("changes").isVisible(), false);
      await panel.byTestId("side-draft").press("Enter");
      assert.match(await panel.byTestId("answer").innerText(), /^It finds soup, or null\.\n+It stays\.$/);
      assert.deepEqual(await panel.page.evaluate(`[...document.querySelectorAll(".side")].map((side) => side.getAttribute("aria-pressed"))`), ["false", "false", "true"]);
      await panel.byTestId("side-changes").click();
      assert.equal(await panel.byTestId("changes").isVisible(), true);
    });

    it("code of the correction is copied and inserted as the correction's, and so is the whole", async () => {
      await panel.state([correctedTurn("a", "b\n\n```ts\nlet b;\n```")]);
      await panel.byTestId("side-corrected").click();
      for (const name of ["copy", "insert"]) await panel.byTestId("corrected").getByTestId(name).click();
      await panel.byTestId("copyAnswer").click();
      assert.deepEqual((await panel.posted()).slice(1), [
        { type: "copy", turn: "turn-1", of: "correction", block: { start: 2, end: 5 } },
        { type: "insertAtCursor", turn: "turn-1", of: "correction", block: { start: 2, end: 5 } },
        { type: "copy", turn: "turn-1", of: "correction" },
      ]);
    });

    it("that found nothing to change says so, and the draft stands", async () => {
      await panel.state([correctedTurn("The draft.", "The draft.", { state: "done", unchanged: true })]);
      assert.equal(await panel.byTestId("correctionLabel").innerText(), "Lab found nothing to change.");
      assert.equal(await panel.byTestId("answer").innerText(), "The draft.");
      assert.deepEqual([await panel.byTestId("sides").isVisible(), await panel.byTestId("corrected").isVisible()], [false, false]);
    });

    it("cut half-way: the draft is whole, the part is called a part, with its cause and a retry", async () => {
      await panel.state([correctedTurn("The draft.", "The bet", failure)], { endpoint: "Lab" });
      assert.equal(await panel.byTestId("answer").innerText(), "The draft.");
      assert.match(await panel.byTestId("correction").innerText(), /^Part of the correction by Lab, not checked to its end:\s+The bet\s+The correction broke off\. The network went away\./);
      assert.equal(await panel.byTestId("askEndpoint").count(), 0);
      await panel.byTestId("correctionRetry").click();
      assert.deepEqual(await last(), { type: "askEndpoint", turn: "turn-1" });
    });

    it("failed before a word, or refused: says why, and the choice stays", async () => {
      await panel.state([correctedTurn("The draft.", "", { ...failure, retry: false })], { endpoint: "Lab" });
      assert.match(await panel.byTestId("correction").innerText(), /^No correction\. The network went away\.$/);
      assert.equal(await panel.byTestId("askEndpoint").count(), 1);
      await panel.state([correctedTurn("The draft.", "", { state: "refused", because: "You kept it local." })], { endpoint: "Lab" });
      assert.equal(await panel.byTestId("correctionRefused").innerText(), "Lab was not asked. You kept it local.");
      assert.equal(await panel.byTestId("askEndpoint").count(), 1);
    });

    it("of a turn without a draft is an answer", async () => {
      await panel.state([correctedTurn("", "An answer.", { state: "done", unchanged: false }, { status: { state: "failed", cause: "The engine stopped.", retry: true } })]);
      assert.match(await panel.byTestId("correction").innerText(), /^Answered by Lab\s+An answer\.$/);
      assert.equal(await panel.byTestId("sides").isVisible(), false);
    });
  });

  describe("changes", () => {
    const cases: [name: string, draft: string, corrected: string, expected: string][] = [
      ["words in their places", "a b c d e", "a x c d", "a [-b-]{+x+} c d[- e-]"],
      ["a paragraph put in, one taken out", "One two three.\n\nFour five six.", "One two three.\n\nSeven eight nine.\n\nFour five six.", "One two three. | {+Seven eight nine.+} | Four five six."],
      ["a paragraph that is another one", "All of this is gone.", "Nobody knows why.", "[-All of this is gone.-] | {+Nobody knows why.+}"],
      ["a version is found behind something new", "The shelf finds soup at home.", "Something else here entirely.\n\nThe shelf finds stew at home.", "{+Something else here entirely.+} | The shelf finds [-soup-]{+stew+} at home."],
      ["code", "```ts\nconst a = 1;\nconst b = 2;\n```", "```ts\nconst a = 1;\nconst b = 3;\n```", "const a = 1;\nconst b = [-2-]{+3+};"],
      ["only formatting or a citation's place: both blocks are shown", "See [it](a.ts#L3) there.", "See [it](a.ts#L4) there.", "[-See it there.-] | {+See it there.+}"],
      ["code that only moved is no change", "a\n\n```ts\nb\n```", "a\n\nnew words\n\n```ts\nb\n```", "a | {+new words+} | b"],
    ];
    for (const [name, draft, corrected, expected] of cases) {
      it(name, async () => {
        await panel.state([correctedTurn(draft, corrected)]);
        assert.equal(await changes(), expected);
      });
    }

    it("indentation taken out of or put into code is marked", async () => {
      await panel.state([correctedTurn("```py\nif a:\n    b()\nc()\n```", "```py\nif a:\n    b()\n    c()\n```")]);
      assert.match(await changes(), /\{\+ +\+\}/);
    });

    it("no mark stands where only list items or cells may", async () => {
      await panel.state([correctedTurn("- one here\n- two here\n- three here\n\n| a | b |\n| - | - |\n| 1 | 2 |\n| 3 | 4 |", "- one here\n- three here\n\n| a | b |\n| - | - |\n| 3 | 4 |")]);
      const misplaced: string[] = await panel.page.evaluate(`[...document.querySelectorAll("ul > :not(li), ol > :not(li), tr > :not(th, td), :is(table, tbody, thead) > :is(ins, del)")].map(({ tagName }) => tagName)`);
      assert.deepEqual(misplaced, []);
      assert.match(await changes(), /\[-.*two here.*-\]|\[-two-\]/s);
    });

    it("what was there and what is there can be read back from the marks, whatever the words", async () => {
      const texts = ["a b c", "a c b", "- a\n- b c\n- d", "- a\n- d", "1. a\n2. `b` **c**", "> a b\n> c", "`a` b\n\nc d", "# a\n\nb c\n\n```\nd\n```", "| a | b |\n| - | - |\n| c | d |", "[a](b.ts#L1) c", "a\u202eb c d"];
      for (const draft of texts) for (const corrected of texts) {
        if (draft === corrected) continue;
        await panel.state([correctedTurn(draft, corrected)]);
        const read: { before: string; after: string } = await panel.page.evaluate(`(() => {
          const words = (root, gone) => { const copy = root.cloneNode(true); for (const one of copy.querySelectorAll(gone)) one.remove(); return copy.textContent.replace(/\\s+/g, ""); };
          const changes = document.querySelector("[data-testid=changes]");
          return { before: words(changes, "ins, .inserted"), after: words(changes, "del, .deleted") };
        })()`);
        const plain = (selector: string): Promise<string> => panel.page.evaluate(`(() => { const copy = document.querySelector(${JSON.stringify(selector)}).cloneNode(true); for (const one of copy.querySelectorAll("button")) one.remove(); return copy.textContent.replace(/\\s+/g, ""); })()`);
        assert.deepEqual(read, { before: await plain("[data-testid=answer] .answer-text"), after: await plain("[data-testid=corrected] .answer-text") }, JSON.stringify([draft, corrected]));
      }
    });
  });

  it("the share kept is in the foot with its figures, and absent before there is one", async () => {
    await panel.state([doneTurn("x")]);
    assert.equal(await panel.byTestId("kept").isVisible(), false);
    await panel.send({ type: "kept", kept: { words: "92 % of answers stayed on this machine", figures: "46 of 50 in this workspace" } });
    assert.equal(await panel.byTestId("kept").innerText(), "92 % of answers stayed on this machine");
    assert.equal(await panel.byTestId("kept").getAttribute("title"), "46 of 50 in this workspace");
  });
});
