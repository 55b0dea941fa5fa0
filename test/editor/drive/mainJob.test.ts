import assert from "node:assert/strict";
import { acceptAndSave, askInPanel, openFirstCitation, typeAndSeeGhostText } from "../support/mainJob";
import { pictureFailures, startSession, takePicture, type Session } from "../support/session";
import { loopPlace } from "../support/surePlace";
import { openAt, runWorkbenchCommand, untilStatus } from "../support/workbench";

describe("the main job, on the installed VSIX", () => {
  let session: Session;
  before(async () => {
    session = await startSession({ name: "main-job" });
    await untilStatus(session.page);
  });
  after(() => session?.stop());
  pictureFailures(() => session);

  it("is switched off and on again by one command, and the status item says so", async () => {
    const { page } = session;
    await openAt(page, loopPlace.file, loopPlace.line, 1);
    await runWorkbenchCommand(page, "Ghostlight: Turn Ghost Text On or Off");
    await untilStatus(page, "Ghostlight: off");
    await runWorkbenchCommand(page, "Ghostlight: Turn Ghost Text On or Off");
    await untilStatus(page);
  });

  it("shows ghost text, accepts it with Tab and saves the right file", async () => {
    const shown = await typeAndSeeGhostText(session, loopPlace);
    await takePicture(session.page, "ghost-text");
    await acceptAndSave(session, loopPlace, shown);
  });

  it("answers a question and opens the place that the answer cites", async () => {
    const answer = await askInPanel(session, "Where is an amount taken from the shelf?");
    assert.ok(answer.length > 0);
    await takePicture(session.page, "panel-answer");
    await openFirstCitation(session);
    await takePicture(session.page, "citation-opened");
  });

  it("has raised no message while typing and asking", async () => {
    assert.equal(await session.page.locator(".notification-toast").count(), 0);
  });

  it("has asked nobody but the editor's own server", () => {
    const foreign = session.window.requests.filter((address) => !isOwn(address, session.server.origin));
    assert.deepEqual(foreign, []);
  });
});

/**
 * Own: the served origin over HTTP or a socket, what a page made by itself, and the names that VS Code gives to a
 * webview's files. The editor's service worker answers those; the browser of the tests can resolve no name at all.
 */
function isOwn(address: string, origin: string): boolean {
  const place = address.replace(/^blob:/, "").replace(/^ws:/, "http:");
  const webviewFile = /^https:\/\/vscode-remote\+[\w+-]+\.vscode-resource\.vscode-cdn\.net\//;
  return place.startsWith(`${origin}/`) || place.startsWith("data:") || place.startsWith("about:") || webviewFile.test(address);
}
