import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { json } from "../../support/endpointPlays";
import { startEndpointServer, type EndpointServer } from "../../support/endpointServer";
import { chooseConsent, consentList, ledgerLines, ledgerRows, untilConsentAsked, untilLedger, untilLeftToday, untilMessage } from "../support/consent";
import { pictureFailures, startSession, takePicture, type Session } from "../support/session";
import { ghostText, openAt, patience, runWorkbenchCommand, untilStatus } from "../support/workbench";

/** Looks like a token to a scanner only once it is put together. */
const token = ["ghp", "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX"].join("_");
const password = "correct-horse-battery-7";

describe("an endpoint of one's own", () => {
  let session: Session;
  let server: EndpointServer;
  before(async () => {
    server = await startEndpointServer();
    server.play(json({ content: "units * 2;" }));
    session = await startSession({
      name: "outgoing",
      settings: { "ghostlight.network.allowYourNetwork": true, "ghostlight.endpoints": [{ name: "Lab", url: server.url, model: "big", fim: "infill" }], "ghostlight.completion.engines": "recall" },
      prepareWorkspace: writeSecretFiles,
    });
    await untilStatus(session.page);
  });
  after(async () => {
    await session?.stop();
    await server?.close();
  });
  pictureFailures(() => session);

  const askHere = async (): Promise<void> => {
    await openAt(session.page, "src/outgoing.ts", 4, 17);
    await runWorkbenchCommand(session.page, "Ghostlight: Complete Here with the Endpoint");
  };

  it("is asked only after everything that would leave was shown; Escape keeps it local", async () => {
    await untilLeftToday(session, /^\s*0 bytes\s*$/);
    await askHere();
    const shown = await untilConsentAsked(session);
    assert.match(shown, new RegExp(`Send to Lab, ${server.origin}\\?`));
    for (const words of [/src\/outgoing\.ts/, /lines 1-\d+, about \d+ tokens/, /masked/, /model big/, /to your network/, /Keep local/]) assert.match(shown, words);
    await takePicture(session.page, "consent");
    await session.page.keyboard.press("Enter");
    // The row that is chosen at first only shows what would leave.
    await session.page.locator(".editor-instance", { hasText: "POST" }).first().waitFor({ timeout: patience });
    await takePicture(session.page, "consent-exact");
    await session.page.keyboard.press("Escape");
    const refused = await untilLedger(session, "refused");
    assert.deepEqual([refused.bytesOut, refused.origin, refused.purpose], [0, server.origin, "completion"]);
    assert.equal(server.requests.length, 0);
    await untilLeftToday(session, /^\s*0 bytes\s*$/);
  });

  it("gets what was shown and nothing else, without the secrets, and its answer is ghost text", async () => {
    await askHere();
    await untilConsentAsked(session);
    await chooseConsent(session, "Send once");
    assert.equal(await ghostText(session.page), "units * 2;");
    assert.equal(server.requests.length, 1);
    const body = server.requests[0]?.body ?? "";
    assert.ok(body.includes("export function doubled"), body);
    for (const secret of [token, password]) assert.ok(!body.includes(secret), "a secret left");
    const done = await untilLedger(session, "done");
    assert.deepEqual([done.status, done.files.map(({ path: file }) => file)], [200, ["src/outgoing.ts"]]);
    await untilLeftToday(session, /kB|bytes/);
    assert.match(await ledgerRows(session, /done/), new RegExp(new URL(server.origin).host));
    await takePicture(session.page, "ledger");
  });

  it("may be asked again without a question where that was granted, until it is taken back", async () => {
    await askHere();
    await untilConsentAsked(session);
    await chooseConsent(session, "do not ask again in this workspace");
    await server.received(2);
    const before = (await ledgerLines(session)).length;
    await askHere();
    await server.received(3);
    await untilLedger(session, "done", before);
    await runWorkbenchCommand(session.page, "Ghostlight: Show What May Be Sent without Asking");
    const list = session.page.locator(".quick-input-widget", { hasText: "What may be sent without asking" });
    await list.locator(".monaco-list-row", { hasText: "Lab" }).first().click();
    await takePicture(session.page, "grants");
    await session.page.keyboard.press("Enter");
    await list.waitFor({ state: "hidden", timeout: patience });
    await askHere();
    await untilConsentAsked(session);
    await session.page.keyboard.press("Escape");
    await consentList(session).waitFor({ state: "hidden", timeout: patience });
    assert.equal(server.requests.length, 3);
  });

  it("gets the texts as the person edited them", async () => {
    await askHere();
    await untilConsentAsked(session);
    await chooseConsent(session, "Edit what is sent");
    const editor = session.page.locator(".editor-instance .monaco-editor.focused", { hasText: "Ghostlight" });
    await editor.waitFor({ timeout: patience });
    await session.page.keyboard.press("ControlOrMeta+End");
    await session.page.keyboard.type("// edited by hand");
    await takePicture(session.page, "consent-edit");
    await session.page.keyboard.press("ControlOrMeta+S");
    await untilConsentAsked(session);
    await chooseConsent(session, "Send once");
    await server.received(4);
    assert.match(server.requests[3]?.body ?? "", /edited by hand/);
  });

  it("is not asked where the repository's policy keeps the file from leaving, and the rule is named", async () => {
    const policy = path.join(session.workspace, ".ghostlight", "policy.json");
    await mkdir(path.dirname(policy), { recursive: true });
    await writeFile(policy, JSON.stringify({ version: 1, neverCloud: ["src/outgoing.ts"] }));
    await askHere();
    assert.match(await untilMessage(session, /may not leave/), /src\/outgoing\.ts.*policy\.json/s);
    await rm(policy);
    assert.equal(server.requests.length, 4);
  });

  it("is not asked in offline-only mode, whatever was allowed before", async () => {
    await runWorkbenchCommand(session.page, "Ghostlight: Switch Offline-Only On or Off");
    await untilMessage(session, /offline-only is on/);
    await askHere();
    await untilMessage(session, /Offline-only mode is on/);
    assert.equal(server.requests.length, 4);
    const lines = await ledgerLines(session);
    assert.equal(lines.filter(({ event }) => event === "sending").length, server.requests.length, "a ledger line for each request that left");
  });

  it("has a ledger that can be searched and checked", async () => {
    await runWorkbenchCommand(session.page, "Ghostlight: Check the Ledger");
    await untilMessage(session, /ledger is whole/);
    await runWorkbenchCommand(session.page, "Ghostlight: Search the Ledger");
    const list = session.page.locator(".quick-input-widget", { hasText: "Search the ledger" });
    await list.locator("input").fill("refused outgoing.ts");
    await list.locator(".monaco-list-row", { hasText: "refused" }).first().waitFor({ timeout: patience });
    await takePicture(session.page, "ledger-search");
    await session.page.keyboard.press("Escape");
  });
});

async function writeSecretFiles(workspace: string): Promise<void> {
  await writeFile(path.join(workspace, ".env"), `DATABASE_PASSWORD=${password}\n`);
  await writeFile(path.join(workspace, "src", "outgoing.ts"), [
    `const token = "${token}";`,
    `const phrase = "${password}";`,
    "export function doubled(units: number): number {",
    "  const result = ",
    "  return result;",
    "}",
    "",
  ].join("\n"));
}
