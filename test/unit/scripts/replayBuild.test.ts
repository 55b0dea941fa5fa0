import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildCases, writeWorkspace, type BuiltCases } from "../../../scripts/replay/build";
import { blobsOf } from "../../../scripts/replay/git";
import { neverAborted } from "../../../src/core/util/abort";

const environment = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b" };

describe("scripts/replay/build", () => {
  let folder = "";
  let directory = "";

  const git = (...args: string[]): void => { execFileSync("git", args, { cwd: folder, env: environment, stdio: "pipe" }); };
  const commit = (files: Readonly<Record<string, string | null>>): void => {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      if (text === null) rmSync(file);
      else writeFileSync(file, text);
    }
    git("add", "--all");
    git("commit", "--quiet", "-m", "change");
  };
  const build = (since: number, cases: number, exclude: readonly string[] = []): Promise<BuiltCases> =>
    buildCases({ name: "tiny", directory }, { since, cases, seed: "1", exclude }, neverAborted);

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ghostlight-replay-"));
    directory = path.join(folder, ".git");
    git("init", "--quiet");
    commit({ "src/a.ts": "const first = 1;\nconst last = 9;\n", "src/gone.ts": "function movedAway() {}\n", "copy/b.ts": "const copied = true;\n" });
    commit({ "src/a.ts": "const first = 1;\nconst second = 2;\nconst last = 9;\n" });
    commit({ "src/a.ts": "const first = 1;\r\nconst second = 2;\r\nconst third = 3;\r\nconst last = 9;\r\n", "src/gone.ts": null, "src/new.ts": "  function movedAway() {}\n", "copy/b.ts": "const copied = true;\nconst more = true;\n", "notes.md": "A line of words.\n" });
  });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  it("takes the lines that the span added, in code only, and marks what moved", async () => {
    const built = await build(1, 4);
    assert.equal(built.commits, 2, "one commit did not give enough: the span was doubled");
    const lines = built.cases.map((each) => [each.path, each.before.slice(each.before.lastIndexOf("\n") + 1) + each.expected, each.moved]);
    assert.deepEqual(lines.filter(([file]) => file !== "src/a.ts"), [["copy/b.ts", "const more = true;", false]]);
    assert.equal(built.lines, 6);
    assert.equal(built.movedLines, 3, "the two lines of a.ts that only got new line breaks, and the function");
  });

  it("ends at the root where the history is short", async () => {
    const built = await build(50, 500);
    assert.equal(built.commits, 2);
  });

  it("refuses a history of one commit", async () => {
    rmSync(directory, { recursive: true });
    git("init", "--quiet");
    commit({});
    await assert.rejects(build(5, 5), /one commit/);
  });

  it("writes the workspace as it stood, without what is excluded and without links", async () => {
    symlinkSync("/etc/passwd", path.join(folder, "link.ts"));
    commit({ "src/z.ts": "const z = 26;\n" });
    commit({ "src/z.ts": "const z = 26;\nconst y = 25;\n" });
    const built = await build(1, 1);
    const workspace = path.join(folder, "workspace");
    await writeWorkspace(built, workspace, ["copy/"], neverAborted);
    assert.equal(readFileSync(path.join(workspace, "src/z.ts"), "utf8"), "const z = 26;\n");
    assert.equal(readFileSync(path.join(workspace, "link.ts"), "utf8"), "/etc/passwd");
    assert.equal(existsSync(path.join(workspace, "copy/b.ts")), false);
    assert.equal(existsSync(`${workspace}.index`), false);
  });

  it("leaves excluded paths out of the cases", async () => {
    const built = await build(50, 500, ["copy/"]);
    assert.deepEqual(built.cases.filter((each) => each.path.startsWith("copy/")), []);
    assert.equal(built.lines, 5);
  });

  it("reads files by name and says which are missing", async () => {
    const blobs = await blobsOf(directory, "HEAD", ["copy/b.ts", "none.ts", "src/new.ts"], neverAborted);
    assert.deepEqual(blobs.map(({ path: name, bytes }) => [name, bytes?.toString("utf8")]), [["copy/b.ts", "const copied = true;\nconst more = true;\n"], ["none.ts", undefined], ["src/new.ts", "  function movedAway() {}\n"]]);
  });

  it("stops when it is told to", async () => {
    await assert.rejects(buildCases({ name: "tiny", directory }, { since: 1, cases: 1, seed: "1", exclude: [] }, AbortSignal.abort()), /abort/i);
  });
});
