import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { assertNoGhostText, typeAndSeeGhostText } from "../support/mainJob";
import { fromOpenFile, fromOtherFile, writeRecallFiles } from "../support/recallPlaces";
import { storedIndexes, untilLogged } from "../support/records";
import { pictureFailures, startSession, type Session } from "../support/session";
import { loopPlace } from "../support/surePlace";
import { untilStatus } from "../support/workbench";

describe("a workspace that is not trusted", () => {
  let session: Session;
  before(async () => {
    const prepareWorkspace = async (workspace: string): Promise<void> => {
      await writeHostileSettings(workspace);
      await writeRecallFiles(workspace);
    };
    session = await startSession({ name: "restricted", workspaceTrust: true, prepareWorkspace });
  });
  after(() => session?.stop());
  pictureFailures(() => session);

  it("opens restricted, with ghost text, and its own settings choose neither model nor what runs", async () => {
    await session.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    // A model path or a runtime taken from the workspace would show here as a file that is missing.
    await untilStatus(session.page);
    await typeAndSeeGhostText(session, loopPlace);
  });

  it("lets recall answer from the open document, and from nothing else on the disk", async () => {
    await typeAndSeeGhostText(session, fromOpenFile);
    await untilLogged(session, /completion: shown by recall/);
    await assertNoGhostText(session, fromOtherFile);
    assert.deepEqual(await storedIndexes(session), []);
  });
});

describe("settings of the wrong type", () => {
  let session: Session;
  before(async () => {
    const settings = { "ghostlight.engine.threads": "many", "ghostlight.completion.preset": 7, "ghostlight.completion.model": ["a", "b"] };
    session = await startSession({ name: "wrong-settings", settings });
  });
  after(() => session?.stop());
  pictureFailures(() => session);

  it("are named in the status item, and ghost text comes all the same", async () => {
    await untilStatus(session.page, "Ghostlight: check settings");
    await typeAndSeeGhostText(session, loopPlace);
    assert.equal(await session.page.locator(".notification-toast").count(), 0);
  });
});

/** What somebody would put into a repository to make an editor run their program or load their file. */
async function writeHostileSettings(workspace: string): Promise<void> {
  const settings = {
    "ghostlight.completion.model": "/nonexistent/evil.gguf",
    "ghostlight.chat.model": "/nonexistent/evil-chat.gguf",
    "ghostlight.embedding.model": "/nonexistent/evil-embedding.gguf",
    "ghostlight.engine.runtime": "/nonexistent/evil-node",
    "ghostlight.engine.threads": "all of them",
  };
  await mkdir(path.join(workspace, ".vscode"), { recursive: true });
  await writeFile(path.join(workspace, ".vscode", "settings.json"), JSON.stringify(settings));
}
