import { chromium, type Browser, type Page } from "playwright-core";
import { findChromium } from "./chromium";

/** Options of a quiet Chromium that calls nobody by itself. */
const chromiumOptions = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // No name resolves and nothing but this machine's own address is reached, whatever a page asks for.
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/** An open window of the served VS Code. */
export interface EditorWindow {
  readonly page: Page;
  /** Every address the page, its frames and its sockets asked for, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export interface OpenWindowOptions {
  readonly origin: string;
  /** Absolute path of the folder to open; an empty window without. */
  readonly workspace?: string | undefined;
  /** What VS Code reads from its address beside the folder, as name and value pairs. */
  readonly payload?: readonly (readonly [string, string])[];
  /** Called before the address is opened. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Starts a headless Chromium. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), headless: true, args: chromiumOptions });
}

/** Opens a window and returns once the address has loaded, which is before the workbench is ready. */
export async function openWindow(browser: Browser, options: OpenWindowOptions): Promise<EditorWindow> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: options.origin });
  const page = await context.newPage();
  const requests: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("websocket", (socket) => requests.push(socket.url()));
  await options.prepare?.(page);
  const payload = options.payload ? `&payload=${encodeURIComponent(JSON.stringify(options.payload))}` : "";
  const opened = options.workspace === undefined ? "ew=true" : `folder=${encodeURI(options.workspace)}`;
  await page.goto(`${options.origin}/?${opened}${payload}`);
  return { page, requests, close: () => context.close() };
}
