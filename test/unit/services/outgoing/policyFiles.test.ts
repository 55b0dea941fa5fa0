import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { EffectivePolicy } from "../../../../src/core/outgoing/gatekeeper";
import { createPolicyFiles, machinePolicyFiles, WORKSPACE_POLICY } from "../../../../src/services/outgoing/policyFiles";
import { HOSTILE_POLICIES } from "../../../support/hostilePolicies";
import { linkFolder, whereThereAre } from "../../../support/systemParts";

const STRICT = { version: 1, offlineOnly: true, neverCloud: ["secret/**"], neverIndex: ["private/**"], redact: [{ pattern: "ACME-\\d{4}", kind: "customer number" }], allowedHosts: ["api.example.com", "10.0.0.5:8080"] };

/** What may leave is none: asked of every rule of `STRICT`. */
function isAsStrict(effective: EffectivePolicy): boolean {
  return effective.offlineOnly !== null
    && ["secret/a.ts", "./secret/x/b.ts"].every((file) => effective.neverCloud(file) !== undefined)
    && effective.neverIndex("private/a.ts") !== undefined
    && effective.redact.some(({ pattern }) => new RegExp(pattern.source, pattern.flags).test("ACME-1234"))
    && [["evil.example", 443], ["10.0.0.5", 80], ["api.example.com.evil.example", 443], ["a.example.com", 443]].every(([host, port]) => effective.hostForbidden(String(host), Number(port)) !== undefined);
}

describe("policy files", () => {
  let folder = "";
  beforeEach(() => (folder = realpathSync.native(mkdtempSync(path.join(tmpdir(), "policies-")))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, content: object | string | Uint8Array): string {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content));
    return file;
  }
  const files = (...folders: string[]) => createPolicyFiles({ folders: () => folders.map((name) => path.join(folder, name)), machineFiles: [path.join(folder, "machine/policy.json")] });

  it("none forbids nothing", async () => assert.deepEqual((await files("workspace").read()).problems, []));

  it("all are read together: the machine's and each folder's, by name", async () => {
    write("machine/policy.json", { version: 1, offlineOnly: true });
    write(`one/${WORKSPACE_POLICY}`, { version: 1, neverCloud: ["a"] });
    write(`two/${WORKSPACE_POLICY}`, { version: 1, neverCloud: ["b"] });
    const effective = await files("one", "two").read();
    assert.equal(effective.offlineOnly?.file, path.join(folder, "machine/policy.json"));
    assert.match(effective.neverCloud("a") ?? "", /^one\/\.ghostlight\/policy\.json/);
    assert.match(effective.neverCloud("b") ?? "", /^two\/\.ghostlight\/policy\.json/);
  });

  it("a changed, new or deleted file counts with the next question", async () => {
    const policies = files("workspace");
    const allows = async () => (await policies.read()).hostForbidden("a.example", 443) === undefined;
    assert.equal(await allows(), true);
    const file = write(`workspace/${WORKSPACE_POLICY}`, { version: 1, allowedHosts: ["b.example"] });
    assert.equal(await allows(), false);
    const { atime, mtime } = statSync(file);
    write(`workspace/${WORKSPACE_POLICY}`, { version: 1, allowedHosts: ["a.example"] });
    utimesSync(file, atime, mtime); // Same size and time of writing: the time of the change still tells.
    assert.equal(await allows(), true);
    assert.equal(await policies.read(), await policies.read(), "unchanged files are not made ready again");
    rmSync(file);
    assert.equal((await policies.read()).hostForbidden("c.example", 443), undefined);
  });

  type Refused = readonly (readonly [what: string, make: () => void, problem: RegExp])[];
  const refused: Refused = [
    ["a folder that is a link", () => { write("elsewhere/policy.json", { version: 1 }); mkdirSync(path.join(folder, "workspace")); linkFolder(path.join(folder, "elsewhere"), path.join(folder, "workspace/.ghostlight")); }, /folder that is a symbolic link/],
    ["a folder", () => mkdirSync(path.join(folder, "workspace", WORKSPACE_POLICY), { recursive: true }), /is no file/],
    ["too large", () => write(`workspace/${WORKSPACE_POLICY}`, " ".repeat(257 * 1024)), /larger than 256 kB/],
    ["not UTF-8", () => write(`workspace/${WORKSPACE_POLICY}`, Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d)), /not written in UTF-8/],
  ];
  const links: Refused = [
    ["a link", () => { mkdirSync(path.join(folder, "workspace/.ghostlight"), { recursive: true }); symlinkSync(write("elsewhere.json", { version: 1 }), path.join(folder, "workspace", WORKSPACE_POLICY)); }, /is a symbolic link/],
    ["a link to nothing", () => { mkdirSync(path.join(folder, "workspace/.ghostlight"), { recursive: true }); symlinkSync("/nowhere", path.join(folder, "workspace", WORKSPACE_POLICY)); }, /is a symbolic link/],
    ["a link to an endless device", () => { mkdirSync(path.join(folder, "workspace/.ghostlight"), { recursive: true }); symlinkSync("/dev/zero", path.join(folder, "workspace", WORKSPACE_POLICY)); }, /is a symbolic link/],
  ];
  const pipes: Refused = [
    ["a pipe", () => { mkdirSync(path.join(folder, "workspace/.ghostlight"), { recursive: true }); execFileSync("mkfifo", [path.join(folder, "workspace", WORKSPACE_POLICY)]); }, /is no file/],
  ];
  function areProblems(cases: Refused): void {
    for (const [what, make, problem] of cases) it(`${what} is a problem`, async () => {
      make();
      const { problems } = await files("workspace").read();
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", problem);
      assert.match(problems[0] ?? "", /^\.ghostlight\/policy\.json .*\.$/);
    });
  }
  areProblems(refused);
  whereThereAre("links to files", () => { areProblems(links); });
  whereThereAre("named pipes", () => { areProblems(pipes); });

  whereThereAre("links to files", () => {
    it("the machine's own file may be a link, and a change behind it counts", async () => {
      const target = write("store/policy.json", { version: 1, neverCloud: ["a"] });
      mkdirSync(path.join(folder, "machine"));
      symlinkSync(target, path.join(folder, "machine/policy.json"));
      const policies = files();
      // Often enough that some of them come within one millisecond.
      for (const name of Array.from({ length: 40 }, (_, index) => String.fromCharCode(97 + (index % 26)))) {
        write("store/policy.json", { version: 1, neverCloud: [name] });
        assert.ok((await policies.read()).neverCloud(name), name);
      }
    });
  });

  it("hostile policies loosen nothing", async () => {
    assert.ok(HOSTILE_POLICIES.length >= 50);
    write("machine/policy.json", STRICT);
    const policies = files("workspace");
    assert.ok(isAsStrict(await policies.read()));
    for (const text of HOSTILE_POLICIES) {
      write(`workspace/${WORKSPACE_POLICY}`, text);
      assert.ok(isAsStrict(await policies.read()), text.slice(0, 200));
    }
  });

  it("hostile policies beside a repository's own loosen nothing, whatever the order of the folders", async () => {
    write(`own/${WORKSPACE_POLICY}`, STRICT);
    const both = [files("own", "hostile"), files("hostile", "own")];
    for (const text of HOSTILE_POLICIES) {
      write(`hostile/${WORKSPACE_POLICY}`, text);
      for (const policies of both) assert.ok(isAsStrict(await policies.read()), text.slice(0, 200));
    }
  });

  it("the machine's places follow the system, and no variable takes the known one away", () => {
    assert.deepEqual(machinePolicyFiles("linux", { ProgramData: "/tmp/x" }), ["/etc/ghostlight/policy.json"]);
    assert.deepEqual(machinePolicyFiles("darwin", {}), ["/Library/Application Support/Ghostlight/policy.json"]);
    assert.deepEqual(machinePolicyFiles("win32", { PROGRAMDATA: "c:\\programdata" }), ["C:\\ProgramData\\Ghostlight\\policy.json"]);
    assert.deepEqual(machinePolicyFiles("win32", { ProgramData: "D:\\Data", SystemDrive: "D:" }), ["C:\\ProgramData\\Ghostlight\\policy.json", "D:\\Data\\Ghostlight\\policy.json", "D:\\ProgramData\\Ghostlight\\policy.json"]);
    assert.deepEqual(machinePolicyFiles("win32", { ProgramData: "..\\here", SystemDrive: "" }), ["C:\\ProgramData\\Ghostlight\\policy.json"]);
  });
});
