import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { neverAborted } from "../../../../src/core/util/abort";
import { silentLog } from "../../../../src/core/util/log";
import { createRecallVoice, type RecallVoiceOptions, type FolderRecall } from "../../../../src/services/index/recallVoice";
import { recallWeightsPath, recallWorkerBundle } from "../../../support/recallWorkerBundle";
import { removeFolder } from "../../../support/removeFolder";

/** Files that all hold the same lines, so that any ranker is sure of how they go on. */
const LINES = `export function storeSoup(shelf: Shelf, log: Log): void {
  const found = shelf.findByName("soup", { exact: true });
  if (found === undefined) throw new Error("no soup on the shelf");
  log.info("soup was found");
}
`;
const SHELVES = Object.fromEntries(["a", "b", "c", "d"].map((name) => [`src/${name}.ts`, `// The shelf ${name}.\n${LINES}`]));
const HALF = LINES.slice(0, LINES.indexOf("ByName")) + "|";
const REST = 'ByName("soup", { exact: true });';

describe("recall of a folder, in its thread", function () {
  this.timeout(60_000);
  let folder = "";
  let root = "";
  let storageFolder = "";
  const open: FolderRecall[] = [];
  const warnings: string[] = [];

  beforeEach(() => {
    folder = realpathSync.native(mkdtempSync(path.join(tmpdir(), "recall-voice-")));
    root = path.join(folder, "workspace");
    storageFolder = path.join(folder, "storage");
    mkdirSync(root);
    warnings.length = 0;
  });
  afterEach(async () => {
    for (const voice of open.splice(0)) {
      voice.dispose();
      await voice.closed;
    }
    removeFolder(folder);
  });

  function write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    }
  }
  async function start(options: Partial<RecallVoiceOptions> = {}): Promise<FolderRecall> {
    const log = { ...silentLog, warn: (line: string) => { warnings.push(line); } };
    const voice = createRecallVoice({ root, workerPath: await recallWorkerBundle(), weightsPath: recallWeightsPath, storageFolder, version: "1", editorExcludes: [], userGlobs: [], readAbove: false, openFiles: [], log, ...options });
    open.push(voice);
    return voice;
  }
  /** What is proposed, the surest first, for a text in which `|` is the cursor. */
  async function suggested(voice: FolderRecall, text: string, file = "new.ts"): Promise<string[]> {
    const [before = "", after = ""] = text.split("|");
    const { candidates } = await voice.suggest({ path: file, offset: before.length, before, after }, neverAborted);
    return candidates.map((candidate) => candidate.text);
  }
  /** Resolves once the thread's counts say so. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }
  /** A first window, which stores the index. */
  async function openAndClose(): Promise<void> {
    const voice = await start();
    await voice.ready(neverAborted);
    voice.dispose();
    await voice.closed;
  }

  it("answers from another file of the folder", async () => {
    write(SHELVES);
    const voice = await start();
    const { state, files } = await voice.ready(neverAborted);
    assert.deepEqual([state, files], ["ready", 4]);
    assert.ok((await suggested(voice, HALF)).includes(REST));
  });

  it("answers from the open document alone without a folder", async () => {
    const voice = await start({ root: null, storageFolder: null });
    assert.ok((await suggested(voice, `${LINES}\n${LINES}\n${HALF}`)).includes(REST));
    assert.ok(!(await suggested(voice, HALF)).includes(REST));
  });

  it("knows what was typed in another open file, and forgets what was removed", async () => {
    const voice = await start();
    await voice.ready(neverAborted);
    for (const [file, text] of Object.entries(SHELVES)) voice.update(file, text);
    await until(() => voice.statistics().files === 4);
    assert.ok((await suggested(voice, HALF)).includes(REST));
    voice.remove("src");
    await until(() => voice.statistics().files === 0);
    assert.ok(!(await suggested(voice, HALF)).includes(REST));
  });

  it("is there again after the window was closed, without reading the files", async () => {
    write(SHELVES);
    await openAndClose();
    const second = await start();
    assert.equal((await second.ready(neverAborted)).storedFiles, 4);
    assert.ok((await suggested(second, HALF)).includes(REST));
  });

  it("forgets what it stored and begins anew", async () => {
    write(SHELVES);
    await openAndClose();
    const second = await start();
    await second.ready(neverAborted);
    rmSync(path.join(root, "src"), { recursive: true });
    await second.forget();
    assert.deepEqual(readdirSync(storageFolder), []);
    await until(() => second.statistics().files === 0);
    assert.ok(!(await suggested(second, HALF)).includes(REST));
  });

  it("forgets what is stored also where it may not read the folder, or has no thread", async () => {
    const file = path.join(storageFolder, "recall.index");
    for (const options of [{ root: null }, { workerPath: path.join(folder, "nowhere.js") }]) {
      mkdirSync(storageFolder, { recursive: true });
      writeFileSync(file, "x");
      await (await start(options)).forget();
      assert.ok(!existsSync(file), JSON.stringify(options));
    }
  });

  it("without weights answers nothing, with one line about it", async () => {
    const voice = await start({ weightsPath: path.join(folder, "nowhere.json") });
    assert.deepEqual([await suggested(voice, HALF), await suggested(voice, HALF)], [[], []]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /recall: no answer: .*nowhere\.json/);
  });

  it("with a thread that cannot start answers nothing, and stops trying", async () => {
    const voice = await start({ workerPath: path.join(folder, "nowhere.js") });
    for (let time = 0; time < 4; time++) assert.deepEqual(await suggested(voice, HALF), []);
    assert.equal(voice.statistics().state, "failed");
    assert.match(voice.statistics().note, /stopped after two crashes/);
  });

  it("rejects with the signal's reason", async () => {
    const voice = await start();
    const reason = new Error("no longer wanted");
    await assert.rejects(voice.suggest({ path: "a.ts", offset: 0, before: "", after: "" }, AbortSignal.abort(reason)), reason);
    const stop = new AbortController();
    const pending = voice.suggest({ path: "a.ts", offset: 0, before: "", after: "" }, stop.signal);
    stop.abort(reason);
    await assert.rejects(pending, reason);
  });

  it("after dispose answers nothing", async () => {
    const voice = await start();
    voice.dispose();
    await voice.closed;
    assert.deepEqual(await suggested(voice, HALF), []);
    assert.equal((await voice.ready(neverAborted)).state, "failed");
  });
});
