import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { neverAborted } from "../../../../src/core/util/abort";
import { silentLog } from "../../../../src/core/util/log";
import { INDEX_PROTOCOL_VERSION, type OpenParams } from "../../../../src/protocol/indexWorker";
import { createIndexClient, type IndexClient } from "../../../../src/services/index/indexClient";
import { removeFolder } from "../../../support/removeFolder";

const OPEN: OpenParams = { protocolVersion: INDEX_PROTOCOL_VERSION, root: null, editorExcludes: [], userGlobs: [], readAbove: true, limits: { maximumFiles: 1, maximumTotalBytes: 1, maximumFileBytes: 1 } };

describe("index client", () => {
  let folder = "";
  let client: IndexClient | undefined;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "client-"))));
  afterEach(() => {
    client?.dispose();
    removeFolder(folder);
  });

  /** A worker whose handling of a request is `body` (with `message`, `reply`). */
  function start(body: string, silenceLimitMs?: number): IndexClient {
    const workerPath = path.join(folder, "worker.js");
    writeFileSync(workerPath, `const { parentPort } = require("node:worker_threads"); const reply = (id, result) => parentPort.postMessage({ kind: "result", id, result });
parentPort.on("message", (message) => { if (message.kind === "cancel") return; if (message.method === "open") return reply(message.id, { state: "ready", files: 0, definitions: 0, bytes: 0, elapsedMs: 0, excluded: {}, overLimit: 0, note: "" }); ${body} });`);
    client = createIndexClient({ workerPath, grammarsPath: folder, open: OPEN, log: silentLog, silenceLimitMs });
    return client;
  }
  const outline = (from: IndexClient) => from.call("outline", { path: "a.ts", text: "" }, neverAborted);

  it("a crash fails what is pending and the worker starts once more", async () => {
    const from = start(`if (message.params.path === "a.ts") process.exit(3); else reply(message.id, "alive");`);
    const [first, second] = await Promise.all([outline(from), from.call("answer", { question: { text: "x" }, compared: [] }, neverAborted)]);
    assert.deepEqual([first.outcome, second.outcome].sort(), ["failed", "failed"]);
    assert.deepEqual(await from.call("remove", { path: "b" }, neverAborted), { outcome: "done", result: "alive" });
  });

  it("after the second crash it stays stopped and says so", async () => {
    const from = start(`throw new Error("broken");`);
    assert.equal((await outline(from)).outcome, "failed");
    assert.equal((await outline(from)).outcome, "failed");
    assert.deepEqual(await outline(from), { outcome: "failed", reason: "the code index stopped after two crashes; reload the window to start it again" });
    assert.equal((await from.ready(neverAborted)).state, "failed");
    assert.equal(from.statistics().state, "failed");
  });

  it("a worker that spins is ended", async () => {
    const from = start(`for (;;);`, 300);
    await from.ready(neverAborted);
    assert.equal((await outline(from)).outcome, "failed");
  });

  it("a missing worker file is an outcome", async () => {
    client = createIndexClient({ workerPath: path.join(folder, "nowhere.js"), grammarsPath: folder, open: OPEN, log: silentLog });
    assert.equal((await client.ready(neverAborted)).state, "failed");
  });

  it("an error in the worker fails one call only", async () => {
    const from = start(`parentPort.postMessage(message.method === "outline" ? { kind: "error", id: message.id, message: "odd" } : { kind: "result", id: message.id, result: null });`);
    assert.deepEqual(await outline(from), { outcome: "failed", reason: "odd" });
    assert.deepEqual(await from.call("remove", { path: "b" }, neverAborted), { outcome: "done", result: null });
  });
});
