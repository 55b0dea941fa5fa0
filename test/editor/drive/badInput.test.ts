import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder } from "../../../scripts/project";
import { typeAndSeeGhostText } from "../support/mainJob";
import { untilLogged } from "../support/records";
import { pictureFailures, startSession, type Session } from "../support/session";
import { loopPlace } from "../support/surePlace";
import { messages, openAt, openPanel, panelFrame, untilStatus } from "../support/workbench";

describe("files that no editor likes", () => {
  let session: Session;
  before(async () => {
    session = await startSession({ name: "bad-files", prepareWorkspace: writeStrangeFiles });
    await untilStatus(session.page);
  });
  after(() => session?.stop());
  pictureFailures(() => session);

  for (const file of ["one-line.js", "invalid-bytes.ts", "empty.ts"]) {
    it(`typing in ${file} raises no message and keeps the engine ready`, async () => {
      await openAt(session.page, `strange/${file}`, 1, 1);
      await session.page.keyboard.type("const a = ");
      await session.page.locator(".tab.active.dirty").waitFor();
      await untilStatus(session.page);
      assert.deepEqual(ours(await messages(session.page)), []);
    });
  }

  it("ghost text comes in the next file as before", async () => {
    await typeAndSeeGhostText(session, loopPlace);
  });
});

describe("a model file that is damaged", () => {
  let session: Session;
  before(async () => {
    const model = path.join(await damagedModel(), "damaged.gguf");
    session = await startSession({ name: "damaged-model", settings: { "ghostlight.completion.model": model, "ghostlight.completion.engines": "model" } });
  });
  after(() => session?.stop());
  pictureFailures(() => session);

  it("is named in the status item, and the starter writes ghost text meanwhile", async () => {
    await untilStatus(session.page, "Ghostlight: check settings");
    // The status tells of the damaged file before the starter has been loaded in its place.
    await untilLogged(session, /completion model ready/);
    await typeAndSeeGhostText(session, loopPlace);
  });
});

describe("a window without a folder", () => {
  let session: Session;
  before(async () => {
    session = await startSession({ name: "no-folder", withoutFolder: true });
  });
  after(() => session?.stop());
  pictureFailures(() => session);

  it("is ready, and the panel opens", async () => {
    await untilStatus(session.page);
    await openPanel(session.page);
    await panelFrame(session.page).locator("[data-testid=question]").waitFor();
    assert.deepEqual(ours(await messages(session.page)), []);
  });
});

const ours = (texts: readonly string[]): string[] => texts.filter((text) => text.includes("Ghostlight"));

async function writeStrangeFiles(workspace: string): Promise<void> {
  const folder = path.join(workspace, "strange");
  await mkdir(folder);
  await writeFile(path.join(folder, "one-line.js"), `const data = "${"x".repeat(5_000_000)}";`);
  // Bytes that are no UTF-8, and a surrogate that stands alone. (A NUL byte would make the editor refuse to open it.)
  await writeFile(path.join(folder, "invalid-bytes.ts"), Buffer.concat([Buffer.from("const text = 'a"), Buffer.from([0xff, 0xfe, 0xed, 0xa0, 0x80]), Buffer.from("';\n")]));
  await writeFile(path.join(folder, "empty.ts"), "");
}

/** A folder with a file that begins like a model and ends too early. */
async function damagedModel(): Promise<string> {
  const folder = path.join(cacheFolder, "run", "damaged");
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "damaged.gguf"), Buffer.from("GGUF\u0003\u0000\u0000\u0000\u0005", "latin1"));
  return folder;
}
