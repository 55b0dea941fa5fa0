import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { readProjectFile, root } from "../../support/sourceTree";
import { workflowFaults, type WorkflowRule } from "../../support/workflowRules";

const folder = ".github/workflows";
const scripts = Object.keys((JSON.parse(readProjectFile("package.json")) as { scripts: Record<string, string> }).scripts);
const texts = new Map(readdirSync(path.join(root, folder)).map((name) => [name, readProjectFile(`${folder}/${name}`)]));
const text = (name: string): string => texts.get(name) ?? "";

describe("the workflows", () => {
  it("are three: check, package, release", () => assert.deepEqual([...texts.keys()].sort(), ["check.yml", "package.yml", "release.yml"]));

  for (const [name, content] of texts) {
    it(`${name} keeps the rules`, () => assert.deepEqual(workflowFaults(content, scripts), []));
  }

  it("test on three systems, each in the desktop VS Code", () => {
    assert.match(text("check.yml"), /system: \[ubuntu-[\d.]+, macos-\d+, windows-\d+\]/);
    assert.equal(text("check.yml").match(/run: .*npm run test:desktop$/gm)?.length, 2);
    for (const command of ["npm run check", "npm run test:unit", "npm run test:engine"]) assert.ok(text("check.yml").includes(`- run: ${command}\n`), command);
  });

  it("make every package twice, and compare", () => {
    assert.equal(text("package.yml").match(/- run: npm run package -- --all$/gm)?.length, 2);
    assert.match(text("package.yml"), /sha256sum --check --strict first\/SHA256SUMS/);
  });

  it("publish to both places only what was built from the tag and signed, each token in an environment of its own", () => {
    for (const [job, tool, token] of [["marketplace", "vsce", "VSCE_PAT"], ["open-vsx", "ovsx", "OVSX_PAT"]] as const) {
      const [, part = ""] = text("release.yml").split(`\n  ${job}:\n`);
      const own = part.split(/\n {2}[a-z-]+:\n/)[0] ?? "";
      assert.match(own, new RegExp(`needs: provenance\\n {4}environment: ${job}\\n`));
      assert.ok(own.indexOf("gh attestation verify") < own.indexOf(`bin/${tool} publish`) && own.includes("gh attestation verify"));
      assert.deepEqual(own.match(/secrets\.\w+/g), [`secrets.${token}`]);
    }
    assert.match(text("release.yml"), /on:\n {2}push:\n {4}tags: \["v\*"\]\n/);
  });

  it("install nothing but what a lock file with hashes names, the publishing tools included", () => {
    const { dependencies } = JSON.parse(readProjectFile("scripts/publish/package.json")) as { dependencies: Record<string, string> };
    const { packages } = JSON.parse(readProjectFile("scripts/publish/package-lock.json")) as { packages: Record<string, { version?: string; integrity?: string; resolved?: string }> };
    for (const [name, version] of Object.entries(dependencies)) {
      assert.match(version, /^\d+\.\d+\.\d+$/);
      assert.equal(packages[`node_modules/${name}`]?.version, version);
    }
    const { devDependencies } = JSON.parse(readProjectFile("package.json")) as { devDependencies: Record<string, string> };
    assert.equal(dependencies["@vscode/vsce"], devDependencies["@vscode/vsce"], "what packages is what publishes");
    const entries = Object.entries(packages).filter(([name]) => name !== "");
    assert.deepEqual(entries.filter(([, { integrity, resolved }]) => !/^sha512-/.test(integrity ?? "") || resolved !== undefined).map(([name]) => name), []);
  });
});

const hash = "0123456789abcdef0123456789abcdef01234567";
/** A workflow without fault, for both kinds of events: the one of pull requests, and the one of tags. */
const sound = (event: string): string => `
on: ${event}
permissions:
  contents: read
jobs:
  test:
    strategy:
      matrix:
        system: [ubuntu-24.04, windows-2025]
    runs-on: \${{ matrix.system }}
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@${hash} # v4.2.2
        with:
          persist-credentials: false
      - uses: some/action@v2 # must be pinned to its commit
      - run: npm ci --ignore-scripts
      - run: npm run check
  reuse:
    uses: ./.github/workflows/package.yml
`;
const publishing = `${sound("push")}
  publish:
    environment: market
    permissions:
      contents: read
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - env:
          TOKEN: \${{ secrets.TOKEN }}
        run: publish "$TOKEN"
`;
const signing = `${sound("push")}
  sign:
    permissions:
      id-token: write
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: sign
`;

describe("the rules for workflows", () => {
  const rulesBroken = (content: string): WorkflowRule[] => [...new Set(workflowFaults(content, ["check"]).map(({ rule }) => rule))];
  for (const [name, content] of [["a check", sound("pull_request")], ["a publication", publishing], ["a signature", signing]] as const) {
    it(`find nothing in ${name}`, () => assert.deepEqual(workflowFaults(content, ["check"]), []));
  }

  const pull = sound("pull_request");
  const breaches: readonly (readonly [WorkflowRule, string, string, string, string])[] = [
    ["form", "broken YAML", pull, "jobs:", "jobs: ["],
    ["form", "no word about permissions", pull, "permissions:\n  contents: read\n", ""],
    ["trigger", "code of strangers with the project's rights", pull, "on: pull_request", "on: [push, pull_request_target]"],
    ["trigger", "an event after such a run", pull, "on: pull_request", "on:\n  workflow_run:\n    workflows: [a]"],
    ["permission", "all rights", pull, "permissions:\n  contents: read", "permissions: write-all"],
    ["permission", "a right to write for every job", pull, "contents: read", "contents: write"],
    ["permission", "a right to write after a pull request", signing, "on: push", "on: [push, pull_request]"],
    ["permission", "all rights for one job", signing, "permissions:\n      id-token: write", "permissions: write-all"],
    ["permission", "the repository's code in a job that may write", signing, "run: sign", "run: npm run check"],
    ["permission", "a checkout in a job that may write", signing, "- run: sign", `- uses: actions/checkout@${hash} # v4.2.2\n        with:\n          persist-credentials: false`],
    ["secret", "a secret after a pull request", publishing, "on: push", "on: pull_request"],
    ["secret", "a secret in a workflow that others call", publishing, "on: push", "on: workflow_call"],
    ["secret", "a secret without an environment", publishing, "    environment: market\n", ""],
    ["secret", "a secret for a whole job", publishing, "    environment: market\n", "    environment: market\n    env:\n      TOKEN: ${{ secrets.TOKEN }}\n"],
    ["secret", "all secrets for another workflow", pull, "    uses: ./.github/workflows/package.yml\n", "    uses: ./.github/workflows/package.yml\n    secrets: inherit\n"],
    ["secret", "the project's scripts beside a secret", publishing, "steps:\n      - env:", "steps:\n      - run: npm run check\n      - env:"],
    ["pin", "an action by branch", pull, `@${hash} # v4.2.2`, "@main"],
    ["pin", "a hash without its version", pull, `@${hash} # v4.2.2`, `@${hash}`],
    ["pin", "a shortened hash", pull, hash, hash.slice(0, 12)],
    ["pin", "a version that could move and does not say so", pull, "@v2 # must be pinned to its commit", "@v2"],
    ["pin", "another repository's workflow by branch", pull, "./.github/workflows/package.yml", "some/other/.github/workflows/package.yml@main"],
    ["command", "install scripts", pull, "npm ci --ignore-scripts", "npm ci"],
    ["command", "install scripts of one of two", pull, "npm ci --ignore-scripts", "npm ci --prefix a && npm ci --ignore-scripts"],
    ["command", "a package that no lock file names", pull, "npm run check", "npx some-tool"],
    ["command", "an installation past the lock file", pull, "npm ci --ignore-scripts", "npm install --ignore-scripts"],
    ["command", "a script from the net", pull, "npm run check", "curl example.org | sh"],
    ["command", "a script that does not exist", pull, "npm run check", "npm run chekc"],
    ["expression", "a branch's name within a command", pull, "npm run check", "echo ${{ github.head_ref }}"],
    ["checkout", "the token left with the files", pull, "persist-credentials: false", "persist-credentials: true"],
    ["checkout", "the token left by default", pull, "        with:\n          persist-credentials: false\n", ""],
    ["limit", "no end", pull, "    timeout-minutes: 10\n", ""],
    ["limit", "a system that changes", pull, "windows-2025", "windows-latest"],
    ["limit", "somebody's own machine", pull, "${{ matrix.system }}", "self-hosted"],
    ["address", "an address", pull, "npm run check", "npm run check -- https://example.org"],
  ];
  for (const [rule, what, content, from, to] of breaches) {
    it(`find ${what} (${rule})`, () => {
      assert.ok(content.includes(from), "the sample has changed");
      assert.deepEqual(rulesBroken(content.replace(from, to)), [rule]);
    });
  }
});
