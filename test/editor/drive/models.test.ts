import assert from "node:assert/strict";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Locator } from "playwright-core";
import { vsixPath } from "../../../scripts/vsix";
import { bertModel } from "../../support/bertModel";
import { ModelFolder } from "../../support/engineModels";
import { honest, modelServer, sha256Of, stopsAfter, type ModelServer } from "../../support/modelServer";
import { TEST_MODEL_NAME, testModel, writeTestCatalog } from "../support/catalog";
import { ledgerLines, untilMessage } from "../support/consent";
import { askInPanel, typeAndSeeGhostText } from "../support/mainJob";
import { until, untilLogged } from "../support/records";
import { pictureFailures, startSession, takePicture, type Session } from "../support/session";
import { loopPlace } from "../support/surePlace";
import { patience, runWorkbenchCommand, untilStatus } from "../support/workbench";

describe("models", () => {
  let session: Session;
  let server: ModelServer;
  const own = new ModelFolder();
  before(async () => {
    own.file("tiny-bert.gguf", bertModel());
    server = await modelServer(testModel, stopsAfter(3_000_000));
    session = await startSession({
      name: "models",
      settings: { "ghostlight.network.allowYourNetwork": true, "ghostlight.models.mirror": server.url, "ghostlight.completion.engines": "model", "ghostlight.models.searchFolders": [own.path] },
      prepareExtensions: writeTestCatalog,
    });
    await untilStatus(session.page);
    await runWorkbenchCommand(session.page, "Ghostlight: Focus on Models View");
  });
  after(async () => {
    await session?.stop();
    await server?.close();
    own.dispose();
  });
  pictureFailures(() => session);

  const list = (): Locator => session.page.locator(".pane", { hasText: "Models" }).first();
  const row = (words: string | RegExp): Locator => list().locator(".monaco-list-row", { hasText: words });
  const installedFiles = async (): Promise<string[]> => {
    const folder = path.join(session.server.userFolder, "User", "globalStorage", "ghostlight.ghostlight", "models");
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    return names.filter((name) => name.endsWith(".gguf") && !name.includes(".downloads")).map((name) => path.join(folder, name));
  };

  it("are listed with what is in use, what is here and what fits", async () => {
    await row(/Test Model.*recommended for ghost text/).waitFor({ timeout: patience });
    await row(/Ghost text.*the starter/).waitFor({ timeout: patience });
    await takePicture(session.page, "models");
  });

  it("are set up in three steps, with progress to be seen; a download can be paused", async () => {
    await runWorkbenchCommand(session.page, "Ghostlight: Set Up");
    const step = (words: string): Locator => session.page.locator(".quick-input-widget", { hasText: words });
    // Between two steps the focus goes elsewhere for a moment.
    const enter = (words: string): Promise<void> => step(words).locator(".quick-input-box input").press("Enter");
    await step("Set Up (1 of 3)").locator(".monaco-list-row", { hasText: TEST_MODEL_NAME }).first().waitFor({ timeout: patience });
    await takePicture(session.page, "set-up");
    await enter("(1 of 3)");
    await step("Set Up (2 of 3)").waitFor({ timeout: patience });
    await enter("(2 of 3)");
    await step("Set Up (3 of 3)").waitFor({ timeout: patience });
    await takePicture(session.page, "set-up-last");
    await enter("(3 of 3)");
    await row(/Test Model.*\d+ % of 8\.5 MB/).waitFor({ timeout: patience });
    await takePicture(session.page, "models-downloading");
    await runWorkbenchCommand(session.page, "Ghostlight: Pause a Download");
    await session.page.locator(".quick-input-widget .monaco-list-row", { hasText: TEST_MODEL_NAME }).first().click();
    await row(/Test Model.*paused/).waitFor({ timeout: patience });
    assert.deepEqual(await installedFiles(), []);
  });

  it("go on where they were, are checked, and are used without a reload", async () => {
    server.behave(honest());
    await row(TEST_MODEL_NAME).first().hover();
    await row(TEST_MODEL_NAME).first().locator("a[aria-label='Resume a Download']").click();
    const resumedAt = performance.now();
    // It was set up for ghost text: no second choice is asked for when it has come.
    await row(/Test Model.*in use for ghost text/).waitFor({ timeout: patience });
    assert.ok(server.requests.some(({ offset }) => (offset ?? 0) > 0), "the rest was fetched, not all of it again");
    const files = await installedFiles();
    assert.equal(files.length, 1);
    assert.equal(sha256Of(await readFile(files[0] ?? "")), sha256Of(testModel));
    await untilStatus(session.page);
    await typeAndSeeGhostText(session, loopPlace);
    console.log(`      first suggestion ${((performance.now() - resumedAt) / 1_000).toFixed(1)} s after the download went on, typing included`);
    // The first use of a model measures it, once.
    assert.match(await untilMessage(session, /It reads \d+ and writes/), /tokens a second with \d+ thread/);
    await row(/Test Model.*tokens\/s/).waitFor({ timeout: patience });
    await takePicture(session.page, "models-in-use");
    const lines = await ledgerLines(session);
    assert.equal(lines.filter(({ event }) => event === "sending").length, server.requests.length);
    assert.ok(lines.every(({ purpose }) => purpose === "download"));
  });

  it("are measured again from the row", async () => {
    await row(/Test Model.*in use/).first().click({ button: "right" });
    await session.page.locator(".context-view .action-label", { hasText: "Measure a Model" }).hover();
    await session.page.keyboard.press("Enter");
    assert.match(await untilMessage(session, /reads \d+ and writes [\d.]+ tokens a second on this machine/), /Test Model/);
  });

  it("are used for search by meaning, where they make vectors, and an answer then says so", async () => {
    await row(/tiny-bert/).first().waitFor({ timeout: patience });
    await runWorkbenchCommand(session.page, "Ghostlight: Use a Model for Search by Meaning");
    const choices = session.page.locator(".quick-input-widget .monaco-list-row");
    await choices.filter({ hasText: "tiny-bert" }).waitFor({ timeout: patience });
    assert.equal(await choices.count(), 1, "models that write are not offered for it");
    await session.page.keyboard.press("Enter");
    await row(/Search by meaning.*tiny-bert/).waitFor({ timeout: patience });
    assert.match(await untilMessage(session, /for search by meaning/), /tiny-bert\.gguf .*SHA-256/);
    await untilStatus(session.page);
    await takePicture(session.page, "models-meaning");
    assert.match(await askInPanel(session, "how do we know that something is missing to eat"), /by words and by meaning/);
    assert.match(await untilLogged(session, /search by meaning: \d+ of \d+ places compared/), /vectors computed/);
    await takePicture(session.page, "panel-meaning");
    await runWorkbenchCommand(session.page, "Ghostlight: Focus on Models View");
    await row(/Search by meaning.*tiny-bert/).click({ button: "right" });
    await session.page.locator(".context-view .action-label", { hasText: "Stop Using a Model" }).hover();
    await session.page.keyboard.press("Enter");
    await row(/Search by meaning.*words alone/).waitFor({ timeout: patience });
    assert.doesNotMatch(await askInPanel(session, "how do we know that something is missing to eat"), /by meaning/);
    await runWorkbenchCommand(session.page, "Ghostlight: Focus on Models View");
  });

  it("are carried to a machine without a network in a kit, and every file of it is checked", async () => {
    const folder = path.join(session.server.userFolder, "..", "kit");
    await mkdir(folder, { recursive: true });
    const step = (words: string): Locator => session.page.locator(".quick-input-widget", { hasText: words });
    const answer = async (title: string, text: string): Promise<void> => {
      const box = step(title).locator(".quick-input-box input");
      await box.waitFor({ timeout: patience });
      // The dialog writes its own folder into the box when it has read it, over what was typed before.
      await until(async () => ((await box.inputValue()) === "" ? undefined : true), async () => "the dialog named no folder");
      await until(async () => {
        await box.fill(text);
        await session.page.waitForTimeout(300);
        return (await box.inputValue()) === text ? true : undefined;
      }, async () => `the dialog did not take ${text}`);
      await step(title).locator(".monaco-button:visible").last().click();
    };
    await runWorkbenchCommand(session.page, "Ghostlight: Export a Kit for a Machine without a Network");
    await step("1 of 3").locator(".monaco-list-row", { hasText: TEST_MODEL_NAME }).waitFor({ timeout: patience });
    await session.page.keyboard.press("Enter");
    await answer("2 of 3", vsixPath());
    await answer("3 of 3", folder);
    await untilMessage(session, /the kit is in/);
    assert.deepEqual((await readdir(folder)).sort().filter((name) => /json|SUMS|txt/.test(name)), ["README.txt", "SHA256SUMS", "catalog.json", "manifest.json"]);
    await takePicture(session.page, "kit");
    await runWorkbenchCommand(session.page, "Ghostlight: Import a Kit");
    await answer("Import a kit: its folder", folder);
    await step("Import a kit: which models?").locator(".monaco-list-row", { hasText: TEST_MODEL_NAME }).waitFor({ timeout: patience });
    await session.page.keyboard.press("Enter");
    await untilMessage(session, /1 model was checked and imported/);
  });

  it("are deleted with their file, and the starter takes over", async () => {
    await runWorkbenchCommand(session.page, "Ghostlight: Delete a Model");
    await session.page.locator(".quick-input-widget .monaco-list-row", { hasText: TEST_MODEL_NAME }).first().click();
    const dialog = session.page.locator(".monaco-dialog-box", { hasText: "Delete" });
    await dialog.locator(".monaco-button", { hasText: "Delete" }).click();
    await row(/Ghost text.*the starter/).waitFor({ timeout: patience });
    await row(/Test Model.*recommended/).waitFor({ timeout: patience });
    assert.deepEqual(await installedFiles(), []);
  });

  it("are not fetched in offline-only mode, and the view says so", async () => {
    const before = server.requests.length;
    await runWorkbenchCommand(session.page, "Ghostlight: Switch Offline-Only On or Off");
    await untilMessage(session, /offline-only is on/);
    await row(/Offline only: nothing can be got/).waitFor({ timeout: patience });
    await runWorkbenchCommand(session.page, "Ghostlight: Get a Model");
    await session.page.locator(".quick-input-widget .monaco-list-row", { hasText: TEST_MODEL_NAME }).first().click();
    await untilMessage(session, /Offline-only mode is on/);
    assert.equal(server.requests.length, before);
  });
});
