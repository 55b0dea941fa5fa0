import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseCatalog } from "../../../../src/core/models/catalog";
import type { DownloadState } from "../../../../src/core/models/downloadState";
import { modelDetails, modelGroups, progressWords, type LibraryState, type PresentModel } from "../../../../src/core/models/modelList";
import { recommend } from "../../../../src/core/models/recommendation";

const parsed = parseCatalog(readFileSync("models/catalog.json", "utf8"));
const catalog = "models" in parsed ? parsed.models : [];
const machine = { platform: "linux", architecture: "x64", totalMemory: 16e9, freeMemory: 10e9, physicalCores: 4, instructionSets: ["avx2"], freeDisk: 100e9, readingSpeed: 30e9 };
const recommendations = recommend(catalog, machine, [{ role: "completion", contextSize: 2_048 }, { role: "chat", contextSize: 4_096 }, { role: "embedding", contextSize: 256 }]);
const facts = { name: "m", architecture: "llama", contextLength: 2_048, roles: ["completion"], fimFamily: "qwen", chatFamily: null } as unknown as Extract<PresentModel["use"], { facts: unknown }>["facts"];
const present = (change: Partial<PresentModel> = {}): PresentModel => ({ path: "/models/m.gguf", name: "M", origin: "Ollama", size: 1.6e9, own: false, verified: null, licence: null, use: { facts }, memory: 2.1e9, measured: null, ...change });
const state = (change: Partial<LibraryState> = {}): LibraryState => ({ inUse: { completion: "", chat: "", embedding: "" }, standIns: { completion: undefined, chat: undefined, embedding: undefined }, present: [], recommendations, downloads: [], installed: new Set(), offlineOnly: false, ...change });
const rows = (change: Partial<LibraryState> = {}) => modelGroups(state(change)).flatMap((group) => group.rows);
const row = (key: string, change: Partial<LibraryState> = {}) => rows(change).find((one) => one.key === key);
const running = (step: "receiving" | "connecting", bytesPerSecond: number | null = 12e6): DownloadState => ({ state: "running", step, progress: { bytes: 680e6, total: 1.6e9, bytesPerSecond, secondsLeft: bytesPerSecond === null ? null : 77 } });

describe("the list of models", () => {
  it("says what is in use where nothing was set", () => {
    assert.match(row("role:completion")?.description ?? "", /starter/);
    assert.match(row("role:chat")?.description ?? "", /index/);
    assert.equal(row("role:embedding")?.description, "words alone");
  });

  it("names a file in use that is not in the list by its file's name", () => {
    assert.equal(row("role:chat", { inUse: { completion: "", chat: "/elsewhere/x.gguf", embedding: "" } })?.description, "x.gguf");
  });

  it("says what stands in for a model that cannot be used, and shows that one as in use", () => {
    const change = { inUse: { completion: "/models/big.gguf", chat: "/models/big.gguf", embedding: "/models/big.gguf" }, standIns: { completion: "/models/m.gguf", chat: "", embedding: "" }, present: [present()] };
    assert.deepEqual([row("role:completion", change)?.description, row("role:completion", change)?.icon], ["M, because big.gguf cannot be used", "warning"]);
    assert.equal(row("role:chat", change)?.description, "looked up in the index of your code, because big.gguf cannot be used");
    assert.equal(row("role:embedding", change)?.description, "words alone, because big.gguf cannot be used");
    assert.match(row("present:/models/m.gguf", change)?.description ?? "", /^in use for ghost text, /);
  });

  it("has embedding models among what can be got, and one that is here names that one use", () => {
    const embedding = catalog.filter(({ roles }) => roles.includes("embedding"));
    assert.ok(embedding.length >= 3);
    for (const { id } of embedding) assert.match(row(`catalog:${id}`)?.tooltip ?? "", /for search by meaning\./, id);
    const here = { present: [present({ use: { facts: { ...facts, roles: ["embedding"] } } })], inUse: { completion: "", chat: "", embedding: "/models/m.gguf" } };
    assert.deepEqual(row("present:/models/m.gguf", here)?.uses, ["embedding"]);
    assert.match(row("present:/models/m.gguf", here)?.description ?? "", /^in use for search by meaning, /);
    assert.deepEqual([row("role:embedding", here)?.description, row("role:embedding", here)?.path], ["M", "/models/m.gguf"]);
  });

  it("puts what is recommended first, and says for what", () => {
    const [first] = modelGroups(state()).find(({ label }) => label === "Can be got")?.rows ?? [];
    assert.match(first?.description ?? "", /^recommended for /);
    assert.equal(first?.icon, "star-full");
  });

  it("never recommends a model whose licence limits use", () => {
    const restricted = new Set(catalog.filter((model) => model.restricted).map(({ id }) => `catalog:${id}`));
    for (const one of rows()) if (restricted.has(one.key)) assert.doesNotMatch(one.description, /recommended/);
  });

  it("tells reasons, licence and source of a model before it is got", () => {
    const one = rows().find(({ kind }) => kind === "catalog");
    for (const words of [/It needs about/, /Licence: /, /From /]) assert.match(one?.tooltip ?? "", words);
  });

  it("leaves out what is installed", () => {
    const [model] = catalog;
    assert.equal(row(`catalog:${model?.id ?? ""}`, { installed: new Set([model?.id ?? ""]) }), undefined);
  });

  it("shows a download's progress, and offers to pause it", () => {
    const id = catalog[0]?.id ?? "";
    const one = row(`catalog:${id}`, { downloads: [{ id, name: "m.gguf", wantedFor: [], state: running("receiving") }] });
    assert.deepEqual([one?.kind, one?.description], ["downloading", "42 % of 1.6 GB, 12 MB/s, 1 min left"]);
  });

  it("shows a paused download, and one that failed with the reason", () => {
    const id = catalog[0]?.id ?? "";
    assert.equal(row(`catalog:${id}`, { downloads: [{ id, name: "m.gguf", wantedFor: [], state: { state: "ended", outcome: { outcome: "paused", kept: 1 } } }] })?.kind, "paused");
    const failed = row(`catalog:${id}`, { downloads: [{ id, name: "m.gguf", wantedFor: [], state: { state: "ended", outcome: { outcome: "failed", trouble: "wrongHash", because: "Its hash is another one.", retry: false, kept: 0 } } }] });
    assert.deepEqual([failed?.kind, failed?.icon, failed?.tooltip.includes("Its hash is another one.")], ["catalog", "error", true]);
  });

  it("lets only files of the own folder be deleted, and none that cannot be used be used", () => {
    assert.equal(row("present:/models/m.gguf", { present: [present()] })?.kind, "present");
    assert.equal(row("present:/models/m.gguf", { present: [present({ own: true })] })?.kind, "presentOwn");
    assert.equal(row("present:/models/m.gguf", { present: [present({ use: { reason: "It is broken." } })] })?.kind, "unusable");
  });

  it("says for what a model is used, how fast it is and who vouches for it", () => {
    const one = row("present:/models/m.gguf", { present: [present({ measured: { prefill: 120, decode: 9.46 }, verified: true, licence: "MIT" })], inUse: { completion: "/models/m.gguf", chat: "", embedding: "" } });
    assert.equal(one?.description, "in use for ghost text, Ollama, 1.6 GB, 9.5 tokens/s");
    for (const words of [/1\.6 GB on the disk, about 2\.1 GB in memory/, /reads 120/, /MIT/, /hash is the catalog's/]) assert.match(one?.tooltip ?? "", words);
  });

  it("has a row for a download of a link", () => {
    const one = row("link:l", { downloads: [{ id: "l", name: "x.gguf", wantedFor: [], state: running("receiving") }] });
    assert.deepEqual([one?.kind, one?.label], ["downloading", "x.gguf"]);
  });

  it("says that nothing can be got in offline-only mode", () => {
    assert.ok(modelGroups(state({ offlineOnly: true })).some(({ label }) => /Offline only/.test(label)));
  });

  it("says what a download waits for", () => {
    assert.equal(progressWords(running("connecting", null) as Extract<DownloadState, { state: "running" }>), "42 % of 1.6 GB, connecting");
  });

  it("gives details that can be looked up", () => {
    const [model] = catalog;
    assert.ok(model && modelDetails(model).includes(model.sha256));
  });
});
