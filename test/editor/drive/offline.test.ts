import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Settings } from "../../../scripts/editorHost/settings";
import { cacheFolder } from "../../../scripts/project";
import { readTrace, tracerCommand, type ConnectionAttempt, type ConnectionTrace } from "../support/connectionTrace";
import { chooseConsent, ledgerRows, untilConsentAsked, untilLedger, untilMessage } from "../support/consent";
import { acceptAndSave, askInPanel, openFirstCitation, typeAndSeeGhostText } from "../support/mainJob";
import { fromOtherFile, writeRecallFiles } from "../support/recallPlaces";
import { untilLogged } from "../support/records";
import { startSession, type Session } from "../support/session";
import { packSmallExtension } from "../support/smallExtension";
import { loopPlace } from "../support/surePlace";
import { openAt, panelFrame, patience, runWorkbenchCommand, statusItem, untilStatus } from "../support/workbench";

const traceFile = path.join(cacheFolder, "run", "connections.trace");
const extensionHost = /--type=extensionHost/;

describe("offline: a tour of every feature under a trace of network calls", () => {
  it("neither extension host nor recall's thread nor engine nor anything they start reaches for a network", async () => {
    const { trace, port } = await traced("offline", async (session) => {
      await untilStatus(session.page);
      const shown = await typeAndSeeGhostText(session, loopPlace);
      await acceptAndSave(session, loopPlace, shown);
      await typeAndSeeGhostText(session, fromOtherFile);
      await untilLogged(session, /completion: shown by recall/);
      await askInPanel(session, "Where is an amount taken from the shelf?");
      await openFirstCitation(session);
      // An endpoint is set up and none may be asked: what would ask it says so.
      await completeWithEndpoint(session);
      await untilMessage(session, /are off/);
      await panelFrame(session.page).locator("[data-testid=askEndpoint], [data-testid=offerAsk]").first().click();
      await panelFrame(session.page).locator("[data-testid=correctionRefused]").waitFor({ timeout: patience });
      await ledgerRows(session, /refused/);
      await runWorkbenchCommand(session.page, "Ghostlight: Check the Ledger");
      await untilMessage(session, /ledger is whole/);
    }, { "ghostlight.endpoints": [{ name: "Lab", url: `${unused}/v1`, model: "big", fim: "infill" }] });
    assertNothingConnected(trace, port);
  });

  it("with an endpoint allowed, nothing is tried before the person agrees, and nothing after they did not", async () => {
    const { trace, port } = await traced("offline-refused", async (session) => {
      await untilStatus(session.page);
      await completeWithEndpoint(session);
      await untilConsentAsked(session);
      await session.page.keyboard.press("Escape");
      await untilLedger(session, "refused");
      await askInPanel(session, "Where is an amount taken from the shelf?");
      await panelFrame(session.page).locator("[data-testid=askEndpoint], [data-testid=offerAsk]").first().click();
      await untilConsentAsked(session);
      await chooseConsent(session, "Keep local");
      await panelFrame(session.page).locator("[data-testid=correctionRefused]").waitFor({ timeout: patience });
    }, { "ghostlight.network.allowYourNetwork": true, "ghostlight.network.allowInternet": true, "ghostlight.endpoints": [{ name: "Lab", url: `${unused}/v1`, model: "big", fim: "infill" }] });
    assertNothingConnected(trace, port);
  });

  it("would report an extension that connects", async () => {
    const leak = await packSmallExtension("leak", leakSource);
    const { trace } = await traced("offline-control", (session) => session.page.locator(".statusbar-item", { hasText: "Leak tried" }).waitFor(), {}, [leak]);
    const host = trace.treeOf(extensionHost);
    const reported = trace.attempts.filter(({ processId, address }) => host.processIds.has(processId) && address.startsWith("inet"));
    assert.ok(reported.some(({ address }) => address === "inet 192.0.2.1:443"), `by the host itself: ${words(reported).join("\n")}`);
    assert.ok(reported.some(({ address }) => address === "inet 192.0.2.2:80"), `by a process it started: ${words(reported).join("\n")}`);
    assert.ok(reported.some(({ address }) => address === "inet 192.0.2.3:81"), `by a thread it started: ${words(reported).join("\n")}`);
  });
});

/** An address of the own network that nothing listens at: even looking would be seen. */
const unused = "http://10.255.255.1:9";

async function completeWithEndpoint(session: Session): Promise<void> {
  await openAt(session.page, "src/format.ts", 1, 1);
  await runWorkbenchCommand(session.page, "Ghostlight: Complete Here with the Endpoint");
}

function assertNothingConnected(trace: ConnectionTrace, port: number): void {
  const host = trace.treeOf(extensionHost);
  assert.ok(host.commands.some((command) => command.includes("engine.mjs")), `the engine was traced: ${host.commands.join("\n")}`);
  assert.deepEqual(words(trace.attempts.filter(({ processId, address }) => host.processIds.has(processId) && address !== "unix")), []);
  // The server listens on its own address, and nothing else happens in the whole tree.
  assert.deepEqual(words(trace.attempts.filter(({ address }) => address.startsWith("inet") && address !== `inet 127.0.0.1:${port}`)), []);
}

async function traced(name: string, job: (session: Session) => Promise<void>, settings: Settings = {}, vsixes: readonly string[] = []): Promise<{ trace: ConnectionTrace; port: number }> {
  await mkdir(path.dirname(traceFile), { recursive: true });
  await rm(traceFile, { force: true });
  const session = await startSession({ name, vsixes, settings, prepareWorkspace: writeRecallFiles, wrapper: await tracerCommand(traceFile) });
  try {
    await statusItem(session.page).waitFor({ timeout: 60_000 });
    await job(session);
  } finally {
    await session.stop();
  }
  return { trace: await readTrace(traceFile), port: session.server.port };
}

const words = (attempts: readonly ConnectionAttempt[]): string[] => attempts.map(({ call, address, command }) => `${call} ${address} by ${command}`);

/**
 * An extension that connects to three addresses reserved for documentation (RFC 5737): itself, from a child process and
 * from a thread.
 */
const leakSource = `
const net = require("node:net");
const { spawn } = require("node:child_process");
const { Worker } = require("node:worker_threads");
const vscode = require("vscode");
const attempt = (host, port) => net.connect({ host, port, timeout: 1000 }).on("error", () => undefined).on("timeout", function () { this.destroy(); });
const elsewhere = (host, port) => "const net = require('node:net'); (" + attempt.toString() + ")('" + host + "', " + port + ")";
exports.activate = async () => {
  attempt("192.0.2.1", 443);
  const ends = (started) => new Promise((resolve) => started.once("exit", resolve));
  await Promise.all([ends(spawn(process.execPath, ["-e", elsewhere("192.0.2.2", 80)])), ends(new Worker(elsewhere("192.0.2.3", 81), { eval: true }))]);
  const item = vscode.window.createStatusBarItem();
  item.text = "Leak tried";
  item.show();
};
`;
