import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { times } from "../../../support/fullRun.js";
import { neverAborted } from "../../../../src/core/util/abort.js";
import { plainGet, testNetwork } from "../../../support/outgoing.js";
import { answerWith, rawServer, type RawServer } from "../../../support/rawServer.js";
import { removeFolder } from "../../../support/removeFolder.js";

/** Windows that send at the same time. */
const TOGETHER = 4;
/** More than all windows can write between a line and the arrival of its request. */
const TAIL_BYTES = 256 * 1024;

describe("windows that are killed while they send", () => {
  const kills = times(40, 1000);
  let folder: string;
  let server: RawServer;
  let ledgerFile: string;
  const arrived: string[] = [];
  const early: string[] = [];
  const letOut: string[] = [];

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-killed-"));
    ledgerFile = path.join(folder, "ledger.jsonl");
    await build({ entryPoints: ["test/support/sendingProcess.ts"], outfile: path.join(folder, "sending.mjs"), bundle: true, platform: "node", format: "esm", logLevel: "silent" });
    server = await rawServer((socket, request) => {
      const name = /[\da-f-]{36}\.ts/.exec(request)?.[0] ?? "";
      arrived.push(name);
      if (!endOf(ledgerFile).includes(name)) early.push(name);
      answerWith(socket, 200, "x".repeat(500));
    });
  });

  after(async () => {
    await server.close();
    removeFolder(folder);
  });

  /** Starts a window and kills it at a moment nobody chose, after its first request or long before. */
  async function startAndKill(): Promise<void> {
    const child = spawn(process.execPath, [path.join(folder, "sending.mjs"), server.url, ledgerFile], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (name) => { letOut.push(name); });
    if (Math.random() < 0.9) await Promise.race([once(lines, "line"), exited]);
    await delay(Math.random() * 120);
    child.kill("SIGKILL");
    const [code, signal] = await exited as [number | null, string | null];
    assert.deepEqual([code, signal], [null, "SIGKILL"], "a window ended by itself");
  }

  it(`leave a ledger that is whole, with a line for every request that arrived (${String(kills)} kills)`, async function () {
    this.timeout(kills * 2000 + 60_000);
    let started = 0;
    await Promise.all(Array.from({ length: TOGETHER }, async () => {
      while (started < kills) {
        started += 1;
        await startAndKill();
      }
    }));
    const made = testNetwork({}, { ledgerFile });
    const outcome = await made.gate.request(plainGet("download", `${server.url}/after`), neverAborted);
    assert.equal(outcome.outcome, "permitted");
    const found = await made.ledger.verify();
    assert.ok(found.ok, JSON.stringify(found));
    const requests = await made.ledger.requests();
    const recorded = new Map(requests.map((request) => [request.files[0]?.path ?? "", request]));
    assert.ok(arrived.length > kills / 2, `only ${String(arrived.length)} requests arrived`);
    assert.deepEqual(early, [], "requests that arrived before their line");
    assert.deepEqual(arrived.filter((name) => !recorded.has(name)), [], "requests without a line");
    assert.deepEqual(letOut.filter((name) => !recorded.has(name)), [], "lines that were reported and are lost");
    assert.equal(recorded.size, requests.length, "requests that are there twice");
    const count = (state: string): number => requests.filter((request) => request.state === state).length;
    assert.ok(count("unknown") > 0, "no kill came between a line and its end");
    console.log(`      ${String(kills)} kills, ${String(arrived.length)} requests arrived, ${String(found.lines)} lines (${String(found.sealed)} seals): ${String(count("done"))} done, ${String(count("failed"))} failed, ${String(count("unknown"))} unknown`);
    made.remove();
  });
});

/** The last part of a file. */
function endOf(file: string): string {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("latin1");
  } finally {
    closeSync(handle);
  }
}
