import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../../../scripts/project";
import { json } from "../../support/endpointPlays";
import { startEndpointServer, type EndpointServer } from "../../support/endpointServer";
import { untilConsentAsked } from "../support/consent";
import { hostileWorkspaces, mergedWorkspace, writeHostileWorkspace, writeMarkingProgram, type HostileWorkspace } from "../support/hostileWorkspaces";
import { startSession, type Session } from "../support/session";
import { openAt, patience, runWorkbenchCommand, untilStatus } from "../support/workbench";

/** All fifty one by one take ten minutes; together they take two windows. */
const full = process.env["GHOSTLIGHT_FULL"] === "1";

describe("hostile workspaces change no destination, no key and no process", () => {
  let mine: EndpointServer;
  let canary: EndpointServer;
  let marks: { program: string; mark: string };
  let all: HostileWorkspace[] = [];
  before(async () => {
    mine = await startEndpointServer();
    canary = await startEndpointServer();
    for (const server of [mine, canary]) server.play(json({ content: "1;" }));
    marks = await writeMarkingProgram(path.join(cacheFolder, "run", "hostile-program"));
    all = hostileWorkspaces({ canary: canary.url, program: marks.program });
  });
  after(async () => {
    await mine?.close();
    await canary?.close();
  });

  it("counts fifty of them", () => {
    assert.equal(all.length, 50);
    assert.equal(new Set(all.map(({ name }) => name)).size, 50);
  });

  const isPolicy = ({ files, links = {} }: HostileWorkspace): boolean => [...Object.keys(files), ...Object.keys(links)].some((file) => /^\.ghostlight(\/policy\.json)?$/.test(file));
  const opened = async (name: string, workspace: HostileWorkspace, job: (session: Session) => Promise<void>): Promise<void> => {
    const session = await startSession({
      name,
      settings: { "ghostlight.network.allowYourNetwork": true, "ghostlight.endpoints": [{ name: "Mine", url: mine.url, model: "mine", fim: "infill" }], "ghostlight.completion.engines": "recall" },
      prepareWorkspace: (folder) => writeHostileWorkspace(folder, workspace),
    });
    try {
      await untilStatus(session.page);
      await job(session);
    } finally {
      await session.stop();
    }
    assert.equal(canary.requests.length, 0, `${workspace.name}: the canary was asked`);
    assert.equal(mine.requests.length, 0, `${workspace.name}: something was sent without consent`);
    assert.ok(!existsSync(marks.mark), `${workspace.name}: their program ran`);
  };
  /** The person's own endpoint is the one that is named, and the canary nowhere. */
  const asksMine = async (session: Session): Promise<void> => {
    await openAt(session.page, "src/format.ts", 1, 1);
    await runWorkbenchCommand(session.page, "Ghostlight: Complete Here with the Endpoint");
    const shown = await untilConsentAsked(session);
    assert.match(shown, new RegExp(`Send to Mine, ${mine.origin}`));
    assert.ok(!shown.includes(canary.origin) && !shown.includes("stolen"), shown);
    await session.page.keyboard.press("Escape");
  };
  /** A policy may forbid, and nothing else: the person's endpoint is asked about, or refused, but no other one. */
  const asksMineOrNobody = async (session: Session): Promise<void> => {
    await openAt(session.page, "src/format.ts", 1, 1);
    await runWorkbenchCommand(session.page, "Ghostlight: Complete Here with the Endpoint");
    const asked = session.page.locator(".quick-input-widget", { hasText: `Send to Mine, ${mine.origin}` });
    const refused = session.page.locator(".notification-toast", { hasText: "policy" });
    await asked.or(refused).first().waitFor({ timeout: patience });
    await session.page.keyboard.press("Escape");
  };

  it("as settings, files and links in one folder", () => opened("hostile-together", mergedWorkspace(all.filter((one) => !isPolicy(one))), asksMine));
  it("as policies", () => opened("hostile-policies", mergedWorkspace(all.filter(isPolicy)), asksMineOrNobody));

  if (full) {
    it("one by one", async function () {
      this.timeout(0);
      for (const [index, one] of all.entries()) await opened(`hostile-${String(index)}`, one, isPolicy(one) ? asksMineOrNobody : asksMine);
    });
  }
});
