/** The real panel bundle on its real page, with a stand-in for VS Code around it. */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { panelHtml } from "../../src/editor/chat/html";
import { CHAT_PROTOCOL_VERSION, type CorrectionView, type HostMessage, type KeptView, type TurnView, type UnnumberedHostMessage, type ViewMessage } from "../../src/protocol/chatView";
import { themes, webviewDefaults, type ThemeName } from "./themes";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A page of the server: a path and what it answers with. */
export type Pages = Map<string, { readonly type: string; readonly body: string }>;

export interface PanelServer {
  readonly origin: string;
  /** More pages may be added at any time. */
  readonly pages: Pages;
  close(): Promise<void>;
}

/** Serves the panel's page, its script as `esbuild.js` bundles it, and its style sheet, on a local port. */
export async function servePanel(): Promise<PanelServer> {
  const pages: Pages = new Map();
  pages.set("/chat.js", { type: "text/javascript", body: await bundle() });
  const sheets = ["chat.css", "answer.css", "correction.css"];
  for (const sheet of sheets) pages.set(`/${sheet}`, { type: "text/css", body: readFileSync(`${root}media/${sheet}`, "utf8") });
  const { server, origin } = await listen((path) => pages.get(path));
  const page = { nonce: "bm9uY2U", cspSource: origin, scriptUri: `${origin}/chat.js`, styleUris: sheets.map((sheet) => `${origin}/${sheet}`) };
  pages.set("/", { type: "text/html", body: panelHtml(page) });
  return { origin, pages, close: () => closeServer(server) };
}

/** A server that nobody should ever reach; it counts who does. */
export async function serveCanary(): Promise<{ origin: string; visits: string[]; close(): Promise<void> }> {
  const visits: string[] = [];
  const { server, origin } = await listen((path) => {
    visits.push(path);
    return { type: "text/plain", body: "" };
  });
  return { origin, visits, close: () => closeServer(server) };
}

/** One open panel. */
export class PanelPage {
  readonly page: Page;
  #sequence = 0;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, server: PanelServer, theme: ThemeName = "dark", size = { width: 420, height: 760 }): Promise<PanelPage> {
    const page = await browser.newPage({ viewport: size, reducedMotion: "reduce" });
    await page.addInitScript(vsCodeStandIn(theme));
    await page.goto(server.origin);
    const panel = new PanelPage(page);
    await panel.waitForPosted("ready");
    return panel;
  }

  /** Sends a host message with the next number. A state starts the numbering anew. */
  async send(message: UnnumberedHostMessage): Promise<void> {
    if (message.type === "state") this.#sequence = 0;
    await this.sendNumbered({ ...message, sequence: this.#sequence++ });
  }

  /** Sends a host message as it is, and waits until the page has taken it. */
  async sendNumbered(message: HostMessage): Promise<void> {
    await this.page.evaluate(`new Promise((taken) => {
      window.addEventListener("message", () => requestAnimationFrame(() => taken()), { once: true });
      window.postMessage(${JSON.stringify(message)}, "*");
    })`);
  }

  /** A conversation of these turns. */
  async state(turns: readonly TurnView[], more: { model?: string; notice?: string; earlier?: boolean; cleared?: boolean; endpoint?: string; kept?: KeptView } = {}): Promise<void> {
    await this.send({ type: "state", version: CHAT_PROTOCOL_VERSION, turns: [...turns], earlier: false, cleared: false, ...more });
  }

  /** What the panel has told the host since it was opened. */
  async posted(): Promise<ViewMessage[]> {
    return this.page.evaluate("window.posted");
  }

  async waitForPosted(type: ViewMessage["type"], count = 1): Promise<void> {
    await this.page.waitForFunction(`window.posted.filter((message) => message.type === "${type}").length >= ${count}`);
  }

  byTestId(name: string): ReturnType<Page["getByTestId"]> {
    return this.page.getByTestId(name);
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

/** A finished turn. */
export function doneTurn(text: string, more: Partial<TurnView> = {}): TurnView {
  const basis = { kind: "index" as const, sources: [], leftOut: [] };
  return { id: "turn-1", question: "What is this?", text, basis, status: { state: "done" }, ...more };
}

/** A turn whose draft was corrected, by "Lab". */
export function correctedTurn(draft: string, text: string, status: CorrectionView["status"] = { state: "done", unchanged: false }, more: Partial<TurnView> = {}): TurnView {
  return doneTurn(draft, { correction: { endpoint: "Lab", text, status }, ...more });
}

/** What VS Code does to a webview before its script runs: its API, its class names, its colours. */
function vsCodeStandIn(theme: ThemeName): string {
  const { className, colours } = themes[theme];
  return `
    window.posted = [];
    window.runs = [];
    window.ran = () => void window.runs.push("ran");
    window.violations = [];
    let kept;
    window.acquireVsCodeApi = () => ({
      postMessage: (message) => void window.posted.push(structuredClone(message)),
      getState: () => kept,
      setState: (state) => (kept = state),
    });
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective + " " + event.blockedURI));
    document.addEventListener("DOMContentLoaded", () => {
      document.body.className = ${JSON.stringify(className)};
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(${JSON.stringify(webviewDefaults)});
      document.adoptedStyleSheets = [sheet];
      const colours = ${JSON.stringify(colours)};
      for (const [name, value] of Object.entries(colours)) document.documentElement.style.setProperty("--vscode-" + name, value);
    });`;
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${root}src/webview/chat.ts`],
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "browser",
    target: "chrome128",
    format: "iife",
    tsconfig: `${root}src/webview/tsconfig.json`,
    write: false,
    logLevel: "warning",
  });
  return outputFiles[0]?.text ?? "";
}

async function listen(answer: (path: string) => { type: string; body: string } | undefined): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const found = answer(request.url ?? "/");
    response.writeHead(found === undefined ? 404 : 200, { "content-type": `${found?.type ?? "text/plain"}; charset=utf-8`, "cache-control": "no-store" });
    response.end(found?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
