import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { logLines, untilLogged } from "./records";
import type { Session } from "./session";
import type { SurePlace } from "./surePlace";
import { ghostText, ghostTextParts, openAt, openPanel, panelFrame, patience, save, untilActiveFile, untilCursorOnLine } from "./workbench";

/** Types at a sure place and returns the ghost text that shows. */
export async function typeAndSeeGhostText(session: Session, place: SurePlace): Promise<string> {
  const { page } = session;
  await openAt(page, place.file, place.line, 1);
  // A person's rhythm: an unfinished request is cancelled by the next key, as it will be for them.
  await page.keyboard.type(place.typed, { delay: 40 });
  const shown = await ghostText(page);
  assert.match(shown, place.expected);
  return shown;
}

/** Types at a place and sees that the request for its last key was answered with nothing. */
export async function assertNoGhostText(session: Session, place: SurePlace): Promise<void> {
  const { page } = session;
  await openAt(page, place.file, place.line, 1);
  await page.keyboard.insertText(place.typed.slice(0, -1));
  const before = (await logLines(session)).length;
  await page.keyboard.type(place.typed.slice(-1));
  assert.match(await untilLogged(session, /completion: (?:shown|nothing)/, before), /nothing: /);
  assert.equal(await ghostTextParts(page).count(), 0);
}

/** Accepts what shows, saves, and checks the file on disk: what was typed, what was shown, and nothing else changed. */
export async function acceptAndSave(session: Session, place: SurePlace, shown: string): Promise<void> {
  const file = path.join(session.workspace, place.file);
  const before = (await readFile(file, "utf8")).split("\n");
  await session.page.keyboard.press("Tab");
  await save(session.page);
  const after = (await readFile(file, "utf8")).split("\n");
  const added = after.slice(place.line - 1, after.length - (before.length - place.line)).join("\n");
  const written = withoutIndent(place.typed + shown);
  // A bracket that stays open is closed by the editor, unless the language's rules had not been read yet.
  assert.ok([written, withClosingBrackets(written)].includes(withoutIndent(added)), `the line holds what was typed and shown: ${added}`);
  assert.deepEqual(after.slice(0, place.line - 1), before.slice(0, place.line - 1), "lines above");
  assert.deepEqual(after.slice(after.length - (before.length - place.line)), before.slice(place.line), "lines below");
}

const count = (text: string, sign: string): number => text.split(sign).length - 1;
const withClosingBrackets = (text: string): string => text + ")".repeat(Math.max(0, count(text, "(") - count(text, ")")));
const withoutIndent = (text: string): string => text.replace(/^[ \t]+/gm, "").trimEnd();

/** Asks in the panel and waits for a finished answer with a citation; returns the answer's text. */
export async function askInPanel(session: Session, question: string): Promise<string> {
  await openPanel(session.page);
  const panel = panelFrame(session.page);
  const box = panel.locator("[data-testid=question]");
  await box.waitFor({ timeout: patience });
  const earlier = await panel.locator("[data-testid=answer]").count();
  await box.fill(question);
  await panel.locator("[data-testid=send]").click();
  // Busy as long as it streams; those before it are not.
  const answer = panel.locator("[data-testid=answer]").nth(earlier).and(panel.locator("[aria-busy=false]"));
  await answer.waitFor({ timeout: patience });
  await citations(session).first().waitFor({ timeout: patience });
  return (await answer.innerText()).trim();
}

/** Clicks the first citation of the answer and waits until its place is open with the cursor there. */
export async function openFirstCitation(session: Session): Promise<{ words: string; line: number }> {
  const citation = citations(session).first();
  const words = (await citation.innerText()).trim();
  const place = /([\w.-]+\.\w+)(?::|, lines? |#L| )(\d+)/.exec(`${words} ${(await citation.getAttribute("title")) ?? ""}`);
  assert.ok(place?.[1] && place[2], `the citation names a file and a line: ${words}`);
  await citation.click();
  await untilActiveFile(session.page, place[1]);
  const line = Number(place[2]);
  await untilCursorOnLine(session.page, line);
  return { words, line };
}

function citations(session: Session): ReturnType<ReturnType<typeof panelFrame>["locator"]> {
  return panelFrame(session.page).locator("[data-testid=answer]").last().locator("[data-testid=citation]");
}
