import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { writeUserSettings } from "../../../scripts/editorHost/settings";
import { watchGhostText } from "../support/ghostTextWatch";
import { GROW_KEY, GROWS_AFTER, LONG, packGrowingText, SHORT } from "../support/growingText";
import { acceptAndSave, assertNoGhostText, typeAndSeeGhostText } from "../support/mainJob";
import { fromIgnoredFile, fromOtherFile, fromOtherFileAgain, writeRecallFiles } from "../support/recallPlaces";
import { logLines, storedIndexes, until, untilLogged } from "../support/records";
import { pictureFailures, startSession, takePicture, type Session } from "../support/session";
import { ghostText, ghostTextParts, messages, openAt, runWorkbenchCommand, save, statusTooltip, untilStatus } from "../support/workbench";

const engines = (value: "both" | "recall" | "model") => ({ "ghostlight.completion.engines": value });

describe("recall, the voice of the person's own code", () => {
  let session: Session;
  before(async () => {
    const prepareWorkspace = async (workspace: string): Promise<void> => {
      await writeRecallFiles(workspace);
      await writeFile(path.join(workspace, "growing.txt"), "");
    };
    session = await startSession({ name: "recall", settings: engines("recall"), prepareWorkspace, vsixes: [await packGrowingText()] });
    await untilStatus(session.page);
    await untilLogged(session, / recall: \d+ files/);
  });
  after(() => session?.stop());
  pictureFailures(() => session);

  it("offers a line that stands in another file; Tab accepts it, and log and status item name who spoke", async () => {
    const shown = await typeAndSeeGhostText(session, fromOtherFile);
    await takePicture(session.page, "recall");
    assert.match(await statusTooltip(session.page, /Last request/), /from your own code/);
    await acceptAndSave(session, fromOtherFile, shown);
    await untilLogged(session, /completion: shown by recall, /);
    await untilLogged(session, /completion: accepted, by recall, /);
  });

  it("speaks alone without an engine process", () => {
    assert.deepEqual(engineProcesses(session), []);
  });

  it("never brings back a line of a file that is ignored", async () => {
    await assertNoGhostText(session, fromIgnoredFile);
  });

  it("is joined by the model when the setting says both, without a reload; what is shown is then at most extended", async () => {
    const { page } = session;
    await writeUserSettings(session.server.userFolder, engines("both"));
    await untilLogged(session, /completion model ready/);
    assert.equal(engineProcesses(session).length, 1);
    await openAt(page, fromOtherFileAgain.file, fromOtherFileAgain.line, 1);
    const before = (await logLines(session)).length;
    const watch = await watchGhostText(page);
    await page.keyboard.insertText(fromOtherFileAgain.typed);
    assert.match(await ghostText(page), fromOtherFileAgain.expected);
    await untilLogged(session, /completion: shown by recall/, before);
    await untilLogged(session, /completion: follow-up: /, before);
    assertNoFlicker(await watch.after(30));
  });

  it("has a longer text shown in place of the shorter one, without a blank between", async () => {
    const { page, workspace } = session;
    await openAt(page, "growing.txt", 1, 1);
    const watch = await watchGhostText(page);
    await page.keyboard.insertText(GROWS_AFTER);
    assert.equal(await ghostText(page), SHORT);
    await page.keyboard.press(GROW_KEY);
    await ghostTextParts(page).filter({ hasText: LONG.slice(-5) }).first().waitFor({ state: "attached" });
    const sights = assertNoFlicker(await watch.after(30));
    assert.deepEqual(sights, [GROWS_AFTER + SHORT, GROWS_AFTER + LONG]);
    await page.keyboard.press("Tab");
    await save(page);
    assert.equal(await readFile(path.join(workspace, "growing.txt"), "utf8"), GROWS_AFTER + LONG);
  });

  it("is silent when the setting says model, without a reload", async () => {
    const { page } = session;
    await openAt(page, fromOtherFileAgain.file, fromOtherFileAgain.line, fromOtherFileAgain.typed.length + 1);
    await writeUserSettings(session.server.userFolder, engines("model"));
    // The setting has arrived when the same place is not answered by recall any more: only then the count begins.
    const answer = async (): Promise<string> => {
      const before = (await logLines(session)).length;
      await runWorkbenchCommand(page, "Trigger Inline Suggestion");
      return untilLogged(session, /completion: (?:shown|nothing)/, before);
    };
    await until(async () => ((await answer()).includes("by recall") ? undefined : true), () => Promise.resolve("recall goes on speaking"));
    assert.doesNotMatch(await answer(), /by (?:recall|both)/);
    await writeUserSettings(session.server.userFolder, engines("both"));
    await until(async () => ((await answer()).includes("by recall") ? true : undefined), () => Promise.resolve("recall does not speak again"));
  });

  it("takes its index over from storage when the window is opened again", async () => {
    const before = (await logLines(session)).length;
    await session.page.reload();
    const line = await untilLogged(session, / recall: \d+ files/, before);
    const [, files, stored] = /recall: (\d+) files \((\d+) from the stored index\)/.exec(line) ?? [];
    assert.ok(Number(stored) > 10, line);
    assert.ok(Number(files) - Number(stored) <= 4, `all but the files that were typed in: ${line}`);
  });

  it("forgets at the person's command, and says so", async () => {
    assert.equal((await storedIndexes(session)).length, 1);
    await runWorkbenchCommand(session.page, "Ghostlight: Forget What Recall Knows");
    await session.page.locator(".notification-toast", { hasText: "deleted the index" }).waitFor();
    assert.deepEqual(await storedIndexes(session), []);
    assert.equal((await messages(session.page)).length, 1);
  });
});

/** What was seen from the first ghost text on; fails where a sight is not the one before it or more. */
function assertNoFlicker(all: readonly string[]): string[] {
  const sights = all.slice(all.findIndex((sight) => sight !== ""));
  assert.notEqual(sights[0] ?? "", "", "ghost text was seen");
  sights.reduce((earlier, later) => {
    assert.ok(later.startsWith(earlier), `after ${JSON.stringify(earlier)} came ${JSON.stringify(later)}`);
    return later;
  });
  return sights;
}

/** Engine processes of this session's server. */
function engineProcesses({ server }: Session): string[] {
  const folder = server.extensionsFolder;
  const commands = execFileSync("ps", ["-A", "-ww", "-o", "args="], { encoding: "utf8", maxBuffer: 1 << 26 }).split("\n");
  return commands.filter((command) => command.includes("engine.mjs") && command.includes(folder));
}
