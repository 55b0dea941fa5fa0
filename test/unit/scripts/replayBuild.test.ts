import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { buildCases, writeWorkspace, type BuiltCases } from "../../../scripts/replay/build";
import { blobsOf, gitDirectoryOf } from "../../../scripts/replay/git";
import { neverAborted } from "../../../src/core/util/abort";
import { createGitHistory, type GitHistory } from "../../support/gitHistory";
import { whereThereAre } from "../../support/systemParts";

describe("scripts/replay/build", () => {
  let history: GitHistory;
  let directory = "";
  afterEach(() => { history.dispose(); });

  const build = (since: number, cases: number, exclude: readonly string[] = []): Promise<BuiltCases> =>
    buildCases({ name: "tiny", directory }, { since, cases, seed: "1", exclude }, neverAborted);

  beforeEach(() => {
    history = createGitHistory();
    directory = path.join(history.folder, ".git");
    history.commit({ "src/a.ts": "const first = 1;\nconst last = 9;\n", "src/gone.ts": "function movedAway() {}\n", "copy/b.ts": "const copied = true;\n" });
    history.commit({ "src/a.ts": "const first = 1;\nconst second = 2;\nconst last = 9;\n" });
    history.commit({ "src/a.ts": "const first = 1;\r\nconst second = 2;\r\nconst third = 3;\r\nconst last = 9;\r\n", "src/gone.ts": null, "src/new.ts": "  function movedAway() {}\n", "copy/b.ts": "const copied = true;\nconst more = true;\n", "notes.md": "A line of words.\n" });
  });

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
    history.restart();
    history.commit({});
    await assert.rejects(build(5, 5), /one commit/);
  });

  whereThereAre("links to files", () => {
    it("writes the workspace as it stood, without what is excluded and without links", async () => {
      symlinkSync("../secret.ts", path.join(history.folder, "link.ts"));
      history.commit({ "src/z.ts": "const z = 26;\n" });
      history.commit({ "src/z.ts": "const z = 26;\nconst y = 25;\n" });
      const built = await build(1, 1);
      const workspace = path.join(history.folder, "workspace");
      await writeWorkspace(built, workspace, ["copy/"], neverAborted);
      assert.equal(readFileSync(path.join(workspace, "src/z.ts"), "utf8"), "const z = 26;\n");
      assert.equal(readFileSync(path.join(workspace, "link.ts"), "utf8"), "../secret.ts");
      assert.equal(existsSync(path.join(workspace, "copy/b.ts")), false);
      assert.equal(existsSync(`${workspace}.index`), false);
    });
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

  it("finds the git directory of a work tree and of itself, and refuses other folders", async () => {
    assert.deepEqual([await gitDirectoryOf(history.folder, neverAborted), await gitDirectoryOf(directory, neverAborted)], [directory, directory]);
    await assert.rejects(gitDirectoryOf("/", neverAborted), /no git repository/);
  });

  it("stops when it is told to", async () => {
    await assert.rejects(buildCases({ name: "tiny", directory }, { since: 1, cases: 1, seed: "1", exclude: [] }, AbortSignal.abort()), /abort/i);
  });
});
