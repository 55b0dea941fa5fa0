import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Socket } from "node:net";
import type { DownloadOutcome } from "../../../../src/core/models/downloadState";
import { systemDisk } from "../../../../src/services/models/disk";
import { hashOfParts } from "../../../../src/services/models/modelFiles";
import { createModelDownloads, type ModelDownloads } from "../../../../src/services/models/modelDownloads";
import { downloads, everyPiece, type DownloadOptions, type Downloads } from "../../../support/downloads";
import { honest, modelBytes, said, sha256Of, stopsAfter, type Behaviour, type ModelServer } from "../../../support/modelServer";
import { looksAtHeaders, partNames, splitPart, splitServer, splitSource } from "../../../support/splitServer";

const pieces = [splitPart(1, 90_000), splitPart(2, 150_000), splitPart(3, 70_000)] as const;
const total = 310_000;
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serving(parts: readonly (Buffer | undefined)[] = pieces): Promise<ModelServer> {
  const made = await splitServer(parts);
  ends.push(() => made.close());
  return made;
}

function getting(options: DownloadOptions = {}): Downloads {
  const made = downloads({ ...options, parts: { ...everyPiece().parts, ...looksAtHeaders, ...options.parts } });
  ends.push(() => { made.remove(); });
  return made;
}

function service(made: Downloads): ModelDownloads {
  const created = createModelDownloads(made.parts, made.folder);
  ends.push(() => { created.dispose(); });
  return created;
}

/** Only what is asked for beyond the first byte; what a server says of a file is asked before. */
const fetched = (server: ModelServer): (readonly [part: number, offset: number])[] => server.requests.filter(({ last }) => last !== 0).map((request) => [partOf(request.path), request.offset ?? 0]);
const partOf = (address: string): number => 1 + partNames.findIndex((name) => address.endsWith(name));
const filesIn = (made: Downloads): string[] => { const folder = path.join(made.folder, readdirSync(made.folder)[0] ?? "none"); return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".gguf")).sort() : []; };
const isWhole = (made: Downloads, file: string): void => {
  assert.deepEqual(filesIn(made), partNames);
  for (const [index, name] of partNames.entries()) assert.ok(readFileSync(path.join(path.dirname(file), name)).equals(pieces[index] ?? Buffer.of()), name);
};
/** One way for one part, honest for the others and for questions about the first byte. */
const inPart = (number: number, behaviour: Behaviour): Behaviour => (socket, request, file) => { (partOf(request.path) === number && request.last !== 0 ? behaviour : honest())(socket, request, file); };
const wordsOf = (outcome: DownloadOutcome): string => (outcome.outcome === "failed" ? `${outcome.trouble}: ${outcome.because}` : outcome.outcome);

describe("a split model", () => {
  it("is one download from a link to its second part: one row, one progress, a line in the ledger for each request", async () => {
    const server = await serving();
    const made = getting();
    const window = service(made);
    const seen: number[] = [];
    window.onChange(({ state }) => {
      if (state.state !== "running" || state.step !== "receiving") return;
      assert.equal(state.progress.total, total);
      assert.deepEqual(filesIn(made), []);
      seen.push(state.progress.bytes);
    });
    const outcome = await window.get(splitSource(server));
    assert.ok(outcome.outcome === "done", wordsOf(outcome));
    isWhole(made, outcome.file);
    assert.deepEqual([path.basename(outcome.file), outcome.size, outcome.verified, outcome.sha256], [partNames[0], total, false, hashOfParts(pieces.map(sha256Of))]);
    assert.deepEqual([window.list().length, seen.at(-1), seen.every((bytes, index) => bytes >= (seen[index - 1] ?? 0))], [1, total, true]);
    assert.deepEqual(fetched(server), [[1, 0], [2, 0], [3, 0]]);
    assert.equal((await made.requests()).length, server.requests.length);
    assert.deepEqual(readdirSync(path.join(path.dirname(outcome.file), ".downloads", partNames[0] ?? "")).filter((name) => /\.(part|whole)$|source|journal/.test(name)), []);
  });

  it("needs room for all parts before anything is fetched", async () => {
    const server = await serving();
    const asked: string[] = [];
    const outcome = await service(getting({ parts: { disk: { ...systemDisk, freeBytes: async (folder) => { asked.push(folder); return total - 1; } } } })).get(splitSource(server));
    assert.match(wordsOf(outcome), /^noSpace: /);
    assert.deepEqual([fetched(server), asked.length > 0], [[], true]);
  });

  it("without its second part is not begun, and the part is named", async () => {
    const server = await serving([pieces[0], undefined, pieces[2]]);
    const made = getting();
    assert.match(wordsOf(await service(made).get(splitSource(server))), /^notFound: .*some-00002-of-00003\.gguf \(404\)/);
    assert.deepEqual([fetched(server), filesIn(made)], [[], []]);
  });

  const stated: Behaviour = (socket, request, file) => { honest({ headers: [`X-Linked-ETag: "${sha256Of(pieces[partOf(request.path) - 1] ?? Buffer.of())}"`] })(socket, request, file); };
  const lies: readonly (readonly [name: string, behaviour: Behaviour, words: RegExp])[] = [
    ["is another file than its server's hash says", (socket, request, { etag }) => { stated(socket, request, { bytes: splitPart(2, 150_000).fill(7, 100_000), etag }); }, /^notAsStated: some-00002-of-00003\.gguf/],
    ["is longer than it was said to be", (socket, request, { etag }) => { honest()(socket, request, { bytes: Buffer.concat([pieces[1], modelBytes(10)]), etag }); }, /^wrongSize: .*some-00002-of-00003\.gguf/],
    ["is shorter than it was said to be", (socket, request, { etag }) => { honest()(socket, request, { bytes: pieces[1].subarray(0, 100_000), etag }); }, /^wrongSize: .*some-00002-of-00003\.gguf/],
    ["went away meanwhile", (socket) => { said(socket, "404 Not Found", ["Content-Length: 0", "Connection: close"]); }, /^notFound: .*some-00002-of-00003\.gguf/],
  ];
  for (const [name, behaviour, words] of lies) {
    it(`whose second part ${name} is not made, and the part is named`, async () => {
      const server = await serving();
      server.behave((socket, request, file) => { (partOf(request.path) === 2 && request.last !== 0 ? behaviour : stated)(socket, request, file); });
      const made = getting();
      assert.match(wordsOf(await service(made).get(splitSource(server))), words);
      assert.deepEqual([filesIn(made), fetched(server).some(([part]) => part === 3)], [[], false]);
    });
  }

  it("whose parts do not belong together is not made", async () => {
    const made = getting();
    assert.match(wordsOf(await service(made).get(splitSource(await serving([pieces[0], splitPart(3, 150_000), pieces[2]])))), /^notAPart: some-00002-of-00003\.gguf .*says that it is part 3/);
    const other = getting();
    assert.match(wordsOf(await service(other).get(splitSource(await serving([pieces[0], pieces[1], splitPart(3, 70_000, 4)])))), /^notAPart: some-00003-of-00003\.gguf .*says that there are 4/);
    assert.deepEqual([filesIn(made), filesIn(other)], [[], []]);
  });

  it("is paused in its second part, found again by a new window and gone on with there", async () => {
    const server = await serving();
    server.behave(inPart(2, stopsAfter(60_000)));
    const made = getting();
    const first = service(made);
    const source = splitSource(server);
    first.onChange(({ state }) => { if (state.state === "running" && state.progress.bytes === 150_000) first.pause(source.id); });
    assert.deepEqual(await first.get(source), { outcome: "paused", kept: 150_000 });
    const second = service(made);
    await second.restore();
    const [left] = second.list();
    assert.deepEqual([left?.source.parts?.length, left?.source.size, left?.state], [3, total, { state: "ended", outcome: { outcome: "paused", kept: 150_000 } }]);
    server.behave(honest());
    const outcome = await second.get(left?.source ?? source);
    assert.ok(outcome.outcome === "done", wordsOf(outcome));
    isWhole(made, outcome.file);
    assert.deepEqual(fetched(server), [[1, 0], [2, 0], [2, 60_000], [3, 0]]);
  });

  it("is cancelled in its second part, and nothing is left", async () => {
    const server = await serving();
    server.behave(inPart(2, stopsAfter(60_000)));
    const made = getting();
    const window = service(made);
    const source = splitSource(server);
    let cancelled: Promise<void> | undefined;
    window.onChange(({ state }) => { if (state.state === "running" && state.progress.bytes === 150_000) cancelled ??= window.cancel(source.id); });
    assert.deepEqual(await window.get(source), { outcome: "cancelled" });
    await cancelled;
    const place = path.join(made.folder, source.id, ".downloads", source.fileName);
    assert.deepEqual([filesIn(made), readdirSync(place).filter((name) => name !== "lock" && name !== "ended.json")], [[], []]);
    const later = service(made);
    await later.restore();
    assert.deepEqual(later.list(), []);
  });

  it("is one download of two windows", async () => {
    const server = await serving();
    let held: Socket | undefined;
    server.behave(inPart(2, (socket, request, file) => { held = socket; stopsAfter(60_000)(socket, request, file); }));
    const made = getting();
    const other = downloads({ folder: made.folder, parts: { ...looksAtHeaders } });
    ends.push(() => { other.remove(); });
    const [first, second] = [service(made), service(other)];
    const source = splitSource(server);
    const inTheMiddle = new Promise<void>((resolve) => { first.onChange(({ state }) => { if (state.state === "running" && state.progress.bytes === 150_000) resolve(); }); });
    const elsewhere = new Promise<void>((resolve) => { second.onChange(({ state }) => { if (state.state === "running" && state.step === "elsewhere" && state.progress.bytes === 150_000) resolve(); }); });
    const begun = first.get(source);
    await inTheMiddle;
    const waiting = second.get(source);
    await elsewhere;
    held?.end(pieces[1].subarray(60_000));
    const outcomes = await Promise.all([begun, waiting]);
    assert.deepEqual(outcomes.map((outcome) => outcome.outcome === "done" && outcome.sha256), [hashOfParts(pieces.map(sha256Of)), hashOfParts(pieces.map(sha256Of))]);
    assert.deepEqual(fetched(server), [[1, 0], [2, 0], [3, 0]]);
  });

  it("is completed from the parts that are there, and a damaged one is fetched again", async () => {
    const server = await serving();
    server.behave(stated);
    const made = getting();
    const outcome = await service(made).get(splitSource(server));
    assert.ok(outcome.outcome === "done", wordsOf(outcome));
    writeFileSync(path.join(path.dirname(outcome.file), partNames[1] ?? ""), Buffer.from(pieces[1]).fill(7, 100_000));
    const again = await service(made).get(splitSource(server));
    assert.ok(again.outcome === "done" && !again.already, wordsOf(again));
    isWhole(made, again.file);
    assert.deepEqual(fetched(server), [[1, 0], [2, 0], [3, 0], [2, 0]]);
  });
});

