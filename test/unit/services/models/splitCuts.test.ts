import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRandom, randomBelow, type Random } from "../../../../src/core/evaluation/random";
import { createModelDownloads } from "../../../../src/services/models/modelDownloads";
import { downloads, everyPiece } from "../../../support/downloads";
import { honest, stopsAfter, type ModelServer } from "../../../support/modelServer";
import { looksAtHeaders, partNames, splitPart, splitServer, splitSource } from "../../../support/splitServer";
import { removeFolder } from "../../../support/removeFolder";

const count = process.env["GHOSTLIGHT_FULL"] === "1" ? 60 : 4;
const cutsEach = 8;
/** As for single files: far above what lies in the buffers of a connection that is cut, far below a part. */
const chunkBytes = 256 * 1024;
const pieces = [splitPart(1, 1_100_000), splitPart(2, 1_400_000), splitPart(3, 900_000)] as const;
const total = 3_400_000;

interface Counts { cuts: number; crashes: number; right: number; most: number; refetchedParts: number }

describe("a split model whose download is cut at random bytes", () => {
  it(`is right every time, and a cut costs at most one chunk (${String(count)} downloads with ${String(cutsEach)} cuts each)`, async function () {
    this.timeout(900_000);
    const random = createRandom("split cuts");
    const counts: Counts = { cuts: 0, crashes: 0, right: 0, most: 0, refetchedParts: 0 };
    for (let number = 0; number < count; number++) {
      const server = await splitServer(pieces);
      await cutDownload(server, number % 2 === 1, random, counts).finally(() => server.close());
    }
    console.log(`      ${String(counts.cuts)} cuts over ${String(count)} downloads (${String(counts.crashes)} of them crashes): ${String(counts.right)} right; at most ${String(counts.most)} bytes sent twice after one cut (chunk ${String(chunkBytes)})`);
    assert.deepEqual([counts.right, counts.cuts, counts.refetchedParts], [count, count * cutsEach, 0]);
    assert.ok(counts.most <= chunkBytes, `${String(counts.most)} bytes after one cut`);
  });
});

/** Cuts at random bytes of all parts together; `ended` is where the last one was. */
function cutting(server: ModelServer, crashing: boolean, random: Random, counts: Counts): { readonly ended: number[] } {
  const places = Array.from({ length: cutsEach }, () => 1 + randomBelow(random, total - 2)).sort((left, right) => left - right);
  const ended: number[] = [];
  let reached = 0;
  server.behave((socket, request, file) => {
    if (request.last === 0) return honest()(socket, request, file);
    const index = partNames.findIndex((name) => request.path.endsWith(name));
    const before = pieces.slice(0, index).reduce((sum, piece) => sum + piece.length, 0);
    const from = before + (request.offset ?? 0);
    counts.most = Math.max(counts.most, reached - from);
    if (before + file.bytes.length <= reached) counts.refetchedParts += 1;
    const place = places[ended.length];
    if (place === undefined || place >= before + file.bytes.length) {
      reached = before + file.bytes.length;
      return honest()(socket, request, file);
    }
    reached = Math.max(place, from);
    ended.push(reached);
    (crashing ? stopsAfter(reached - from) : honest({ cutAfter: () => reached - from }))(socket, request, file);
  });
  return { ended };
}

async function cutDownload(server: ModelServer, crashing: boolean, random: Random, counts: Counts): Promise<void> {
  const { ended } = cutting(server, crashing, random, counts);
  const folders = [mkdtempSync(path.join(os.tmpdir(), "ghostlight-split-cuts-"))];
  try {
    for (;;) {
      const end = await runOnce(server, folders, crashing, ended);
      counts.crashes += end === "crashed" ? 1 : 0;
      if (typeof end === "string") continue;
      const right = partNames.every((name, index) => readFileSync(path.join(path.dirname(end.file), name)).equals(pieces[index] ?? Buffer.of()));
      counts.right += right && ended.length === cutsEach ? 1 : 0;
      counts.cuts += ended.length;
      return;
    }
  } finally {
    for (const folder of folders) removeFolder(folder);
  }
}

/** A new window each time, as after a restart. A crash leaves what was on the disk the moment all had come that came. */
async function runOnce(server: ModelServer, folders: string[], crashing: boolean, ended: readonly number[]): Promise<"crashed" | "again" | { readonly file: string }> {
  const folder = folders.at(-1) ?? "";
  const made = downloads({ folder, parts: { ...everyPiece().parts, ...looksAtHeaders, chunkBytes } });
  const window = createModelDownloads(made.parts, folder);
  await window.restore();
  const source = window.list()[0]?.source ?? splitSource(server);
  let crashed = false;
  window.onChange(({ state }) => {
    if (!crashing || crashed || state.state !== "running" || state.step !== "receiving" || state.progress.bytes !== ended.at(-1)) return;
    crashed = true;
    folders.push(mkdtempSync(path.join(os.tmpdir(), "ghostlight-split-cuts-")));
    cpSync(folder, folders.at(-1) ?? "", { recursive: true, filter: (from) => path.basename(from) !== "lock" });
    window.pause(source.id);
  });
  const outcome = await window.get(source);
  window.dispose();
  // The ledger writes the end of a request after the download has ended.
  await made.requests();
  made.remove();
  if (crashed) return "crashed";
  if (outcome.outcome === "failed" && outcome.retry) return "again";
  assert.ok(outcome.outcome === "done", JSON.stringify(outcome));
  return outcome;
}
