import assert from "node:assert/strict";
import fc from "fast-check";
import { createExclusions, type ExclusionRules, type Exclusions } from "../../../../src/core/context/exclusions";

/** Rules with ignore files written as `{ "folder/.gitignore": "text" }`. */
function rules(files: Record<string, string> = {}, rest: Partial<ExclusionRules> = {}): Exclusions {
  const exclusions = createExclusions({ editorExcludes: [], userGlobs: [], maximumFileBytes: 1000, ...rest });
  for (const [path, text] of Object.entries(files)) {
    const kind = path.endsWith(".ghostlightignore") ? "ghostlight" : "git";
    exclusions.setIgnoreFile({ kind, directory: path.split("/").slice(0, -1).join("/"), above: "", text });
  }
  return exclusions;
}

function reason(exclusions: Exclusions, path: string, facts = {}): string {
  const decision = exclusions.decide(path, facts);
  return decision.excluded ? decision.reason : "passed";
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("exclusions: secrets by name", () => {
  const secrets = [
    ".env", ".env.local", ".env.production", "prod.env", "a/b/.ENV", ".envrc", ".npmrc", ".netrc", "_netrc", ".pypirc", ".pgpass", ".htpasswd",
    ".git-credentials", "id_rsa", "id_rsa.pub", "keys/id_ed25519", "deploy_id_rsa", "backup_ed25519", "server.pem", "server.key", "cert.crt", "cert.cer",
    "a.p12", "a.pfx", "a.jks", "a.keystore", "a.kdbx", "a.ppk", "a.gpg", "a.asc", "kubeconfig", "kubeconfig.yaml", "dev.kubeconfig", ".kube/config", ".ssh/known_hosts",
    ".aws/credentials", ".docker/config.json", "credentials", "credentials.json", "aws-credentials.csv", "secrets.yaml", "app-secrets.yml", "client_secret_123.json",
    "service-account-prod.json", "firebase-service_account.json", "terraform.tfstate", "prod.tfvars", ".vault-token", "master.key", ".dev.vars", "local.settings.json",
    "wp-config.php", "auth.json", "passwords.txt", "api-keys.txt", "api_key.json", ".bash_history", "apikey", "vpn.ovpn", "app.mobileprovision",
  ];
  for (const path of secrets) it(`keeps out ${path}`, () => assert.equal(reason(rules(), path), "secret by name"));

  for (const path of ["src/credentials.ts", "src/secretNames.ts", "environment.ts", "src/env.ts", "keyboard.json", "tokens.ts", "passwordField.tsx", "docs/secrets.md", "monkey.ts", "package.json"]) {
    it(`lets ${path} pass`, () => assert.equal(reason(rules(), path), "passed"));
  }

  it("no ignore file and no glob lets a secret back in", () => {
    const exclusions = rules({ ".gitignore": "!.env\n!*.pem", ".ghostlightignore": "!.env" }, { userGlobs: ["!.env"], editorExcludes: ["!**/.env"] });
    assert.equal(reason(exclusions, ".env"), "secret by name");
    assert.equal(reason(exclusions, "a/server.pem"), "secret by name");
  });

  it("a secret in any folder and any case stays one", () => {
    fc.assert(
      fc.property(fc.constantFrom(...secrets.filter((path) => !path.includes("/"))), fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 4 }), fc.boolean(), (name, folders, upper) => {
        assert.equal(rules().decide([...folders, upper ? name.toUpperCase() : name].join("/")).excluded, true);
      }),
    );
  });
});

describe("exclusions: links", () => {
  it("keeps out a link that leaves the workspace", () => assert.equal(reason(rules(), "src/a.ts", { target: null }), "symlink out of the workspace"));
  it("judges a link by what it leads to", () => {
    assert.equal(reason(rules(), "src/settings.ts", { target: "config/.env" }), "secret by name");
    assert.equal(reason(rules({ ".gitignore": "private/" }), "src/a.ts", { target: "private/a.ts" }), "ignore file");
    assert.equal(reason(rules(), "src/a.ts", { target: "lib/a.ts" }), "passed");
  });
});

describe("exclusions: ignore files", () => {
  it("follows git: folders, negation, nested files, the nearest file wins", () => {
    const exclusions = rules({ ".gitignore": "*.log\nbuild/\n/only-here.ts\n!keep.log", "pkg/.gitignore": "!debug.log\nlocal.ts" });
    assert.equal(reason(exclusions, "a.log"), "ignore file");
    assert.equal(reason(exclusions, "keep.log"), "passed");
    assert.equal(reason(exclusions, "build/x/keep.log"), "ignore file");
    assert.equal(reason(exclusions, "only-here.ts"), "ignore file");
    assert.equal(reason(exclusions, "sub/only-here.ts"), "passed");
    assert.equal(reason(exclusions, "pkg/debug.log"), "passed");
    assert.equal(reason(exclusions, "pkg/other.log"), "ignore file");
    assert.equal(reason(exclusions, "pkg/local.ts"), "ignore file");
    assert.equal(reason(exclusions, "local.ts"), "passed");
  });
  it("a .ghostlightignore only adds", () => {
    const exclusions = rules({ ".gitignore": "*.log", ".ghostlightignore": "!*.log\ncustomers/" });
    assert.equal(reason(exclusions, "a.log"), "ignore file");
    assert.equal(reason(exclusions, "customers/list.ts"), ".ghostlightignore");
  });
  it("forgets a file that was taken away", () => {
    const exclusions = rules({ ".gitignore": "*.ts" });
    exclusions.setIgnoreFile({ kind: "git", directory: "", above: "", text: null });
    assert.equal(reason(exclusions, "a.ts"), "passed");
  });
  it("an ignore file above the workspace counts, unless it ignores the workspace itself", () => {
    const exclusions = rules();
    exclusions.setIgnoreFile({ kind: "git", directory: "", above: "packages/app", text: "*.gen.ts\n/packages/app/tmp" });
    assert.equal(reason(exclusions, "src/a.gen.ts"), "ignore file");
    assert.equal(reason(exclusions, "tmp/a.ts"), "ignore file");
    assert.equal(reason(exclusions, "other/tmp/a.ts"), "passed");
    const opened = rules();
    opened.setIgnoreFile({ kind: "git", directory: "", above: "scratch", text: "scratch/" });
    assert.equal(reason(opened, "a.ts"), "passed");
  });
});

describe("exclusions: globs", () => {
  it("reads the editor's globs as the editor does", () => {
    const exclusions = rules({}, { editorExcludes: ["**/out", "docs/*.{html,pdf}", "top.ts"] });
    assert.equal(reason(exclusions, "a/out/b.ts"), "editor's exclude settings");
    assert.equal(reason(exclusions, "docs/a.pdf"), "editor's exclude settings");
    assert.equal(reason(exclusions, "docs/a.md"), "passed");
    assert.equal(reason(exclusions, "top.ts"), "editor's exclude settings");
    assert.equal(reason(exclusions, "sub/top.ts"), "passed");
  });
  it("reads the user's globs as lines of an ignore file", () => {
    const exclusions = rules({}, { userGlobs: ["**/legal/**", "*.{sql,dump}"] });
    assert.equal(reason(exclusions, "x/legal/y/a.ts"), "your exclude globs");
    assert.equal(reason(exclusions, "x/a.sql"), "your exclude globs");
    assert.equal(reason(exclusions, "x/a.ts"), "passed");
  });
  it("never throws, whatever the globs and paths are", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 4 }), fc.string(), (globs, path) => {
        assert.equal(typeof rules({}, { editorExcludes: globs, userGlobs: globs }).decide(path).excluded, "boolean");
      }),
    );
  });
});

describe("exclusions: content", () => {
  it("binary, large, minified, generated, private key", () => {
    assert.equal(reason(rules(), "a.dat", { head: new Uint8Array([65, 0, 66]) }), "binary");
    assert.equal(reason(rules(), "a.ts", { sizeBytes: 1001 }), "too large");
    assert.equal(reason(rules(), "a.min.js"), "minified");
    assert.equal(reason(rules(), "a.js", { head: bytes("x".repeat(5000)) }), "minified");
    assert.equal(reason(rules(), "a.go", { head: bytes("// Code generated by protoc-gen-go. DO NOT EDIT.\npackage a") }), "generated");
    assert.equal(reason(rules(), "package-lock.json"), "generated");
    assert.equal(reason(rules(), "notes.txt", { head: bytes("hello\n-----BEGIN OPENSSH PRIVATE KEY-----\nabc") }), "private key");
    assert.equal(reason(rules(), "a.ts", { sizeBytes: 1000, head: bytes("const a = 1;\n") }), "passed");
  });
  it("code that only speaks of such files passes", () => {
    assert.equal(reason(rules(), "a.ts", { head: bytes('const marker = "@generated";\nif (text.includes("-----BEGIN PRIVATE KEY-----")) stop();\n') }), "passed");
  });
});

describe("exclusions: folders", () => {
  it("does not enter what is wholly out", () => {
    const exclusions = rules({ ".gitignore": "build/\n*.tmp" });
    for (const folder of ["node_modules", "a/node_modules", ".git", "build", ".ssh", "x/.aws", "cache.tmp"]) assert.equal(exclusions.decideFolder(folder).excluded, true, folder);
    for (const folder of ["", "src", "src/building", "env"]) assert.equal(exclusions.decideFolder(folder).excluded, false, folder);
  });
  it("a path out of the workspace is no path of ours", () => {
    for (const path of ["../a.ts", "/etc/passwd", ""]) assert.equal(rules().decide(path).excluded, true, path);
  });
});
