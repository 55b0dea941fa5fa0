import assert from "node:assert/strict";
import path from "node:path";
import type { DownloadSource } from "../../../../src/core/models/downloadState";
import { neverAborted } from "../../../../src/core/util/abort";
import { createModelDownloads, type ModelDownloads } from "../../../../src/services/models/modelDownloads";
import { askForFacts } from "../../../../src/services/models/sourceFacts";
import { downloads, everyPiece, sourceAt, type Downloads } from "../../../support/downloads";
import { honest, modelBytes, modelServer, said, sha256Of, stopsAfter, type Behaviour, type ModelServer } from "../../../support/modelServer";

const bytes = modelBytes(150_000);
const sha256 = sha256Of(bytes);
const commit = "c".repeat(40);
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serving(behaviour?: Behaviour): Promise<ModelServer> {
  const made = await modelServer(bytes, behaviour);
  ends.push(() => made.close());
  return made;
}

function getting(): Downloads {
  const made = downloads(everyPiece());
  ends.push(() => { made.remove(); });
  return made;
}

function service(made: Downloads): ModelDownloads {
  const created = createModelDownloads(made.parts, made.folder);
  ends.push(() => { created.dispose(); });
  return created;
}

/** A hub that names commit, size and hash in a redirect, and the store that the file comes from. */
async function hubOf(more: { readonly linked?: string; readonly size?: number } = {}): Promise<{ hub: ModelServer; store: ModelServer }> {
  // What the store says of a commit is nothing to anybody.
  const store = await serving(honest({ headers: [`X-Repo-Commit: ${"d".repeat(40)}`] }));
  const hub = await serving((socket) => {
    said(socket, "302 Found", [`Location: ${store.url}/blob`, `X-Repo-Commit: ${commit}`, `X-Linked-Size: ${String(more.size ?? bytes.length)}`, `X-Linked-ETag: "${more.linked ?? sha256}"`, "Content-Length: 0", "Connection: close"]);
  });
  return { hub, store };
}

function rowAt(url: string, more: Partial<DownloadSource> = {}): DownloadSource {
  return { ...sourceAt(`${url}/o/n/resolve/main/m.gguf`, sha256, null), fileName: "m.gguf", repository: "o/n", revision: "main", ...more };
}

describe("what a server says of a file", () => {
  it("is read from the hub's own answer and from the range of the file", async () => {
    const { hub, store } = await hubOf();
    const made = getting();
    const facts = await askForFacts(made.parts, rowAt(hub.url), neverAborted);
    assert.deepEqual(facts, { outcome: "known", commit, size: bytes.length, sha256, origin: store.url });
    assert.deepEqual((await made.requests()).map(({ state, bytesIn }) => [state, bytesIn]), [["done", 0], ["done", 1]]);
  });

  it("of a server that is no hub is its length, and reading ends with the first piece", async () => {
    const server = await serving((socket, request, file) => { honest()(socket, { ...request, offset: undefined, last: bytes.length - 1 }, file); });
    const facts = await askForFacts(getting().parts, sourceAt(`${server.url}/m.gguf`, null, null), neverAborted);
    assert.deepEqual(facts, { outcome: "known", commit: null, size: bytes.length, sha256: null, origin: server.url });
  });

  for (const [name, more, source, trouble] of [
    ["another hash than the catalog's", { linked: "a".repeat(64) }, {}, "otherHash"],
    ["another size than the catalog's", {}, { size: 7 }, "wrongSize"],
  ] as const) {
    it(`that is ${name} ends the download before it begins`, async () => {
      const { hub, store } = await hubOf(more);
      const made = getting();
      const outcome = await service(made).get(rowAt(hub.url, source));
      assert.ok(outcome.outcome === "failed" && outcome.trouble === trouble, JSON.stringify(outcome));
      assert.deepEqual([hub.requests.length, store.requests.length], [1, 1]);
    });
  }
});

describe("the downloads of a window", () => {
  it("get a row of the catalog at the commit that the hub told, in a folder of its own", async () => {
    const { hub } = await hubOf();
    const made = getting();
    const made2 = service(made);
    const outcome = await made2.get(rowAt(hub.url));
    assert.ok(outcome.outcome === "done" && outcome.verified);
    assert.equal(outcome.file, path.join(made.folder, "test-model", "m.gguf"));
    assert.equal(hub.requests[1]?.path, `/o/n/resolve/${commit}/m.gguf`);
    assert.deepEqual(made2.list().map(({ source, state }) => [source.revision, source.size, state.state]), [[commit, bytes.length, "ended"]]);
  });

  it("are joined, paused, found again after a restart, resumed and cancelled", async () => {
    const server = await serving(stopsAfter(60_000));
    const made = getting();
    const first = service(made);
    const source = { ...sourceAt(`${server.url}/m.gguf`, sha256, bytes.length), fileName: "m.gguf" };
    first.onChange(({ state }) => { if (state.state === "running" && state.progress.bytes === 60_000) first.pause(source.id); });
    const [one, other] = [first.get(source), first.get(source)];
    assert.equal(one, other);
    assert.deepEqual(await one, { outcome: "paused", kept: 60_000 });
    const second = service(made);
    await second.restore();
    assert.deepEqual(second.list().map((listed) => [listed.source, listed.state]), [[source, { state: "ended", outcome: { outcome: "paused", kept: 60_000 } }]]);
    await second.cancel(source.id);
    assert.deepEqual(second.list().map(({ state }) => state), [{ state: "ended", outcome: { outcome: "cancelled" } }]);
    const third = service(made);
    await third.restore();
    assert.deepEqual(third.list(), []);
    server.behave(honest());
    assert.equal((await third.get(source)).outcome, "done");
    assert.deepEqual(server.requests.map(({ offset }) => offset), [undefined, undefined]);
    third.forget(source.id);
    assert.deepEqual(third.list(), []);
  });

  it("remember over a restart which roles a file is wanted for, until the person has chosen otherwise", async () => {
    const server = await serving(stopsAfter(60_000));
    const made = getting();
    const first = service(made);
    const source = { ...sourceAt(`${server.url}/m.gguf`, sha256, bytes.length), fileName: "m.gguf" };
    first.want(source.id, ["completion", "chat"]);
    first.onChange(({ state }) => { if (state.state === "running" && state.progress.bytes === 60_000) first.pause(source.id); });
    await first.get(source);
    const second = service(made);
    await second.restore();
    assert.deepEqual(second.list().map(({ wantedFor }) => wantedFor), [["completion", "chat"]]);
    second.want(source.id, ["chat"]);
    const third = service(made);
    await third.restore();
    server.behave(honest());
    assert.equal((await third.get(source)).outcome, "done");
    assert.deepEqual(third.list().map(({ wantedFor }) => wantedFor), [["chat"]]);
  });

  it("forget with a cancellation which roles a file was wanted for", async () => {
    const server = await serving(stopsAfter(60_000));
    const window = service(getting());
    const source = { ...sourceAt(`${server.url}/m.gguf`, sha256, bytes.length), fileName: "m.gguf" };
    window.want(source.id, ["completion"]);
    window.onChange(({ state }) => { if (state.state === "running" && state.progress.bytes === 60_000) window.pause(source.id); });
    await window.get(source);
    await window.cancel(source.id);
    server.behave(honest());
    assert.equal((await window.get(source)).outcome, "done");
    assert.deepEqual(window.list().map(({ wantedFor }) => wantedFor), [[]]);
  });

  it("are paused when the window closes", async () => {
    const server = await serving(stopsAfter(60_000));
    const made = getting();
    const window = service(made);
    window.onChange(({ state }) => { if (state.state === "running" && state.progress.bytes === 60_000) window.dispose(); });
    assert.deepEqual(await window.get({ ...sourceAt(`${server.url}/m.gguf`, sha256, bytes.length), fileName: "m.gguf" }), { outcome: "paused", kept: 60_000 });
  });
});
