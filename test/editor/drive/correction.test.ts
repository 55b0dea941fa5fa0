import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { answers, diesAfter, event } from "../../support/endpointPlays";
import { startEndpointServer, type EndpointServer } from "../../support/endpointServer";
import { chooseConsent, ledgerLines, untilConsentAsked, untilLedger, untilMessage } from "../support/consent";
import { askInPanel } from "../support/mainJob";
import { pictureFailures, startSession, takePicture, type Session } from "../support/session";
import { panelFrame, patience, runWorkbenchCommand, untilStatus } from "../support/workbench";

const key = "lab-key-for-this-test-0001";

describe("an answer that an endpoint corrects", () => {
  let session: Session;
  let server: EndpointServer;
  before(async () => {
    server = await startEndpointServer();
    session = await startSession({
      name: "correction",
      settings: { "ghostlight.network.allowYourNetwork": true, "ghostlight.endpoints": [{ name: "Lab", url: server.url, model: "big", contextSize: 16_384, inputPrice: 3, outputPrice: 15 }] },
    });
    await untilStatus(session.page);
  });
  after(async () => {
    await session?.stop();
    await server?.close();
  });
  pictureFailures(() => session);

  const panel = () => panelFrame(session.page);
  const askEndpoint = async (): Promise<void> => {
    await panel().locator("[data-testid=turn]").last().locator("[data-testid=askEndpoint], [data-testid=offerAsk], [data-testid=correctionRetry]").first().click();
  };

  it("keeps the local answer where the person keeps it local, and nothing was sent", async () => {
    await askInPanel(session, "Where is an amount taken from the shelf?");
    await askEndpoint();
    const shown = await untilConsentAsked(session);
    for (const words of [/Send to Lab/, /For an answer in the panel/, /about \$/, /in this conversation/, /lines \d+-\d+/]) assert.match(shown, words);
    await takePicture(session.page, "correction-consent");
    await chooseConsent(session, "Keep local");
    await panel().locator("[data-testid=correctionRefused]").waitFor({ timeout: patience });
    await takePicture(session.page, "correction-kept-local");
    assert.equal(server.requests.length, 0);
    assert.equal((await untilLedger(session, "refused")).bytesOut, 0);
  });

  it("sends the key to the address it was entered for, and shows the correction as changes", async () => {
    await runWorkbenchCommand(session.page, "Ghostlight: Set or Remove an Endpoint's Key");
    const box = session.page.locator(".quick-input-widget", { hasText: `Key for ${server.origin}` }).locator("input");
    await box.waitFor({ timeout: patience });
    await box.fill(key);
    await session.page.keyboard.press("Enter");
    await untilMessage(session, /was stored/);
    server.play(answers("The amount is taken ", "by `takeFromShelf`, ", "which never goes below zero."));
    await askEndpoint();
    await untilConsentAsked(session);
    await chooseConsent(session, "in this conversation");
    await panel().locator("[data-testid=changes]").last().waitFor({ timeout: patience });
    await takePicture(session.page, "correction-changes");
    assert.equal(server.requests[0]?.headers.authorization, `Bearer ${key}`);
    assert.ok(!JSON.stringify(await ledgerLines(session)).includes(key));
    await panel().locator("[data-testid=side-corrected]").last().click();
    assert.match(await panel().locator("[data-testid=corrected]").last().innerText(), /never goes below zero/);
  });

  it("leaves the whole local answer where the server dies half-way, and says so", async () => {
    server.play(diesAfter(event({ choices: [{ index: 0, delta: { content: "Half of an " } }] })));
    const answer = await askInPanel(session, "Where is Inventory defined?");
    await askEndpoint();
    // The consent was for this conversation, and for these kinds of files; others are asked about.
    const failure = panel().locator("[data-testid=correctionFailure]").last();
    const asked = session.page.locator(".quick-input-widget", { hasText: "Show exactly what would leave" });
    await Promise.race([failure.waitFor({ timeout: patience }), asked.waitFor({ state: "visible", timeout: patience }).then(() => chooseConsent(session, "Send once"))]);
    await failure.waitFor({ timeout: patience });
    await takePicture(session.page, "correction-broken-off");
    assert.ok((await panel().locator("[data-testid=answer]").last().innerText()).includes(answer.slice(0, 40)));
    await untilLedger(session, "failed");
    const lines = await ledgerLines(session);
    assert.equal(lines.filter((line) => line.event === "sending").length, server.requests.length);
  });

  it("is refused by a policy that forbids the host, with the rule's words", async () => {
    const policy = path.join(session.workspace, ".ghostlight", "policy.json");
    await mkdir(path.dirname(policy), { recursive: true });
    await writeFile(policy, JSON.stringify({ version: 1, allowedHosts: ["api.example.com"] }));
    const before = server.requests.length;
    await askEndpoint();
    const refused = panel().locator("[data-testid=correctionRefused]").last();
    await refused.waitFor({ timeout: patience });
    assert.match(await refused.innerText(), /policy\.json/);
    await takePicture(session.page, "correction-policy");
    await rm(policy);
    assert.equal(server.requests.length, before);
  });
});
