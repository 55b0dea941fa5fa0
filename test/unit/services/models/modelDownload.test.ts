import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CANCELLED } from "../../../../src/services/models/downloadLock";
import { discardDownload, unfinishedDownload, workFolder } from "../../../../src/services/models/modelDownload";
import { downloads, sourceAt, testChunk, type DownloadOptions, type Downloads } from "../../../support/downloads";
import { honest, modelBytes, modelServer, sha256Of, type Behaviour, type ModelServer } from "../../../support/modelServer";

const bytes = modelBytes(300_000);
const sha256 = sha256Of(bytes);
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serving(behaviour?: Behaviour, content = bytes): Promise<ModelServer> {
  const made = await modelServer(content, behaviour);
  ends.push(() => made.close());
  return made;
}

function getting(options: DownloadOptions = {}): Downloads {
  const made = downloads(options);
  ends.push(() => { made.remove(); });
  return made;
}

/** A clock on which so much time passes between two looks that every piece is reported. */
function everyPiece(): DownloadOptions {
  let time = 0;
  return { parts: { now: () => (time += 1_000) } };
}

/** Aborts once so many bytes have been reported. */
function abortAt(made: Downloads, count: number, reason?: string): AbortSignal {
  const controller = new AbortController();
  const push = made.states.push.bind(made.states);
  made.states.push = (...states) => {
    for (const state of states) if (state.state === "running" && state.step === "receiving" && state.progress.bytes >= count) controller.abort(reason);
    return push(...states);
  };
  return controller.signal;
}

/** Sends so many bytes, then waits. */
function stopsAfter(count: number): Behaviour {
  return (socket, request, file) => {
    const offset = request.offset ?? 0;
    socket.write(`HTTP/1.1 ${offset > 0 ? "206 Partial" : "200 OK"}\r\nETag: ${file.etag}\r\n${offset > 0 ? `Content-Range: bytes ${String(offset)}-${String(file.bytes.length - 1)}/${String(file.bytes.length)}\r\n` : ""}Content-Length: ${String(file.bytes.length - offset)}\r\n\r\n`);
    socket.write(file.bytes.subarray(offset, offset + count));
  };
}

describe("a model's download", () => {
  it("ends with the whole file under its final name, hashed, with progress, and nothing beside it", async () => {
    const { url } = await serving();
    const made = getting();
    const source = sourceAt(`${url}/m.gguf`, sha256, bytes.length);
    const outcome = await made.get(source);
    assert.deepEqual(outcome, { outcome: "done", already: false, file: path.join(made.folder, source.fileName), sha256, size: bytes.length, verified: true });
    assert.deepEqual(made.final(source), bytes);
    assert.deepEqual(made.unfinished(source), []);
    const receiving = made.states.flatMap((state) => (state.state === "running" && state.step === "receiving" ? [state.progress] : []));
    assert.deepEqual(receiving.at(-1), { bytes: bytes.length, total: bytes.length, bytesPerSecond: receiving.at(-1)?.bytesPerSecond, secondsLeft: 0 });
    assert.deepEqual(made.states.at(-1), { state: "ended", outcome });
    assert.deepEqual((await made.requests()).map(({ state, purpose, status, bytesIn }) => [state, purpose, status, bytesIn]), [["done", "download", 200, bytes.length]]);
  });

  it("of a link without a hash is hashed and said to be unverified", async () => {
    const { url } = await serving();
    const made = getting();
    const outcome = await made.get(sourceAt(`${url}/m.gguf`, null, null));
    assert.ok(outcome.outcome === "done");
    assert.deepEqual([outcome.verified, outcome.sha256, outcome.size], [false, sha256, bytes.length]);
  });

  it("is not made when the right file stands there, and is when a wrong one does", async () => {
    const server = await serving();
    const made = getting();
    const source = sourceAt(`${server.url}/m.gguf`, sha256, bytes.length);
    writeFileSync(path.join(made.folder, source.fileName), Buffer.alloc(bytes.length));
    assert.equal((await made.get(source)).outcome, "done");
    assert.deepEqual(made.final(source), bytes);
    const again = await made.get(source);
    assert.ok(again.outcome === "done" && again.already);
    assert.equal(server.requests.length, 1);
  });

  for (const [name, ports, by] of [
    ["offline-only mode", { switches: () => ({ offlineOnly: true, allowed: { yourNetwork: true, internet: true }, trusted: true }) }, "offlineOnly"],
    ["the switch for the own network", { switches: () => ({ offlineOnly: false, allowed: { yourNetwork: false, internet: true }, trusted: true }) }, "settings"],
  ] as const) {
    it(`is refused by ${name}, in its words, and recorded`, async () => {
      const server = await serving();
      const made = getting({ ports });
      const outcome = await made.get(sourceAt(`${server.url}/m.gguf`, sha256, bytes.length));
      assert.ok(outcome.outcome === "refused");
      assert.deepEqual([outcome.by, outcome.because.length > 20, server.connections()], [by, true, 0]);
      assert.deepEqual((await made.requests()).map(({ state, purpose }) => [state, purpose]), [["refused", "download"]]);
    });
  }

  it("is paused, keeps its part, is found again, and goes on without fetching a byte twice", async () => {
    const server = await serving(stopsAfter(100_000));
    const made = getting(everyPiece());
    const source = sourceAt(`${server.url}/m.gguf`, sha256, bytes.length);
    const outcome = await made.get(source, abortAt(made, 100_000));
    assert.deepEqual(outcome, { outcome: "paused", kept: 100_000 });
    assert.equal(made.final(source), undefined);
    assert.deepEqual(await unfinishedDownload({ source, folder: made.folder }), { bytes: 100_000, total: bytes.length });
    server.behave(honest());
    assert.equal((await made.get(source)).outcome, "done");
    assert.deepEqual(made.final(source), bytes);
    assert.deepEqual(server.requests.map(({ offset }) => offset), [undefined, 100_000]);
    assert.equal((await made.requests()).reduce((sum, { bytesIn }) => sum + bytesIn, 0), bytes.length);
  });

  it("is cancelled and leaves nothing; a paused one can be discarded", async () => {
    const server = await serving(stopsAfter(100_000));
    const made = getting(everyPiece());
    const source = sourceAt(`${server.url}/m.gguf`, sha256, bytes.length);
    assert.deepEqual(await made.get(source, abortAt(made, 100_000, CANCELLED)), { outcome: "cancelled" });
    assert.deepEqual(made.unfinished(source), []);
    assert.equal((await made.get(source, abortAt(made, 100_000))).outcome, "paused");
    assert.equal(await discardDownload(made.parts, { source, folder: made.folder }), true);
    assert.deepEqual(made.unfinished(source), []);
  });

  it("goes on after a crash from the last whole chunk, whatever stands behind it", async () => {
    const server = await serving(stopsAfter(100_000));
    const made = getting(everyPiece());
    const source = sourceAt(`${server.url}/m.gguf`, sha256, bytes.length);
    await made.get(source, abortAt(made, 100_000));
    const place = workFolder(made.folder, source);
    const [part = ""] = made.unfinished(source).filter((name) => name.endsWith(".part"));
    // As a power cut may leave it: longer than what was noted, with anything in it.
    writeFileSync(path.join(place, part), Buffer.concat([readFileSync(path.join(place, part)), Buffer.alloc(50_000)]));
    server.behave(honest());
    assert.equal((await made.get(source)).outcome, "done");
    assert.deepEqual(made.final(source), bytes);
    assert.equal(server.requests[1]?.offset, 100_000);
  });

  for (const [name, damage] of [
    ["changed", (file: string) => { const found = readFileSync(file); found[50] = (found[50] ?? 0) ^ 1; writeFileSync(file, found); }],
    ["shortened", (file: string) => { writeFileSync(file, readFileSync(file).subarray(0, 10)); }],
    ["emptied", (file: string) => { writeFileSync(file, ""); }],
  ] as const) {
    for (const hash of [sha256, null]) {
      it(`begins anew where its part was ${name}, ${hash === null ? "also without a hash to compare with" : "whose hash is known"}`, async () => {
        const server = await serving(stopsAfter(100_000));
        const made = getting(everyPiece());
        const source = sourceAt(`${server.url}/m.gguf`, hash, null);
        await made.get(source, abortAt(made, 100_000));
        const [part = ""] = made.unfinished(source).filter((file) => file.endsWith(".part"));
        damage(path.join(workFolder(made.folder, source), part));
        server.behave(honest());
        assert.equal((await made.get(source)).outcome, "done");
        assert.deepEqual(made.final(source), bytes);
        assert.equal(server.requests[1]?.offset, undefined);
      });
    }
  }

  it("begins anew where its part is of another address", async () => {
    const server = await serving(stopsAfter(100_000));
    const made = getting(everyPiece());
    await made.get(sourceAt(`${server.url}/m.gguf`, null, null), abortAt(made, 100_000));
    server.behave(honest());
    await made.get(sourceAt(`${server.url}/other.gguf`, null, null));
    assert.equal(server.requests[1]?.offset, undefined);
  });

  it("asks a mirror with the key of its origin and no other server", async () => {
    const far = await serving();
    const near = await serving((socket) => { socket.end(`HTTP/1.1 302 Found\r\nLocation: ${far.url}/blob\r\nContent-Length: 0\r\n\r\n`); });
    const made = getting({ ports: { keys: { get: async (origin) => (origin === near.url ? "hf_token" : undefined) } } });
    assert.equal((await made.get(sourceAt(`${near.url}/m.gguf`, sha256, bytes.length))).outcome, "done");
    assert.deepEqual([near.requests[0]?.authorization, far.requests[0]?.authorization], ["Bearer hf_token", undefined]);
  });

  it("does not begin where there is not room for it and one GiB more", async () => {
    const server = await serving();
    const made = getting({ parts: { disk: { ...getting().parts.disk!, freeBytes: async () => 1024 ** 3 + bytes.length - 1 } } });
    for (const size of [bytes.length, null]) {
      const outcome = await made.get(sourceAt(`${server.url}/m.gguf`, null, size));
      assert.ok(outcome.outcome === "failed" && outcome.trouble === "noSpace", JSON.stringify(outcome));
      assert.match(outcome.because, /not enough room/);
    }
    // The one whose size nobody knew was asked for, and not read.
    assert.equal(server.requests.length, 1);
  });

  it("says why its folder cannot be used", async () => {
    const { url } = await serving();
    const made = getting();
    const source = sourceAt(`${url}/m.gguf`, sha256, bytes.length);
    writeFileSync(path.join(made.folder, "file"), "");
    const outcomes = [await made.get(source, undefined, path.join(made.folder, "file")), await made.get(source, undefined, path.join(made.folder, "n".repeat(300)))];
    assert.deepEqual(outcomes.map((outcome) => outcome.outcome === "failed" && [outcome.trouble, outcome.because.includes("cannot be written")]), [["disk", true], ["disk", true]]);
    mkdirSync(path.join(made.folder, source.fileName));
    const blocked = await made.get(source);
    assert.ok(blocked.outcome === "failed" && blocked.trouble === "disk" && blocked.kept === bytes.length);
    assert.ok(testChunk < bytes.length);
  });

  it("fits folders with long names and names of any script", async () => {
    const { url } = await serving();
    const made = getting();
    const deep = path.join(made.folder, "ユーザー 🙂", ...Array.from({ length: 6 }, () => "d".repeat(60)));
    const outcome = await made.get(sourceAt(`${url}/m.gguf`, sha256, bytes.length), undefined, deep);
    assert.ok(outcome.outcome === "done" && outcome.file.length > 300);
  });
});
