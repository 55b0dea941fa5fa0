import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createWorkspaceExclusions } from "../../../../src/services/index/workspaceExclusions";
import { linkFolder, whereThereAre } from "../../../support/systemParts";

describe("workspace exclusions", () => {
  let folder = "";
  beforeEach(() => (folder = realpathSync.native(mkdtempSync(path.join(tmpdir(), "exclusions-")))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(files: Record<string, string | Uint8Array>): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    return path.join(folder, "workspace");
  }
  function link(target: string, at: string): void {
    mkdirSync(path.dirname(path.join(folder, at)), { recursive: true });
    symlinkSync(path.join(folder, target), path.join(folder, at));
  }
  async function reason(root: string | null, file: string): Promise<string> {
    const decision = await createWorkspaceExclusions({ root, editorExcludes: [], userGlobs: [], recheck: true, readAbove: true }).decide(file);
    return decision.excluded ? decision.reason : "passed";
  }

  it("passes a plain file, relative or absolute", async () => {
    const root = write({ "workspace/src/a.ts": "const a = 1;" });
    assert.equal(await reason(root, "src/a.ts"), "passed");
    assert.equal(await reason(root, path.join(root, "src/a.ts")), "passed");
  });

  whereThereAre("links to files", () => {
    it("resolves links before it judges", async () => {
      const root = write({ "workspace/.env": "KEY=1", "workspace/real.ts": "x", "outside/secret.ts": "x", "workspace/private/a.ts": "x", "workspace/.gitignore": "private/" });
      link("workspace/.env", "workspace/config.ts");
      link("outside/secret.ts", "workspace/out.ts");
      linkFolder(path.join(folder, "outside"), path.join(root, "vendor"));
      linkFolder(path.join(root, "private"), path.join(root, "public"));
      link("workspace/real.ts", "workspace/alias.ts");
      assert.equal(await reason(root, "config.ts"), "secret by name");
      assert.equal(await reason(root, "out.ts"), "symlink out of the workspace");
      assert.equal(await reason(root, "vendor/secret.ts"), "symlink out of the workspace");
      assert.equal(await reason(root, "vendor/not-yet-there.ts"), "symlink out of the workspace");
      assert.equal(await reason(root, "public/a.ts"), "ignore file");
      assert.equal(await reason(root, "alias.ts"), "passed");
    });
  });

  whereThereAre("links to files", () => {
    it("a policy keeps files out, by the rule's own name, links included, and nothing lets them back in", async () => {
      const root = write({ "workspace/.ghostlight/policy.json": JSON.stringify({ version: 1, neverIndex: ["private/**", "*.sql"] }), "workspace/private/a.ts": "x", "workspace/a.ts": "x", "workspace/deep/b.sql": "x", "workspace/.gitignore": "!private/\n!*.sql" });
      link("workspace/private/a.ts", "workspace/alias.ts");
      assert.equal(await reason(root, "private/a.ts"), "policy: .ghostlight/policy.json keeps \"private/**\" out (\"neverIndex\")");
      assert.match(await reason(root, "deep/b.sql"), /^policy: .*"\*\.sql"/);
      assert.match(await reason(root, "alias.ts"), /^policy: /);
      assert.equal(await reason(root, "a.ts"), "passed");
    });
  });

  it("the machine's policy holds too, in a folder and without one, and a changed policy at once", async () => {
    const root = write({ "machine/policy.json": JSON.stringify({ version: 1, neverIndex: ["**/vault/**"] }), "workspace/vault/a.ts": "x", "workspace/b.ts": "x" });
    const machinePolicies = [path.join(folder, "machine/policy.json")];
    const options = { editorExcludes: [], userGlobs: [], readAbove: true, machinePolicies };
    const open = createWorkspaceExclusions({ ...options, root, recheck: true });
    const none = createWorkspaceExclusions({ ...options, root: null, recheck: true });
    const once = createWorkspaceExclusions({ ...options, root, recheck: false });
    for (const file of [path.join(root, "vault/a.ts"), path.join(root, "vault/new.ts")]) {
      assert.deepEqual([await open.decide(file), await none.decide(file), await once.decide(file), await open.decideText(file, "x")].map(({ excluded }) => excluded), [true, true, true, true], file);
    }
    assert.deepEqual([(await open.decideName("vault/a.ts")).excluded, (await none.decideName("vault/a.ts")).excluded, (await once.decideFolder("vault/inner")).excluded], [true, true, true]);
    assert.equal((await open.decide("b.ts")).excluded, false);
    write({ "workspace/.ghostlight/policy.json": JSON.stringify({ version: 1, neverIndex: ["b.ts"] }) });
    assert.equal((await open.decide("b.ts")).excluded, true);
    assert.equal((await once.decide("b.ts")).excluded, false, "one walk reads each rule once");
  });

  whereThereAre("links to files", () => {
    it("a chain and a loop of links end in an answer", async () => {
      const root = write({ "workspace/.npmrc": "token" });
      link("workspace/.npmrc", "workspace/one.ts");
      link("workspace/one.ts", "workspace/two.ts");
      link("workspace/loop-b.ts", "workspace/loop-a.ts");
      link("workspace/loop-a.ts", "workspace/loop-b.ts");
      assert.equal(await reason(root, "two.ts"), "secret by name");
      assert.notEqual(await reason(root, "loop-a.ts"), "passed");
    });
  });

  it("a workspace opened through a link is still itself", async () => {
    write({ "workspace/src/a.ts": "x", "workspace/.gitignore": "b.ts", "workspace/b.ts": "x" });
    const root = path.join(folder, "opened");
    linkFolder(path.join(folder, "workspace"), root);
    assert.equal(await reason(root, "src/a.ts"), "passed");
    assert.equal(await reason(root, path.join(root, "src/a.ts")), "passed");
    assert.equal(await reason(root, "b.ts"), "ignore file");
  });

  it("nested ignore files, and those above the workspace up to the repository", async () => {
    const root = write({ ".git/HEAD": "", ".gitignore": "*.gen.ts\n", "workspace/a.gen.ts": "x", "workspace/sub/.gitignore": "b.ts", "workspace/sub/b.ts": "x", "workspace/b.ts": "x", "workspace/.ghostlightignore": "c.ts", "workspace/c.ts": "x" });
    assert.equal(await reason(root, "a.gen.ts"), "ignore file");
    assert.equal(await reason(root, "sub/b.ts"), "ignore file");
    assert.equal(await reason(root, "b.ts"), "passed");
    assert.equal(await reason(root, "c.ts"), ".ghostlightignore");
  });

  it("told not to, looks at nothing above the workspace", async () => {
    const root = write({ ".git/HEAD": "ref", ".gitignore": "src/", "workspace/src/a.ts": "x" });
    assert.equal(await reason(root, "src/a.ts"), "ignore file");
    const alone = createWorkspaceExclusions({ root, editorExcludes: [], userGlobs: [], recheck: true, readAbove: false });
    assert.equal((await alone.decide("src/a.ts")).excluded, false);
  });

  it("a text that stands in for a file is judged in its place", async () => {
    const root = write({ "workspace/a.ts": "// Code generated by a tool. DO NOT EDIT.\n", "workspace/b.ts": "const b = 1;" });
    const exclusions = createWorkspaceExclusions({ root, editorExcludes: [], userGlobs: [], recheck: true, readAbove: false });
    const excluded = async (file: string, text: string): Promise<boolean> => (await exclusions.decideText(file, text)).excluded;
    assert.equal(await reason(root, "a.ts"), "generated");
    assert.deepEqual([await excluded("a.ts", "const a = 1;"), await excluded("b.ts", "a\0b"), await excluded(".env", "A=1")], [false, true, true]);
  });

  whereThereAre("links to files", () => {
    it("without a folder the whole path names a secret, and a link's target counts", async () => {
      write({ "home/.kube/config": "token: 1", "home/.env": "A=1" });
      link("home/.env", "home/notes.ts");
      assert.equal(await reason(null, path.join(folder, "home/.kube/config")), "secret by name");
      assert.equal(await reason(null, path.join(folder, "home/notes.ts")), "secret by name");
    });
  });

  it("notices an ignore file that changed", async () => {
    const root = write({ "workspace/a.ts": "x" });
    const exclusions = createWorkspaceExclusions({ root, editorExcludes: [], userGlobs: [], recheck: true, readAbove: true });
    assert.equal((await exclusions.decide("a.ts")).excluded, false);
    write({ "workspace/.gitignore": "a.ts" });
    assert.equal((await exclusions.decide("a.ts")).excluded, true);
    write({ "workspace/.gitignore": "b.ts # changed" });
    assert.equal((await exclusions.decide("a.ts")).excluded, false);
  });

  it("answers none of several questions at once before the ignore files were read", async () => {
    const root = write({ "workspace/.gitignore": `${"# a long file\n".repeat(100_000)}a.ts`, "workspace/a.ts": "x", "workspace/sub/.ghostlightignore": "b.ts", "workspace/sub/b.ts": "x" });
    for (const recheck of [true, false]) {
      const exclusions = createWorkspaceExclusions({ root, editorExcludes: [], userGlobs: [], recheck, readAbove: true });
      const asked: Promise<{ excluded: boolean }>[] = [];
      for (let turn = 0; turn < 60; turn++) {
        asked.push(exclusions.decideName("a.ts"), exclusions.decideName("sub/b.ts"));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.deepEqual((await Promise.all(asked)).filter(({ excluded }) => !excluded), []);
    }
  });

  it("looks into files: binary, private keys, size", async () => {
    const root = write({ "workspace/a.ts": new Uint8Array([1, 0, 2]), "workspace/b.txt": "-----BEGIN RSA PRIVATE KEY-----\nx", "workspace/c.ts": "x\n".repeat(600_000) });
    assert.equal(await reason(root, "a.ts"), "binary");
    assert.equal(await reason(root, "b.txt"), "private key");
    assert.equal(await reason(root, "c.ts"), "too large");
  });

  it("a file that does not exist yet is judged by its name", async () => {
    const root = write({ "workspace/.gitignore": "out/" });
    assert.equal(await reason(root, "new/file.ts"), "passed");
    assert.equal(await reason(root, "out/file.ts"), "ignore file");
    assert.equal(await reason(root, "new/.env"), "secret by name");
  });

  it("outside of the workspace nothing passes", async () => {
    const root = write({ "workspace/a.ts": "x", "other/b.ts": "x" });
    assert.equal(await reason(root, "../other/b.ts"), "outside the workspace");
    assert.equal(await reason(root, path.join(folder, "other/b.ts")), "outside the workspace");
  });

  whereThereAre("links to files", () => {
    it("without a workspace single files are judged by name and content", async () => {
      write({ "workspace/a.ts": "x", "workspace/.env": "x" });
      link("workspace/.env", "workspace/link.ts");
      assert.equal(await reason(null, path.join(folder, "workspace/a.ts")), "passed");
      assert.equal(await reason(null, path.join(folder, "workspace/.env")), "secret by name");
      assert.equal(await reason(null, path.join(folder, "workspace/link.ts")), "secret by name");
      assert.equal(await reason(null, "Untitled-1"), "passed");
    });
  });
});
