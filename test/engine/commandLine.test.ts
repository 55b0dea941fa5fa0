import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { syntheticModel } from "../../models/starter/train/syntheticModel";
import { childrenOf } from "../support/childProcesses";
import { whereThereAre } from "../support/systemParts";

interface Run {
  readonly code: number | null;
  readonly lines: readonly Record<string, unknown>[];
  readonly errors: string;
}

/** Runs the built command line with an empty HOME; every line of standard output must be JSON. */
function run(...args: readonly string[]): Promise<Run> {
  return runAndWatch(args, () => undefined);
}

/** The same, telling `onFirstOutput` of the child's process id with the first output. */
function runAndWatch(args: readonly string[], onFirstOutput: (processId: number) => void): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["dist/cli.js", ...args, "--json"], { env: { PATH: process.env["PATH"], HOME: "" }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.once("data", () => { onFirstOutput(child.pid ?? 0); });
    child.stdout.setEncoding("utf8").on("data", (text: string) => { output += text; });
    child.stderr.setEncoding("utf8").on("data", (text: string) => { errors += text; });
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, errors, lines: output.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>) });
    });
  });
}

const RECORD_KEYS = ["text", "outcome", "reason", "engine", "model", "promptTokens", "evaluatedTokens", "draftTokens", "generatedTokens", "firstTokenMs", "totalMs", "confidence"];
const SAMPLE = "test/fixtures/sample";

describe("command line, the built one with the real engine", () => {
  let folder = "";
  before(() => { folder = mkdtempSync(join(tmpdir(), "ghostlight-cli-")); });
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  const file = (name: string, text: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("complete prints one record with every field", async () => {
    const place = `${file("a.ts", "function add(a: number, b: number) {\n  return a\n}\n")}:2:11`;
    const { code, lines } = await run("complete", place, "--threshold", "0", "--engine", "model");
    assert.equal(code, 0);
    assert.deepEqual(lines.map((line) => Object.keys(line)), [RECORD_KEYS]);
    assert.ok(Number(lines[0]?.["evaluatedTokens"]) > 0);
    assert.deepEqual([lines[0]?.["engine"], lines[0]?.["draftTokens"]], ["model", 0]);
    const alone = await run("complete", place, "--threshold", "0", "--engine", "recall");
    assert.deepEqual(alone.lines.map((line) => [line["engine"], line["model"], line["evaluatedTokens"]]), [["recall", "", 0]]);
  });

  it("a batch answers each case, in order, independent of the others, and writes nothing into the workspace", async () => {
    const cases = ["for (let i = 0; i < items.length; ", "const a = ", "for (let i = 0; i < items.length; "].map((before, id) => JSON.stringify({ id, path: "src/x.ts", before: `function f(items: string[]) {\n  ${before}`, after: "\n}\n" }));
    const workspace = join(folder, "workspace");
    mkdirSync(workspace);
    const { code, lines } = await run("complete", "--batch", file("cases.jsonl", cases.join("\n")), "--workspace", workspace, "--threshold", "0");
    assert.equal(code, 0);
    assert.deepEqual(lines.map((line) => line["id"]), [0, 1, 2]);
    const answer = (line: Record<string, unknown> | undefined): unknown[] => ["text", "outcome", "promptTokens", "evaluatedTokens", "confidence"].map((key) => line?.[key]);
    assert.deepEqual(answer(lines[0]), answer(lines[2]));
    assert.deepEqual(readdirSync(workspace), []);
  });

  it("a bad case has its own line, the others are answered, and the exit code says so", async () => {
    const cases = [`{"id":"a","path":"x.ts"}`, "not json", JSON.stringify({ id: "b", path: "x.ts", before: "const a = ", after: "" })];
    const { code, lines, errors } = await run("complete", "--batch", file("bad.jsonl", cases.join("\n")), "--workspace", folder);
    assert.equal(code, 2);
    assert.deepEqual(lines.map((line) => line["id"]), ["a", null, "b"]);
    assert.match(errors, /bad\.jsonl: line 1: /);
    assert.match(errors, /bad\.jsonl: line 2: /);
  });

  whereThereAre("quick lists of processes", () => {
    it("the engine is killed in the middle of a batch: every case is answered all the same", async () => {
      const cases = Array.from({ length: 30 }, (_, id) => JSON.stringify({ id, path: "x.ts", before: `const a${String(id)} = [1, 2, 3];\n`.repeat(25), after: "\n" }));
      const { code, lines } = await runAndWatch(["complete", "--batch", file("many.jsonl", cases.join("\n")), "--workspace", folder, "--threshold", "0"], (processId) => {
        const engines = childrenOf(processId);
        assert.ok(engines.length > 0);
        for (const engine of engines) process.kill(engine, "SIGKILL");
      });
      assert.equal(code, 0);
      assert.equal(lines.length, 30);
      assert.deepEqual(lines.filter((line) => line["reason"] === "notReady" || String(line["reason"]).startsWith("failed")), []);
    });
  });

  it("an excluded file gets no suggestion and never reaches the engine", async () => {
    const { code, lines } = await run("complete", `${file(".env", "API_KEY=abc\n")}:1:5`, "--workspace", folder);
    assert.equal(code, 0);
    assert.deepEqual([lines[0]?.["outcome"], lines[0]?.["evaluatedTokens"]], ["nothing", 0]);
    assert.match(String(lines[0]?.["reason"]), /^excluded/);
  });

  it("without a workspace, a file is judged by where it really is", async () => {
    mkdirSync(join(folder, ".kube"));
    const { lines } = await run("complete", `${file(join(".kube", "config"), "token: 1\n")}:1:8`);
    assert.deepEqual([lines[0]?.["reason"], lines[0]?.["evaluatedTokens"]], ["excluded: secret by name", 0]);
  });

  it("a case's text stands in for an older copy on disk", async () => {
    file("made.ts", "// Code generated by a tool. DO NOT EDIT.\n");
    const { lines } = await run("complete", "--batch", file("one.jsonl", JSON.stringify({ id: 1, path: "made.ts", before: "const a = ", after: "\n" })), "--workspace", folder, "--threshold", "0");
    assert.ok(Number(lines[0]?.["evaluatedTokens"]) > 0, JSON.stringify(lines));
  });

  it("odd text is answered: NUL bytes, lone surrogates, special tokens, one long line", async () => {
    const odd = ["a\u0000b ", "\\ud800", "<|fim_middle|><|endoftext|>", "x".repeat(100_000)].map((before, id) => `{"id":${String(id)},"path":"o.ts","before":${before === "\\ud800" ? '"\\ud800"' : JSON.stringify(before)},"after":""}`);
    const { code, lines } = await run("complete", "--batch", file("odd.jsonl", odd.join("\n")), "--workspace", folder, "--threshold", "0");
    assert.equal(code, 0);
    assert.deepEqual(lines.map((line) => String(line["reason"]).startsWith("failed")), [false, false, false, false]);
  });

  it("ask answers from the index with sources inside the workspace", async () => {
    const { code, lines } = await run("ask", "where is Inventory defined?", "--workspace", SAMPLE);
    assert.equal(code, 0);
    const [answer] = lines;
    assert.deepEqual(Object.keys(answer ?? {}), ["answer", "kind", "sources", "leftOut", "firstTokenMs", "totalMs"]);
    assert.equal(answer?.["kind"], "index");
    assert.ok((answer["sources"] as { file: string }[]).some((source) => source.file === "src/inventory.ts"));
  });

  it("ask with a chat model streams a written answer, from the real engine", async () => {
    const model = file("chat.gguf", syntheticModel({ architecture: "qwen2", family: "qwen", vocabulary: 1_200, contextLength: 4_096 }));
    const { code, lines } = await run("ask", "where is Inventory defined?", "--workspace", SAMPLE, "--model", model);
    assert.equal(code, 0);
    assert.equal(lines[0]?.["kind"], "model");
  });

  it("replay prints a line a key and a summary; typing on costs at most three tokens a key", async () => {
    const trace = { path: "a.ts", before: "function add(a: number, b: number) {\n", after: "\n}\n", typed: "  return a + b;", intervalMs: 0 };
    const { code, lines } = await run("replay", file("trace.jsonl", JSON.stringify(trace)), "--wait");
    assert.equal(code, 0);
    const keys = lines.slice(0, -1);
    assert.deepEqual(keys.map((key) => key["key"]).join(""), trace.typed);
    assert.deepEqual(keys.map((key) => key["first"]), [...trace.typed].map((_, index) => index === 0));
    for (const key of keys.slice(1)) assert.ok(Number(key["evaluatedTokens"]) <= 3, JSON.stringify(key));
    assert.ok("summary" in (lines.at(-1) ?? {}));
  });

  describe("bad input ends with code 2 and one line that names it", () => {
    const cases: readonly (readonly [name: string, args: () => readonly string[], words: RegExp])[] = [
      ["a file that is not there", () => ["complete", "nowhere.ts:1:1"], /nowhere\.ts: no such file/],
      ["a line beyond the file", () => ["complete", `${file("b.ts", "a\n")}:9:1`], /b\.ts: it has no line 9/],
      ["a column beyond the line", () => ["complete", `${file("b.ts", "a\n")}:1:9`], /b\.ts: line 1 has no column 9/],
      ["a place without numbers", () => ["complete", "b.ts"], /FILE:LINE:COLUMN/],
      ["a model that is not there", () => ["complete", `${file("b.ts", "a\n")}:1:1`, "--model", "none.gguf"], /none\.gguf: there is no such file/],
      ["a model that is no GGUF", () => ["complete", `${file("b.ts", "a\n")}:1:1`, "--model", file("t.gguf", "text")], /t\.gguf: .*GGUF/],
      ["a model of an unknown family", () => ["complete", `${file("b.ts", "a\n")}:1:1`, "--model", file("u.gguf", syntheticModel({ family: "unknown" }))], /u\.gguf: its vocabulary has no fill-in-the-middle tokens/],
      ["an engine that is not there", () => ["complete", `${file("b.ts", "a\n")}:1:1`, "--engine", "oracle"], /--engine oracle/],
      ["a workspace that is not there", () => ["ask", "what?", "--workspace", "nowhere"], /nowhere: no such folder/],
      ["a batch file that is not there", () => ["complete", "--batch", "none.jsonl", "--workspace", folder], /none\.jsonl: no such file/],
      ["a trace with a bad line", () => ["replay", file("t.jsonl", `{"path":1}`)], /t\.jsonl: line 1: /],
    ];
    for (const [name, args, words] of cases) {
      it(name, async () => {
        const { code, lines, errors } = await run(...args());
        assert.deepEqual([code, lines], [2, []]);
        assert.match(errors, words);
        assert.equal(errors.trim().split("\n").length, 1, errors);
      });
    }
  });
});
