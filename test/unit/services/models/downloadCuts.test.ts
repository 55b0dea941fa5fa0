import assert from "node:assert/strict";
import { cpSync, mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRandom, randomBelow, type Random } from "../../../../src/core/evaluation/random";
import type { DownloadSource } from "../../../../src/core/models/downloadState";
import { workFolder } from "../../../../src/services/models/modelDownload";
import { downloads, everyPiece, sourceAt, type Downloads } from "../../../support/downloads";
import { honest, modelBytes, modelServer, sha256Of, stopsAfter, type ModelServer } from "../../../support/modelServer";
import { removeFolder } from "../../../support/removeFolder";

const full = process.env["GHOSTLIGHT_FULL"] === "1";
const count = full ? 100 : 6;
const cutsEach = 10;
/** Far above what lies in the buffers of a connection that is cut, far below the file. */
const chunkBytes = 256 * 1024;
const bytes = modelBytes(4 * 1024 * 1024, 3);
const sha256 = sha256Of(bytes);

describe("a download that is cut at random bytes", () => {
  it(`is right every time, and a cut costs at most one chunk (${String(count)} downloads with ${String(cutsEach)} cuts each)`, async function () {
    this.timeout(900_000);
    const random = createRandom("cuts");
    const counts: Counts = { cuts: 0, crashes: 0, twice: 0, most: 0, right: 0 };
    for (let number = 0; number < count; number++) {
      const crashing = number % 2 === 1;
      const server = await modelServer(bytes);
      try {
        await cutDownload(server, crashing, random, counts);
      } finally {
        await server.close();
      }
    }
    console.log(`      ${String(counts.cuts)} cuts over ${String(count)} downloads (${String(counts.crashes)} of them crashes): ${String(counts.right)} right, ${String(count - counts.right)} wrong; sent twice ${String(counts.twice)} bytes, at most ${String(counts.most)} after one cut (chunk ${String(chunkBytes)})`);
    assert.deepEqual([counts.right, counts.cuts], [count, count * cutsEach]);
    assert.ok(counts.most <= chunkBytes, `${String(counts.most)} bytes after one cut`);
  });
});

interface Counts {
  cuts: number;
  crashes: number;
  twice: number;
  most: number;
  right: number;
}

/** Bytes of the file at which the server cuts, in order. */
function cutPlaces(random: Random): number[] {
  return Array.from({ length: cutsEach }, () => 1 + randomBelow(random, bytes.length - 2)).sort((left, right) => left - right);
}

/** The server cuts at each place; where the client is to crash, it stops sending there instead. */
function cutting(server: ModelServer, places: readonly number[], crashing: boolean, counts: Counts): { readonly ended: readonly number[] } {
  const ended: number[] = [];
  server.behave((socket, request, file) => {
    const { offset = 0 } = request;
    const twice = Math.max(0, (ended.at(-1) ?? 0) - offset);
    counts.twice += twice;
    counts.most = Math.max(counts.most, twice);
    const place = places[ended.length];
    if (place === undefined) return honest()(socket, request, file);
    ended.push(Math.max(place, offset));
    const rest = Math.max(0, place - offset);
    return (crashing ? stopsAfter(rest) : honest({ cutAfter: () => rest }))(socket, request, file);
  });
  return { ended };
}

async function cutDownload(server: ModelServer, crashing: boolean, random: Random, counts: Counts): Promise<void> {
  const { ended } = cutting(server, cutPlaces(random), crashing, counts);
  const folders: string[] = [];
  const source = sourceAt(`${server.url}/m.gguf`, sha256, bytes.length);
  let made = downloads({ ...everyPiece(), parts: { ...everyPiece().parts, chunkBytes } });
  try {
    for (let outcome = await crashOr(made, source, crashing, ended, folders); outcome !== "done"; outcome = await crashOr(made, source, crashing, ended, folders)) {
      if (outcome !== "crashed") continue;
      counts.crashes += 1;
      made.remove();
      made = downloads({ ...everyPiece(), parts: { ...everyPiece().parts, chunkBytes }, folder: folders.at(-1) ?? "" });
    }
    if (made.final(source)?.equals(bytes) === true && ended.length === cutsEach) counts.right += 1;
    counts.cuts += ended.length;
    assert.deepEqual(made.unfinished(source), []);
  } finally {
    made.remove();
    for (const folder of folders) removeFolder(folder);
  }
}

/** Gets it. A crash leaves what was on the disk the moment all had come that came; what this process does afterwards is no part of it. */
async function crashOr(made: Downloads, source: DownloadSource, crashing: boolean, ended: readonly number[], folders: string[]): Promise<"done" | "crashed" | "again"> {
  const stop = new AbortController();
  const push = made.states.push.bind(made.states);
  made.states.push = (...states) => {
    for (const state of states) {
      const all = state.state === "running" && state.step === "receiving" && state.progress.bytes === ended.at(-1);
      if (!crashing || !all || stop.signal.aborted) continue;
      folders.push(asCrashLeavesIt(made, source));
      stop.abort();
    }
    return push(...states);
  };
  const outcome = await made.get(source, stop.signal);
  if (stop.signal.aborted) return "crashed";
  // A cut soon after a cut is no gain: after three of them the person asks again.
  if (outcome.outcome === "failed" && outcome.retry) return "again";
  assert.equal(outcome.outcome, "done", JSON.stringify(outcome));
  return "done";
}

function asCrashLeavesIt(made: Downloads, source: DownloadSource): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-crash-"));
  cpSync(workFolder(made.folder, source), workFolder(folder, source), { recursive: true, filter: (from) => path.basename(from) !== "lock" });
  return folder;
}
