import type { Locator } from "playwright-core";
import type { LedgerEntry } from "../../../src/core/outgoing/ledgerLine";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { until } from "./records";
import type { Session } from "./session";
import { patience, runWorkbenchCommand } from "./workbench";

/** The list that asks whether something may leave. */
export function consentList({ page }: Session): Locator {
  return page.locator(".quick-input-widget", { hasText: "Show exactly what would leave" });
}

/** Waits for the list and gives its words: title, summary and rows. */
export async function untilConsentAsked(session: Session): Promise<string> {
  const list = consentList(session);
  await list.waitFor({ state: "visible", timeout: patience });
  const summary = await list.locator(".quick-input-box input").getAttribute("placeholder");
  return `${await list.innerText()}\n${summary ?? ""}`;
}

/** Chooses a row by its words. */
export async function chooseConsent(session: Session, words: string): Promise<void> {
  await consentList(session).locator(".monaco-list-row", { hasText: words }).first().click();
}

/** Lines of the ledger so far, oldest first; none before the first one. */
export async function ledgerLines({ server }: Session): Promise<LedgerEntry[]> {
  const file = path.join(server.userFolder, "User", "globalStorage", "ghostlight.ghostlight", "ledger.jsonl");
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as LedgerEntry);
}

/** Waits for a line of the ledger after the first `after` ones. */
export async function untilLedger(session: Session, event: LedgerEntry["event"], after = 0): Promise<LedgerEntry> {
  return until(async () => (await ledgerLines(session)).slice(after).find((line) => line.event === event), async () => `no line "${event}" came into the ledger: ${JSON.stringify((await ledgerLines(session)).slice(after))}`);
}

/** Waits until the status item of the ledger says the words. */
export async function untilLeftToday({ page }: Session, words: RegExp): Promise<void> {
  await page.locator("[id='ghostlight.ghostlight.ghostlight.ledger'], .statusbar-item[aria-label*='left this machine today']").filter({ hasText: words }).first().waitFor({ timeout: patience });
}

/** Waits for a message in the corner that holds the words, and closes it. */
export async function untilMessage({ page }: Session, words: RegExp): Promise<string> {
  const message = page.locator(".notification-toast", { hasText: words }).first();
  await message.waitFor({ timeout: patience });
  const text = await message.innerText();
  await message.hover();
  await message.locator(".codicon-notifications-clear").click();
  await message.waitFor({ state: "detached", timeout: patience });
  return text;
}

/** Shows the view of the ledger and gives the words of its rows, once `words` is among them. */
export async function ledgerRows({ page }: Session, words: RegExp): Promise<string> {
  await runWorkbenchCommand(page, "Ghostlight: Show What Left This Machine");
  const tree = page.locator(".pane", { hasText: "What left this machine" }).locator(".monaco-list, .tree-explorer-viewlet-tree-view, .welcome-view-content");
  await tree.filter({ hasText: words }).first().waitFor({ timeout: patience });
  return (await tree.allInnerTexts()).join("\n");
}
