import type { FrameLocator, Locator, Page } from "playwright-core";

/** How long a step of the workbench may take before a test fails; machines without a spare core are slow. */
export const patience = 60_000;

/** The status bar item of the extension; present once it has been activated. */
export function statusItem(page: Page): Locator {
  return page.locator(".statusbar-item", { hasText: "Ghostlight" });
}

/** Waits until the status bar item says the words; without any, that the engine is ready. Before that no ghost text comes. */
export async function untilStatus(page: Page, words = "Ghostlight: ready"): Promise<void> {
  await page.locator(".statusbar-item", { hasText: words }).waitFor({ timeout: patience });
}

/** The words that the status bar item shows when the mouse rests on it; waits until they match. */
export async function statusTooltip(page: Page, words: RegExp): Promise<string> {
  await statusItem(page).hover();
  const hover = page.locator(".monaco-hover:visible, .workbench-hover:visible", { hasText: words }).first();
  await hover.waitFor({ timeout: patience });
  const text = await hover.innerText();
  await page.mouse.move(640, 400);
  return text;
}

/** Opens a file of the workspace with the cursor at a place (1-based), ready for typing. */
export async function openAt(page: Page, file: string, line: number, column: number): Promise<void> {
  const name = file.split("/").at(-1) ?? file;
  await quickInput(page, `${file}:${line}:${column}`);
  await page.locator(`.quick-input-list .monaco-list-row`, { hasText: name }).first().waitFor({ timeout: patience });
  await page.keyboard.press("Enter");
  await untilActiveFile(page, name);
  await page.locator(".editor-instance .monaco-editor.focused").waitFor({ timeout: patience });
}

/** Waits until the file of that name is in the active tab. */
export async function untilActiveFile(page: Page, name: string): Promise<void> {
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor({ timeout: patience });
}

/** Runs a command by its title in the palette. */
export async function runWorkbenchCommand(page: Page, title: string): Promise<void> {
  await quickInput(page, `>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor({ timeout: patience });
  await page.keyboard.press("Enter");
}

async function quickInput(page: Page, text: string): Promise<void> {
  await page.keyboard.press("F1");
  const box = page.locator(".quick-input-widget .quick-input-box input");
  await box.waitFor({ timeout: patience });
  await box.fill(text);
}

/** The ghost text on the screen; VS Code draws one element a token. Waits until there is some. */
export async function ghostText(page: Page): Promise<string> {
  const parts = ghostTextParts(page);
  await parts.first().waitFor({ state: "attached", timeout: patience });
  return (await parts.allTextContents()).join("").replaceAll("\u00a0", " ").replaceAll("\u00b7", " ");
}

/** Elements that ghost text is drawn with. */
export function ghostTextParts(page: Page): Locator {
  return page.locator(".ghost-text-decoration, .ghost-text, .ghost-text-decoration-preview");
}

/** Waits until the status bar says that the cursor is on the line (1-based). */
export async function untilCursorOnLine(page: Page, line: number): Promise<void> {
  await page.locator("[id='status.editor.selection']", { hasText: `Ln ${line},` }).waitFor({ timeout: patience });
}

/** Saves the active file and waits until its tab says so. */
export async function save(page: Page): Promise<void> {
  await page.keyboard.press("ControlOrMeta+S");
  await page.locator(".tab.active:not(.dirty)").waitFor({ timeout: patience });
}

/** The inside of the extension's panel, whose page stands two frames deep. */
export function panelFrame(page: Page): FrameLocator {
  return page.frameLocator("iframe.webview").frameLocator("iframe#active-frame");
}

/** Shows the extension's panel through its icon on the left. */
export async function openPanel(page: Page): Promise<void> {
  const icon = page.locator(".activitybar .action-item a[aria-label^='Ghostlight']");
  await icon.waitFor({ timeout: patience });
  if ((await page.locator("iframe.webview").count()) === 0) await icon.click();
}

/** Titles of the messages that VS Code shows in a corner. */
export async function messages(page: Page): Promise<string[]> {
  return page.locator(".notification-toast .notification-list-item-message").allInnerTexts();
}
