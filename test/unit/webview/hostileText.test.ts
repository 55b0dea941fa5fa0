/**
 * What a model writes loads nothing, runs nothing and leads nowhere. The real bundle on its real page in a real browser;
 * the walls are also tried one by one, and a last group shows that the check can fail.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import MarkdownIt from "markdown-it";
import type { Browser, Page } from "playwright-core";
import { contentSecurityPolicy } from "../../../src/editor/chat/html";
import { isWorkspaceRelative } from "../../../src/protocol/chatView";
import { startBrowser } from "../../../scripts/editorHost/browser";
import { correctedTurn, doneTurn, PanelPage, serveCanary, servePanel, type PanelServer } from "../../support/panelPage";
import { hostilePayloads } from "./hostilePayloads";

/** Elements that an answer may be made of: the panel's own and the sanitiser's list. */
const harmless = new Set(
  "DIV P BR HR STRONG EM S CODE PRE UL OL LI BLOCKQUOTE H3 H4 H5 H6 TABLE THEAD TBODY TR TH TD A SPAN BUTTON INS DEL".split(" "),
);

describe("webview: hostile text", function () {
  this.timeout(120_000);
  let browser: Browser;
  let server: PanelServer;
  let canary: Awaited<ReturnType<typeof serveCanary>>;

  before(async () => {
    browser = await startBrowser();
    server = await servePanel();
    canary = await serveCanary();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await canary?.close();
  });
  beforeEach(() => void canary.visits.splice(0));

  const armed = (payload: string): string => payload.replaceAll("CANARYHOST", canary.origin.slice("http://".length)).replaceAll("CANARY", canary.origin);

  it("has enough to try", () => assert.ok(new Set(hostilePayloads).size >= 150));

  it("in the panel: no request, no script, no blocked attempt, no foreign element, no way out", async () => {
    const panel = await PanelPage.open(browser, server);
    const requests = watchRequests(panel.page);
    for (const payload of hostilePayloads) {
      await panel.state([doneTurn(armed(payload), { question: payload, id: "hostile" })]);
      const found = await inspectAnswer(panel.page);
      assert.deepEqual(found.tags.filter((tag) => !harmless.has(tag)), [], payload);
      assert.deepEqual(found.attributes.filter(([name, value]) => isDangerous(name, value)), [], payload);
      for (const link of await panel.page.locator(".answer-text a").all()) await link.click();
      assert.deepEqual(await panel.page.evaluate("window.runs"), [], payload);
      assert.deepEqual(await panel.page.evaluate("window.violations"), [], payload);
    }
    const opened = (await panel.posted()).filter(({ type }) => type !== "ready");
    for (const message of opened) assert.ok(message.type === "openSource" && isWorkspaceRelative(message.file), JSON.stringify(message));
    assert.deepEqual(requests, []);
    assert.deepEqual(canary.visits, []);
    assert.equal(panel.page.url(), `${server.origin}/`);
    await panel.close();
  });

  it("streamed in pieces: the same", async () => {
    const panel = await PanelPage.open(browser, server);
    const requests = watchRequests(panel.page);
    for (const payload of hostilePayloads.slice(0, 60)) {
      const text = armed(payload);
      await panel.state([doneTurn("", { id: "hostile", status: { state: "answering" } })]);
      for (let at = 0; at < text.length; at += 16) await panel.send({ type: "delta", turn: "hostile", text: text.slice(at, at + 16) });
      await panel.send({ type: "stopped", turn: "hostile" });
    }
    assert.deepEqual(await panel.page.evaluate("window.runs.concat(window.violations)"), []);
    assert.deepEqual([...requests, ...canary.visits], []);
    await panel.close();
  });

  it("as a correction, and as the draft that one takes the place of: changes are no way around the sanitiser", async () => {
    const panel = await PanelPage.open(browser, server);
    const requests = watchRequests(panel.page);
    // Each payload meets the next one in four ways; by default every third of them, all with GHOSTLIGHT_FULL=1.
    const step = process.env["GHOSTLIGHT_FULL"] === "1" ? 1 : 3;
    for (const [index, payload] of hostilePayloads.entries()) {
      if (index % step !== 0) continue;
      const text = armed(payload);
      const beside = armed(hostilePayloads[(index + 1) % hostilePayloads.length] ?? "");
      // Replaced, marked word by word (most of the text is the same), and put in.
      const pairs: [string, string][] = [[text, beside], [`${text} one two three four`, `${text} one two five four`], [`one two three four ${text}`, `one two three five ${beside}`], ["a", `a\n\n${text}`]];
      for (const [draft, corrected] of pairs) {
        await panel.state([correctedTurn(draft, corrected, undefined, { id: "hostile", question: "q" })]);
        const found = await inspectAnswer(panel.page);
        assert.deepEqual(found.tags.filter((tag) => !harmless.has(tag)), [], payload);
        assert.deepEqual(found.attributes.filter(([name, value]) => isDangerous(name, value)), [], payload);
      }
      assert.deepEqual(await panel.page.evaluate("window.runs.concat(window.violations)"), [], payload);
    }
    for (const name of ["words", "because", "cause", "endpoint"]) {
      const text = armed(hostilePayloads.find((payload) => payload.includes("<img")) ?? "<img src=x onerror=ran()>");
      const offer = { endpoint: name === "endpoint" ? text : "Lab", words: name === "words" ? text : "w", why: [text] };
      const status = name === "because" ? { state: "refused" as const, because: text } : { state: "failed" as const, cause: text, retry: true };
      await panel.state([doneTurn("x", { id: "a", offer }), doneTurn("x", { id: "b", correction: { endpoint: text, text: "", status } })], { endpoint: text, kept: { words: text, figures: text } });
      assert.equal(await panel.page.locator("img, script, iframe").count() - await panel.page.locator("body > script").count(), 0, name);
    }
    assert.deepEqual(await panel.page.evaluate("window.runs.concat(window.violations)"), []);
    assert.deepEqual([...requests, ...canary.visits], []);
    await panel.close();
  });

  it("markup becomes nodes in one place only, the sanitiser", () => {
    const folder = fileURLToPath(new URL("../../../src/webview", import.meta.url));
    const sources = readdirSync(folder).filter((name) => name.endsWith(".ts")).map((name) => ({ name, text: readFileSync(`${folder}/${name}`, "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "") }));
    const filesWith = (pattern: RegExp): string[] => sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name);
    assert.deepEqual(filesWith(/innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|parseFromString|setHTML|srcdoc|document\.write/), []);
    assert.deepEqual(filesWith(/\bDOMPurify\b/), ["markdown.ts"]);
    // What `render` makes is compared in one file and sanitised in the other.
    assert.deepEqual(filesWith(/\brender\(\)/), ["answerBody.ts", "changes.ts"]);
    assert.deepEqual(sources.find(({ name }) => name === "answerBody.ts")?.text.match(/.{10}render\(\)/g), [" sanitise(render()"]);
  });

  it("with no sanitiser at all, the page's policy alone lets nothing out", async () => {
    const { ran, reached } = await openRaw(contentSecurityPolicy({ nonce: "bm9uY2U", cspSource: server.origin }));
    assert.deepEqual(ran, []);
    assert.deepEqual(reached, []);
  });

  it("in the panel, the checks can fail: unsanitised markup is seen as foreign, and blocked by the policy", async () => {
    const panel = await PanelPage.open(browser, server);
    await panel.state([doneTurn("x")]);
    const markup = armed("<img src=CANARY/1 onerror=ran()><p onclick=ran()>x</p>");
    await panel.page.evaluate(`document.querySelector(".answer-text").innerHTML = ${JSON.stringify(markup)}`);
    await panel.page.waitForFunction("window.violations.length >= 2");
    const found = await inspectAnswer(panel.page);
    assert.ok(found.tags.includes("IMG"));
    assert.ok(found.attributes.some(([name, value]) => isDangerous(name, value)));
    assert.deepEqual(await panel.page.evaluate("window.runs"), []);
    assert.deepEqual(canary.visits, []);
    await panel.page.evaluate("window.ran()");
    assert.deepEqual(await panel.page.evaluate("window.runs"), ["ran"]);
    await panel.close();
  });

  it("without both, the same texts do reach out and run: the check can fail", async () => {
    const { ran, reached } = await openRaw(undefined);
    assert.ok(ran.length >= 10, `${ran.length} ran`);
    assert.ok(reached.length >= 40, `${reached.length} reached the canary`);
  });

  /** Opens every payload as unsanitised HTML, in a frame that may only show our own pages, as VS Code frames a webview. */
  async function openRaw(policy: string | undefined): Promise<{ ran: string[]; reached: string[] }> {
    const raw = new MarkdownIt({ html: true });
    raw.validateLink = () => true;
    const meta = policy === undefined ? "" : `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
    const page = await browser.newPage();
    const ran: string[] = [];
    await page.exposeFunction("ran", () => void ran.push("ran"));
    const texts = hostilePayloads.map((payload) => raw.render(armed(payload)));
    for (const [index, text] of texts.entries()) {
      server.pages.set(`/raw-${index}`, { type: "text/html", body: `<!DOCTYPE html><html><head>${meta}</head><body>${text}</body></html>` });
    }
    for (let first = 0; first < texts.length; first += 20) {
      const frames = texts.slice(first, first + 20).map((_, index) => `<iframe src="/raw-${first + index}"></iframe>`);
      const frameSource = `<meta http-equiv="Content-Security-Policy" content="frame-src ${policy === undefined ? "*" : "'self'"}">`;
      server.pages.set("/outer", { type: "text/html", body: frameSource + frames.join("") });
      await page.goto(`${server.origin}/outer`, { waitUntil: "networkidle" });
    }
    await page.close();
    return { ran, reached: [...canary.visits] };
  }
});

/** Every request the page makes from now on. */
function watchRequests(page: Page): string[] {
  const requests: string[] = [];
  page.on("request", (request) => void requests.push(request.url()));
  return requests;
}

async function inspectAnswer(page: Page): Promise<{ tags: string[]; attributes: [string, string][] }> {
  return page.evaluate(`(() => {
    const all = [...document.querySelectorAll(".answer-text *")];
    return {
      tags: [...new Set(all.map((element) => element.tagName))],
      attributes: all.flatMap((element) => [...element.attributes].map(({ name, value }) => [name, value])),
    };
  })()`);
}

function isDangerous(name: string, value: string): boolean {
  if (name === "href") return value !== "#";
  const known = ["class", "start", "title", "type", "role", "tabindex"];
  return !known.includes(name) && !name.startsWith("data-") && !name.startsWith("aria-");
}
