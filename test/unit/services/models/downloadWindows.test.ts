import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import type { DownloadSource } from "../../../../src/core/models/downloadState";
import { sourceAt, testChunk } from "../../../support/downloads";
import { downloadWindow, patientRhythm, quickRhythm, type DownloadWindow } from "../../../support/downloadWindows";
import { honest, modelBytes, modelServer, sha256Of, stopsAfter, type ModelServer } from "../../../support/modelServer";
import { whereThereAre } from "../../../support/systemParts";
import { removeFolder } from "../../../support/removeFolder";

const full = process.env["GHOSTLIGHT_FULL"] === "1";
const bytes = modelBytes(400_000);
const sha256 = sha256Of(bytes);
const half = 200_000;

describe("two windows that want one model", function () {
  this.timeout(full ? 900_000 : 60_000);
  let windows: [DownloadWindow, DownloadWindow];
  let server: ModelServer;
  let folder = "";
  let source: DownloadSource;
  /** The connection that waits in the middle of the file. */
  let held: Socket | undefined;

  before(async () => { windows = await Promise.all([downloadWindow(), downloadWindow()]); });
  after(async () => { await Promise.all(windows.map((window) => window.close())); });
  beforeEach(begin);
  afterEach(end);

  async function begin(): Promise<void> {
    folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-windows-"));
    server = await modelServer(bytes, (socket, request, file) => {
      held = socket;
      (request.number === 1 ? stopsAfter(half) : honest())(socket, request, file);
    });
    source = sourceAt(`${server.url}/m.gguf`, sha256, bytes.length);
  }

  async function end(): Promise<void> {
    await server.close();
    removeFolder(folder);
  }

  /** One of them gets it and holds in the middle; the other one sees how far it is. */
  async function together(rhythm = quickRhythm): Promise<{ readonly first: ReturnType<DownloadWindow["get"]>; readonly second: ReturnType<DownloadWindow["get"]> }> {
    const first = windows[0].get(source, folder, rhythm);
    await first.step((step) => step === "receiving");
    const second = windows[1].get(source, folder, rhythm);
    await second.step((step, count) => step === "elsewhere" && count >= half);
    return { first, second };
  }

  function isWhole(): void {
    assert.ok(readFileSync(path.join(folder, source.fileName)).equals(bytes));
  }

  it(`make one download, and both finish (${full ? "100" : "5"} times)`, async () => {
    for (let round = 0; round < (full ? 100 : 5); round++) {
      const { first, second } = await together();
      held?.end(bytes.subarray(half));
      const outcomes = await Promise.all([first.outcome, second.outcome]);
      assert.deepEqual(outcomes.map((outcome) => outcome.outcome === "done" && outcome.sha256), [sha256, sha256]);
      assert.equal(server.requests.length, 1);
      isWhole();
      await end();
      await begin();
    }
  });

  it("begin at the same moment and still make one", async () => {
    server.behave(honest());
    const outcomes = await Promise.all(windows.map((window) => window.get(source, folder).outcome));
    assert.deepEqual(outcomes.map(({ outcome }) => outcome), ["done", "done"]);
    assert.equal(server.requests.length, 1);
    isWhole();
  });

  for (const how of ["pause", "cancel"] as const) {
    it(`${how} for each other`, async () => {
      const { first, second } = await together();
      second.stop(how);
      assert.deepEqual((await Promise.all([first.outcome, second.outcome])).map(({ outcome }) => outcome), how === "pause" ? ["paused", "paused"] : ["cancelled", "cancelled"]);
      assert.equal(existsSync(path.join(folder, source.fileName)), false);
      const again = await windows[1].get(source, folder).outcome;
      assert.equal(again.outcome, "done");
      assert.equal(server.requests[1]?.offset, how === "pause" ? half : undefined);
    });
  }

  it(`take over from one that was killed, at the cost of at most one chunk (${full ? "30" : "3"} times)`, async () => {
    let most = 0;
    for (let round = 0; round < (full ? 30 : 3); round++) {
      const { first, second } = await together(patientRhythm);
      void first.outcome;
      await windows[0].close();
      assert.equal((await second.outcome).outcome, "done");
      isWhole();
      most = Math.max(most, half - (server.requests[1]?.offset ?? 0));
      windows[0] = await downloadWindow();
      await end();
      await begin();
    }
    console.log(`      at most ${String(most)} bytes were fetched again after a kill (chunk ${String(testChunk)})`);
    assert.ok(most <= testChunk);
  });

  whereThereAre("signals that stop a process", () => {
    it("take over from one that hangs, which then finds the file", async () => {
      const { first, second } = await together();
      windows[0].process.kill("SIGSTOP");
      const taken = await second.outcome;
      assert.equal(taken.outcome, "done");
      held?.end(bytes.subarray(half));
      windows[0].process.kill("SIGCONT");
      assert.equal((await first.outcome).outcome, "done");
      isWhole();
    });
  });
});
