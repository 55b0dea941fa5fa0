import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { KIT_MANIFEST, type KitFile, type KitManifest } from "../../../../src/core/models/kitManifest";
import { neverAborted } from "../../../../src/core/util/abort";
import { exportKit, type KitContents, type KitExport, type KitProgress } from "../../../../src/services/models/airGap";
import { importKit, readKit, type KitImport, type KitImportParts } from "../../../../src/services/models/airGapImport";
import { systemDisk } from "../../../../src/services/models/disk";
import { hashOfParts } from "../../../../src/services/models/modelFiles";
import { createInstalledModels } from "../../../../src/services/models/installedModels";
import { modelBytes, sha256Of } from "../../../support/modelServer";
import { SUM_PROGRAM } from "../../../support/sumProgram";
import { linkFolder, whereThereAre } from "../../../support/systemParts";
import { removeFolder } from "../../../support/removeFolder";

const bytes = modelBytes(3_000_000);
const sha256 = sha256Of(bytes);

describe("an air-gap kit", () => {
  let root = "";
  const at = (...names: string[]): string => path.join(root, ...names);
  const kit = (): string => at("kit");
  const disk = { ...systemDisk, freeBytes: async () => 2 ** 50 };

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), "ghostlight kit-"));
    mkdirSync(at("here", "m"), { recursive: true });
    writeFileSync(at("here", "m", "small.gguf"), bytes);
    writeFileSync(at("here", "ghostlight-linux-x64-0.1.0.vsix"), "PK extension");
    writeFileSync(at("here", "catalog.json"), "{}");
  });
  afterEach(() => { removeFolder(root); });

  const contents = (): KitContents => ({
    extensions: [at("here", "ghostlight-linux-x64-0.1.0.vsix")], catalog: at("here", "catalog.json"),
    models: [{ id: "small", name: "Small", licence: "MIT", origin: "huggingface.co/o/n", file: at("here", "m", "small.gguf"), size: bytes.length, sha256 }],
  });
  const exported = (wanted: KitContents = contents(), report: (progress: KitProgress) => void = () => undefined, signal = neverAborted): Promise<KitExport> => exportKit(wanted, kit(), () => 0, report, signal, disk);

  async function imported(more: Partial<KitImportParts> = {}, report: (progress: KitProgress) => void = () => undefined, signal = neverAborted): Promise<KitImport | { refused: string }> {
    const models = createInstalledModels({ listFile: at("there", "installed.json"), modelsFolder: at("there", "models"), identities: { accept: () => undefined }, clock: () => 0 });
    try {
      const found = await readKit(kit());
      return "refused" in found ? found : await importKit({ models, modelsFolder: at("there", "models"), catalogHashes: new Map([["small", sha256]]), licenceAcceptedAt: null, disk, ...more }, found, () => true, report, signal);
    } finally {
      models.dispose();
    }
  }

  function rewrite(change: (manifest: { files: KitFile[] } & Omit<KitManifest, "files">) => void): void {
    const file = path.join(kit(), KIT_MANIFEST);
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { files: KitFile[] } & Omit<KitManifest, "files">;
    change(manifest);
    writeFileSync(file, JSON.stringify(manifest));
  }

  it("is written, read by sha256sum, and installed on another machine with progress", async () => {
    assert.equal((await exported()).outcome, "done");
    assert.deepEqual(readdirSync(kit()).sort(), ["README.txt", "SHA256SUMS", "catalog.json", "extensions", "manifest.json", "models"]);
    if (SUM_PROGRAM) assert.match(execFileSync(SUM_PROGRAM[0], [...SUM_PROGRAM.slice(1), "-c", "SHA256SUMS"], { cwd: kit(), encoding: "utf8" }), /^(.*: OK\n){5}$/);
    assert.match(readFileSync(path.join(kit(), "README.txt"), "utf8"), /Install from VSIX(.|\n)*Import Kit(.|\n)*Small \(3\.0 MB, licence: MIT\)/);
    const steps: KitProgress[] = [];
    const outcome = await imported({}, (progress) => steps.push(progress));
    assert.ok("outcome" in outcome && outcome.outcome === "done", JSON.stringify(outcome));
    assert.deepEqual(outcome.models.map(({ id, verified, file, source }) => [id, verified, readFileSync(file).equals(bytes), source.how, source.place]), [["small", true, true, "kit", "huggingface.co/o/n"]]);
    assert.deepEqual([outcome.extensions, outcome.catalog], [[path.join(kit(), "extensions", "ghostlight-linux-x64-0.1.0.vsix")], path.join(kit(), "catalog.json")]);
    assert.ok(steps.findIndex(({ step }) => step === "copying") > 2 && steps.some(({ step, bytes: done, total }) => step === "checking" && done === total));
    assert.deepEqual(readdirSync(at("there", "models", "small", ".downloads")), []);
  });

  it("does not make a model verified that only the kit speaks for", async () => {
    await exported();
    const outcome = await imported({ catalogHashes: new Map() });
    assert.ok("outcome" in outcome && outcome.outcome === "done");
    assert.deepEqual(outcome.models.map(({ verified }) => verified), [false]);
  });

  it("is not begun in a folder that has something in it, without room, or with a file that changed", async () => {
    mkdirSync(kit());
    writeFileSync(path.join(kit(), "mine.txt"), "mine");
    const outcomes = [await exported()];
    rmSync(kit(), { recursive: true });
    outcomes.push(await exportKit(contents(), kit(), () => 0, () => undefined, neverAborted, { ...disk, freeBytes: async () => 1024 ** 3 }));
    writeFileSync(at("here", "m", "small.gguf"), modelBytes(3_000_000, 2));
    outcomes.push(await exported());
    outcomes.push(await exported({ ...contents(), models: [], extensions: [at("none.vsix")] }));
    assert.deepEqual(outcomes.map((outcome) => outcome.outcome === "failed" && /not empty|not enough room|verify it first|cannot be read/.exec(outcome.because)?.[0]), ["not empty", "not enough room", "verify it first", "cannot be read"]);
    assert.deepEqual(readdirSync(kit()), []);
  });

  it("leaves nothing when its export is cancelled", async () => {
    const stop = new AbortController();
    assert.deepEqual(await exported(contents(), ({ file, bytes: done }) => { if (file.startsWith("models/") && done > 1_500_000) stop.abort(); }, stop.signal), { outcome: "cancelled" });
    assert.deepEqual(readdirSync(kit()), []);
  });

  it("installs nothing when its import is cancelled amid a copy", async () => {
    await exported();
    const stop = new AbortController();
    const outcome = await imported({}, ({ step, bytes: done }) => { if (step === "copying" && done > 1_500_000) stop.abort(); }, stop.signal);
    assert.deepEqual(outcome, { outcome: "cancelled", models: [] });
    assert.equal(existsSync(at("there", "models", "small", "small.gguf")), false);
  });

  describe("with a split model", () => {
    const pieces = [1, 2, 3].map((seed) => modelBytes(40_000 * seed, seed));
    const names = [1, 2, 3].map((number) => `big-0000${String(number)}-of-00003.gguf`);
    const parts = pieces.map((piece) => ({ size: piece.length, sha256: sha256Of(piece) }));
    const split = (): KitContents => ({ ...contents(), models: [{ id: "big", name: "Big", licence: "MIT", origin: null, file: at("here", "m", names[0] ?? ""), size: 240_000, sha256: hashOfParts(parts.map((part) => part.sha256)), parts }] });
    const installed = (): readonly string[] => (existsSync(at("there", "models", "big")) ? readdirSync(at("there", "models", "big")).filter((name) => name.endsWith(".gguf")).sort() : []);
    beforeEach(() => { for (const [index, name] of names.entries()) writeFileSync(at("here", "m", name), pieces[index] ?? ""); });

    it("holds and installs all parts, as one model", async () => {
      assert.equal((await exported(split())).outcome, "done");
      assert.deepEqual(readdirSync(path.join(kit(), "models", "big")).sort(), names);
      assert.match(readFileSync(path.join(kit(), "README.txt"), "utf8"), /- Big \(240 kB, licence: MIT\)(\n.*big-0000\d-of-00003\.gguf){3}\n/);
      const outcome = await imported();
      assert.ok("outcome" in outcome && outcome.outcome === "done", JSON.stringify(outcome));
      assert.deepEqual(outcome.models.map(({ id, size, sha256: hash, parts: known }) => [id, size, hash, known?.map((part) => part.sha256)]), [["big", 240_000, hashOfParts(parts.map((part) => part.sha256)), parts.map((part) => part.sha256)]]);
      assert.deepEqual(installed(), names);
    });

    it("is not written where a part changed, or was never hashed", async () => {
      writeFileSync(at("here", "m", names[1] ?? ""), modelBytes(80_000, 7));
      const outcomes = [await exported(split()), await exported({ ...split(), models: split().models.map((one) => ({ ...one, parts: undefined })) })];
      assert.deepEqual(outcomes.map((outcome) => outcome.outcome === "failed" && /00002-of-00003.*verify it first|hashes of all parts.*verify it first/.test(outcome.because)), [true, true]);
    });

    it("is refused without one of them, or with another model beside", async () => {
      await exported(split());
      rewrite(({ files }) => { files.splice(files.findIndex((file) => file.path.endsWith(names[1] ?? "")), 1); });
      const outcomes = [await imported()];
      rewrite(({ files }) => { files.splice(2, files.length, ...[1, 2].map((number) => ({ ...(files[2] as KitFile), path: `models/big/${String(number)}.gguf` }))); });
      outcomes.push(await imported());
      assert.deepEqual(outcomes.map((outcome) => "refused" in outcome && /without the other part models\/big\/big-00002|names two models big/.test(outcome.refused)), [true, true]);
    });

    it("leaves no part where one is damaged amid the copy", async () => {
      await exported(split());
      const last = path.join(kit(), "models", "big", names[2] ?? "");
      const outcome = await imported({}, ({ step, bytes: done, total, file }) => { if (step === "checking" && done === total && file.endsWith(names[2] ?? "")) writeFileSync(last, modelBytes(120_000, 8)); });
      assert.ok("outcome" in outcome && outcome.outcome === "failed" && /00003-of-00003\.gguf is damaged/.test(outcome.because), JSON.stringify(outcome));
      assert.deepEqual(installed(), []);
    });
  });

  const model = (): string => path.join(kit(), "models", "small", "small.gguf");
  type Hostile = readonly (readonly [name: string, act: () => void])[];
  const hostile: Hostile = [
    ["a flipped bit", () => { const found = readFileSync(model()); found[9] = (found[9] ?? 0) ^ 1; writeFileSync(model(), found); }],
    ["a file cut short", () => { truncateSync(model(), 1_000); }],
    ["a longer file", () => { writeFileSync(model(), Buffer.concat([bytes, bytes])); }],
    ["a missing file", () => { rmSync(model()); }],
    ["a damaged extension", () => { writeFileSync(path.join(kit(), "extensions", "ghostlight-linux-x64-0.1.0.vsix"), "PK extensioN"); }],
    ["a link to a folder", () => { renameSync(path.dirname(model()), at("moved")); linkFolder(at("moved"), path.dirname(model())); }],
    ["a folder with the name of a file", () => { rmSync(model()); mkdirSync(model()); }],
    ["a model of the catalog under another hash", () => { const other = modelBytes(100, 9); writeFileSync(model(), other); rewrite(({ files }) => { Object.assign(files.find((file) => file.model) ?? {}, { size: 100, sha256: sha256Of(other) }); }); }],
    ["no manifest", () => { rmSync(path.join(kit(), KIT_MANIFEST)); }],
    ["a manifest that is none", () => { writeFileSync(path.join(kit(), KIT_MANIFEST), "[1,2"); }],
    ["a manifest of a later version", () => { rewrite((manifest) => { Object.assign(manifest, { version: 2 }); }); }],
    ["a file named twice", () => { rewrite(({ files }) => { files.push({ ...files[2], path: files[2]?.path.toUpperCase().replace("MODELS", "models").replace("SMALL/", "small/").replace(".GGUF", ".gguf") } as KitFile); }); }],
    ["a hash that is none", () => { rewrite(({ files }) => { Object.assign(files[0] ?? {}, { sha256: "x" }); }); }],
    ["a field that nobody knows", () => { rewrite(({ files }) => { Object.assign(files[0] ?? {}, { run: "setup.exe" }); }); }],
    ["a model in the folder of another", () => { rewrite(({ files }) => { Object.assign(files.find((file) => file.model)?.model ?? {}, { id: "other" }); }); }],
    ...["../../outside.gguf", "models/../../outside.gguf", "models/small/../../../x.gguf", "/etc/x.gguf", "C:/x.gguf", "models\\small\\x.gguf", "models/small/..\\x.gguf", "models/con/x.gguf", "models/small/nul.gguf", "models/small/x.gguf\u0000.txt", "models/small/.hidden.gguf", "models//small/x.gguf", "models/small/x.exe", "extensions/x.js", "//host/share/x.gguf", "models/small/x.gguf:stream"].map((name) => [
      `the name ${JSON.stringify(name)}`, () => { rewrite(({ files }) => { Object.assign(files.find((file) => file.model) ?? {}, { path: name }); }); },
    ] as const),
  ];
  const links: Hostile = [
    ["a link to a file", () => { renameSync(model(), at("moved.gguf")); symlinkSync(at("moved.gguf"), model()); }],
    ["a manifest that is a link", () => { renameSync(path.join(kit(), KIT_MANIFEST), at("m.json")); symlinkSync(at("m.json"), path.join(kit(), KIT_MANIFEST)); }],
  ];
  function areRefused(cases: Hostile): void {
    for (const [name, act] of cases) {
      it(`with ${name} is refused before anything is installed`, async () => {
        await exported();
        act();
        const outcome = await imported();
        assert.ok("refused" in outcome ? outcome.refused.length > 20 : outcome.outcome === "failed" && outcome.because.length > 20, JSON.stringify(outcome));
        assert.equal(existsSync(at("there")), false);
      });
    }
  }
  areRefused(hostile);
  whereThereAre("links to files", () => { areRefused(links); });

  it("is checked again while it is copied", async () => {
    await exported();
    const outcome = await imported({}, ({ step, bytes: done, total, file }) => { if (step === "checking" && done === total && file.startsWith("models/")) writeFileSync(model(), modelBytes(bytes.length, 4)); });
    assert.ok("outcome" in outcome && outcome.outcome === "failed" && /damaged or was changed/.test(outcome.because), JSON.stringify(outcome));
    assert.equal(existsSync(at("there", "models", "small", "small.gguf")), false);
  });

  it("may hold a file with two names, and does not take room that is not there", async () => {
    await exported();
    linkSync(model(), at("second.gguf"));
    const outcome = await imported({ disk: { ...disk, freeBytes: async () => 1024 ** 3 } });
    assert.ok("outcome" in outcome && outcome.outcome === "failed" && /not enough room/.test(outcome.because), JSON.stringify(outcome));
    assert.equal(((await imported()) as KitImport).outcome, "done");
  });
});
