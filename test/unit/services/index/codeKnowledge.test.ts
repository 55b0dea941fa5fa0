import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { MeaningComparer } from "../../../../src/core/chat/meaning";
import { isAbortError, neverAborted } from "../../../../src/core/util/abort";
import { silentLog } from "../../../../src/core/util/log";
import { createCodeKnowledge, type CodeKnowledge, type CodeKnowledgeOptions } from "../../../../src/services/index/codeKnowledge";
import { indexWorkerBundle } from "../../../support/indexWorkerBundle";
import { linkFolder, whereThereAre } from "../../../support/systemParts";
import { removeFolder } from "../../../support/removeFolder";

const SHELF = `/** What is kept at home. */
export interface Shelf { find(name: string): string | undefined }

/** Puts soup on the shelf. */
export function storeSoup(shelf: Shelf): void {
  shelf.find("soup");
}
`;
const USE = `import { storeSoup } from "./shelf";

export function dinner(): void {
  storeSoup(undefined as never);
}
`;

describe("code knowledge of a folder", function () {
  this.timeout(60_000);
  let folder = "";
  let root = "";
  const open: CodeKnowledge[] = [];

  beforeEach(() => {
    folder = realpathSync.native(mkdtempSync(path.join(tmpdir(), "knowledge-")));
    root = path.join(folder, "workspace");
    mkdirSync(root);
  });
  afterEach(() => {
    for (const knowledge of open.splice(0)) knowledge.dispose();
    removeFolder(folder);
  });

  function write(files: Record<string, string | Uint8Array>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    }
  }
  async function knowledge(options: Partial<CodeKnowledgeOptions> = {}): Promise<CodeKnowledge> {
    const created = createCodeKnowledge({ root, ...(await indexWorkerBundle()), editorExcludes: [], userGlobs: [], readAbove: true, log: silentLog, ...options });
    open.push(created);
    return created;
  }
  const ask = async (from: CodeKnowledge, text: string) => (await from.answerFromIndex({ text }, neverAborted)).text;

  it("answers where, who and what from the index", async () => {
    write({ "src/shelf.ts": SHELF, "src/use.ts": USE });
    const known = await knowledge();
    const statistics = await known.ready(neverAborted);
    assert.deepEqual([statistics.state, statistics.files, statistics.overLimit, statistics.note], ["ready", 2, 0, ""]);
    assert.match(await ask(known, "where is storeSoup defined?"), /\[src\/shelf\.ts:5-7\]\(src\/shelf\.ts#L5-L7\)/);
    assert.match(await ask(known, "who calls storeSoup"), /`dinner` at \[src\/use\.ts:4\]/);
    const context = await known.contextFor({ text: "what does storeSoup do" }, 500, neverAborted);
    assert.deepEqual([context.sources[0]?.file, context.sources[0]?.startLine, context.sources[0]?.endLine], ["src/shelf.ts", 4, 7]);
    assert.match(context.sources[0]?.text ?? "", /Puts soup on the shelf/);
  });

  describe("with search by meaning", () => {
    /** Prefers texts that hold a word, and of the others those that words had last; writes down what it was asked. */
    function comparer(preferred: string, available = true): MeaningComparer & { readonly asked: (readonly string[])[] } {
      const asked: (readonly string[])[] = [];
      return { asked, available: () => available, compare: (_question, texts) => {
        asked.push(texts);
        return Promise.resolve(texts.map((text, at) => (text.includes(preferred) ? 0.9 : at / 1_000)));
      } };
    }
    const pans = () => Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`src/pan${String(at)}.ts`, `import "./x";\n\n/** Heats a pan. */\nexport function heat${String(at)}(): void {}\n`]));
    const QUESTION = { text: "how is a pan heated" };

    it("what is nearest in meaning comes first, in answers and in contexts", async () => {
      write(pans());
      const meaning = comparer("heat17");
      const known = await knowledge({ meaning });
      await known.ready(neverAborted);
      assert.equal((await known.answerFromIndex(QUESTION, neverAborted)).sources[0]?.file, "src/pan17.ts");
      assert.equal((await known.contextFor(QUESTION, 2_000, neverAborted)).sources[0]?.file, "src/pan17.ts");
      assert.deepEqual(meaning.asked.map(({ length }) => length), [20, 20]);
    });

    it("nobody is asked without a model, nor where the question names what it is about", async () => {
      write(pans());
      for (const [meaning, text] of [[comparer("heat17", false), QUESTION.text], [comparer("heat17"), "where is heat3 defined"]] as const) {
        const known = await knowledge({ meaning });
        await known.ready(neverAborted);
        assert.notEqual((await known.answerFromIndex({ text }, neverAborted)).sources[0]?.file, "src/pan17.ts");
        assert.deepEqual(meaning.asked, []);
      }
    });

    it("a file that is excluded since it was indexed is not compared", async () => {
      write(pans());
      const meaning = comparer("heat17");
      const known = await knowledge({ meaning });
      await known.ready(neverAborted);
      write({ ".ghostlightignore": "pan17.ts\n" });
      await known.contextFor(QUESTION, 2_000, neverAborted);
      assert.deepEqual(meaning.asked.map((texts) => [texts.length, texts.some((text) => text.includes("heat17"))]), [[19, false]]);
    });

    it("a comparison that is given up ends the question", async () => {
      write(pans());
      const controller = new AbortController();
      const known = await knowledge({ meaning: { available: () => true, compare: (_question, texts) => {
        controller.abort();
        return Promise.resolve(texts.map(() => null));
      } } });
      await known.ready(neverAborted);
      await assert.rejects(known.answerFromIndex(QUESTION, controller.signal), isAbortError);
    });
  });

  it("outlines a text that is nowhere on disk", async () => {
    const outline = await (await knowledge({ root: null })).outline({ path: "new.py", text: "def soup():\n    pass\n" }, neverAborted);
    assert.deepEqual([outline.method, outline.definitions[0]?.name], ["tree-sitter", "soup"]);
  });

  it("says whether code parses, without a folder", async () => {
    const known = await knowledge({ root: null });
    // The time for all blocks counts the loading of their grammars too: on a busy machine that alone may take it.
    for (const path of ["a.ts", "a.py"]) await known.outline({ path, text: "" }, neverAborted);
    assert.deepEqual(await known.checkCode([{ tag: "ts", code: "const a = 1;" }, { tag: "py", code: "def (:" }, { tag: "text", code: "(" }], neverAborted), ["parses", "broken", "unchecked"]);
    assert.deepEqual(await known.checkCode(Array.from({ length: 22 }, () => ({ tag: "py", code: "a" })), neverAborted).then((verdicts) => verdicts.slice(19)), ["parses", "unchecked", "unchecked"]);
  });

  it("takes in what the editor changed, removed or saved", async () => {
    write({ "a.ts": "export function before() {}\n" });
    const known = await knowledge();
    await known.ready(neverAborted);
    known.update("a.ts", "export function after() {}\n");
    known.update(path.join(root, "b.ts"), "export function unsaved() {}\n");
    assert.match(await ask(known, "where is `after`"), /a\.ts:1/);
    assert.match(await ask(known, "where is `unsaved`"), /b\.ts:1/);
    assert.match(await ask(known, "where is `before`"), /Nothing called/);
    known.update("a.ts", null);
    known.remove("b.ts");
    assert.match(await ask(known, "where is `before`"), /a\.ts:1/);
    assert.match(await ask(known, "where is `unsaved`"), /Nothing called/);
  });

  whereThereAre("links to files", () => {
    it("planted secrets reach no answer and no context, links included", async () => {
      const secret = "CANARY_sk_live_4242";
      const plain = { ".env": `KEY=${secret}`, "config/.env.local": `export const apiKey = "${secret}"`, "deploy/id_rsa": secret, "secrets.yaml": `canary: ${secret}`, "private/keys.ts": `export const canaryKey = "${secret}";`, "dump.ts": `-----BEGIN PRIVATE KEY-----\n${secret}`, "mine/x.ts": `export const canaryMine = "${secret}";` };
      write({ ...plain, ".gitignore": "private/", ".ghostlightignore": "mine/", "src/a.ts": "export const harmless = 1;\n" });
      mkdirSync(path.join(folder, "outside"));
      writeFileSync(path.join(folder, "outside/o.ts"), `export const canaryOutside = "${secret}";`);
      for (const [target, link] of [[path.join(root, ".env"), "env.ts"], [path.join(root, "private/keys.ts"), "keys.ts"], [path.join(folder, "outside/o.ts"), "o.ts"]] as const) symlinkSync(target, path.join(root, link));
      linkFolder(path.join(folder, "outside"), path.join(root, "lib"));
      const known = await knowledge();
      const { files, excluded } = await known.ready(neverAborted);
      assert.equal(files, 3); // src/a.ts and the two ignore files themselves
      assert.ok((excluded["symlink"] ?? 0) === 4);
      for (const file of [...Object.keys(plain), "env.ts", "keys.ts", "lib/o.ts", "o.ts"]) {
        assert.equal((await known.isExcluded(file)).excluded, true, file);
        known.update(file, `export const canaryKey = "${secret}";`); // open in the editor: still out
      }
      for (const text of ["where is canaryKey", "what does .env contain", "canary key", "explain private/keys.ts", "what is in env.ts", "show me the api key", "where is canaryOutside used"]) {
        const answer = await known.answerFromIndex({ text }, neverAborted);
        const context = await known.contextFor({ text, focus: { file: "env.ts", line: 1 } }, 2_000, neverAborted);
        assert.ok(!JSON.stringify([answer, context]).includes(secret), text);
      }
      assert.match(await ask(known, "what does .env contain"), /kept out .*secret by name/);
      assert.match(await ask(known, "what does private/keys.ts contain"), /kept out .*ignore file/);
    });
  });

  whereThereAre("links to files", () => {
    it("a file that became a link or excluded after the walk is not read", async () => {
      write({ "a.ts": "export function soup() {}\n", "b.ts": "export function stew() {}\n", ".env": "export function soup() {}\nsoup(CANARY);" });
      const known = await knowledge();
      await known.ready(neverAborted);
      rmSync(path.join(root, "a.ts"));
      symlinkSync(path.join(root, ".env"), path.join(root, "a.ts"));
      write({ ".gitignore": "b.ts" });
      const context = await known.contextFor({ text: "explain soup and stew: `soup` `stew`" }, 1_000, neverAborted);
      assert.ok(!(await ask(known, "where is `soup` used")).includes("CANARY"));
      assert.deepEqual(context.sources.filter(({ file }) => file !== ".gitignore"), []);
      assert.ok(context.leftOut.some(({ file, reason }) => file === "b.ts" && reason === "ignore file"));
    });
  });

  it("a changed ignore file is taken in", async () => {
    write({ "a.ts": "export function soup() {}\n" });
    const known = await knowledge();
    await known.ready(neverAborted);
    write({ ".gitignore": "a.ts" });
    known.update(".gitignore", null);
    assert.match(await ask(known, "where is `soup`"), /Nothing called/);
  });

  it("odd files: one long line, NUL bytes, 3 MB, lone surrogates, invalid UTF-8, empty", async () => {
    write({ "line.json": `"${"x".repeat(5_000_000)}"`, "short-line.txt": `${"word ".repeat(300)}`, "nul.ts": "a\0b", "big.ts": "const a = 1;\n".repeat(230_000), "bad.ts": new Uint8Array([0xff, 0xfe, 0x61, 0x0a]), "empty.ts": "", "ok.ts": "export function fine() {}\n" });
    const known = await knowledge();
    const { files, excluded } = await known.ready(neverAborted);
    assert.equal(excluded["binary"], 1);
    assert.equal(excluded["too large"], 2);
    assert.equal(files, 4);
    known.update("surrogate.ts", "export const \uD800lonely = '\uDFFF';\nexport function beside() {}\n");
    assert.match(await ask(known, "where is `beside`"), /surrogate\.ts:2/);
    for (const text of ["", " ", "?", "\uD800", "x".repeat(100_000), "where is ".repeat(500), "[](x) `", "what is \0"]) assert.equal(typeof (await ask(known, text)), "string");
  });

  it("an empty workspace and no workspace say so", async () => {
    const empty = await knowledge();
    assert.equal((await empty.ready(neverAborted)).files, 0);
    assert.match(await ask(empty, "where is x"), /no files/);
    const none = await knowledge({ root: null });
    assert.equal((await none.ready(neverAborted)).files, 0);
    assert.match(await ask(none, "where is x"), /no folder is open/);
    assert.deepEqual((await none.contextFor({ text: "x" }, 100, neverAborted)).leftOut, [{ file: "", reason: "no folder is open" }]);
    const missing = await knowledge({ root: path.join(root, "nowhere") });
    assert.deepEqual((await missing.ready(neverAborted)).excluded, { "not readable": 1 });
  });

  it("tells what its caps leave out", async () => {
    write(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}.ts`, `export const n${index} = 1;\n`])));
    const known = await knowledge({ limits: { maximumFiles: 5 } });
    const statistics = await known.ready(neverAborted);
    assert.deepEqual([statistics.files, statistics.overLimit], [5, 4]);
    assert.match(await ask(known, "where is n8"), /4 files were not indexed/);
  });

  it("rejects with the signal's reason, before and while waiting", async () => {
    const known = await knowledge();
    const reason = new Error("no longer wanted");
    await assert.rejects(known.outline({ path: "a.ts", text: "" }, AbortSignal.abort(reason)), reason);
    const controller = new AbortController();
    const pending = known.answerFromIndex({ text: "x" }, controller.signal);
    controller.abort(reason);
    await assert.rejects(pending, reason);
    assert.equal((await known.outline({ path: "a.ts", text: "function a() {}" }, neverAborted)).definitions.length, 1);
  });

  it("after dispose every call has an empty value with the reason", async () => {
    const known = await knowledge();
    await known.ready(neverAborted);
    const pending = known.answerFromIndex({ text: "x" }, neverAborted);
    known.dispose();
    assert.match((await pending).text, /not available/);
    assert.match((await known.answerFromIndex({ text: "x" }, neverAborted)).text, /closed/);
    assert.equal((await known.ready(neverAborted)).state, "failed");
    assert.equal((await known.outline({ path: "a.ts", text: "" }, neverAborted)).method, "none");
  });
});
