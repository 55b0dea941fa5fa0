/** The panel by the rules that can be checked by machine, in the editor's dark, light and high-contrast colours. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import { startBrowser } from "../../../scripts/editorHost/browser";
import { correctedTurn, doneTurn, PanelPage, servePanel, type PanelServer } from "../../support/panelPage";

const axeSource = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");

const everything = [
  "## Heading\n\nWords with `code`, **strong**, a [place](src/a.ts#L3), src/a.ts:3 and [outside](https://example.invalid/).",
  '```typescript\n// A comment\nexport class A { b = "text" + 1; c(d: number): void {} }\n@dec()\n```',
  "```py\ndef f(x):\n    return None  # a comment\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n> quote\n\n- list\u202e",
].join("\n\n");
const basis = { kind: "model" as const, model: "Small Coder", sources: [{ file: "src/a.ts", startLine: 3, endLine: 9, tokens: 12 }], leftOut: [{ file: "b.ts", reason: "does not fit" }] };

const scenes = {
  empty: [],
  answered: [doneTurn(everything, { basis })],
  answering: [doneTurn("Because", { basis, status: { state: "answering" } })],
  failed: [doneTurn("Beca", { basis, status: { state: "failed", cause: "The engine stopped.", retry: true } })],
  stopped: [doneTurn("Beca", { basis, status: { state: "stopped" } })],
  offered: [doneTurn("Because", { basis, offer: { endpoint: "Lab", words: "The local answer looks unsure: ask Lab? Would send 3 files, 4.1 kB.", why: ["Its unsureness is 0.71."] } })],
  correcting: [correctedTurn("Because", "Beca", { state: "answering" }, { basis })],
  corrected: [correctedTurn(`${everything}\n\nThis goes.`, `${everything.replace("Words", "Phrases").replace("return None", "return x")}\n\nAnd that is new here.`, undefined, { basis })],
  notCorrected: [correctedTurn("Because", "Beca", { state: "failed", cause: "The network went away.", retry: true }, { basis })],
} as const;

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}

describe("webview: accessibility", function () {
  this.timeout(60_000);
  let browser: Browser;
  let server: PanelServer;

  before(async () => {
    browser = await startBrowser();
    server = await servePanel();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  for (const theme of ["dark", "light", "highContrast"] as const) {
    for (const [name, turns] of Object.entries(scenes)) {
      it(`${name}, ${theme}`, async () => {
        const panel = await PanelPage.open(browser, server, theme);
        await panel.state(turns, { notice: "A notice.", endpoint: "Lab", kept: { words: "92 % of answers stayed on this machine", figures: "46 of 50 in this workspace" } });
        await panel.page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
        assert.deepEqual(await violations(panel), []);
        await panel.close();
      });
    }
  }

  it("the check can fail: grey on grey is found", async () => {
    const panel = await PanelPage.open(browser, server);
    await panel.state(scenes.answered);
    await panel.page.evaluate("document.documentElement.style.setProperty('--vscode-sideBar-foreground', '#333333')");
    assert.ok((await violations(panel)).some((line) => line.startsWith("color-contrast")));
    await panel.close();
  });

  it("everything can be reached by Tab, and the question comes back to focus when asked for", async () => {
    const panel = await PanelPage.open(browser, server);
    await panel.state(scenes.failed);
    await panel.send({ type: "focus" });
    const focused = (): Promise<string | undefined> => panel.page.evaluate("document.activeElement.dataset.testid");
    assert.equal(await focused(), "question");
    const reached = new Set<string>();
    for (let presses = 0; presses < 12; presses++) {
      await panel.page.keyboard.press("Shift+Tab");
      reached.add((await focused()) ?? "");
    }
    for (const name of ["retry", "copyAnswer"]) assert.ok(reached.has(name), name);
    await panel.close();
  });
});

async function violations(panel: PanelPage): Promise<string[]> {
  await panel.page.evaluate(axeSource);
  const found: Violation[] = await panel.page.evaluate("axe.run(document).then(({ violations }) => violations)");
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary.replace(/\s+/g, " ")}`));
}
