import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fetchPackage, type Download } from "../../../scripts/packaging/binaryPackages";
import { lockedPackage, type LockedPackage } from "../../../scripts/packaging/lockFile";
import { readMachineCode } from "../../../scripts/packaging/machineCode";
import { PlainError, runCommand } from "../../../scripts/project";
import { elfHeader, machHeader, portableHeader, universalHeader } from "../../support/programHeaders";

const sha512 = (bytes: Uint8Array): string => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;

describe("scripts/packaging/binaryPackages", () => {
  let folder = "";
  let tarball = "";
  let wanted: LockedPackage = { name: "@engine/one", version: "1.2.3", integrity: "" };
  const cache = (): string => path.join(folder, "cache");
  const serve: Download = async (_, target) => cp(tarball, path.join(target, "anything.tgz"));
  const never: Download = async () => assert.fail("fetched again");

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "ghostlight-packages-"));
    tarball = path.join(folder, "one.tgz");
    await mkdir(path.join(folder, "package"));
    await writeFile(path.join(folder, "package", "addon.node"), "machine code");
    await runCommand("tar", ["-czf", "one.tgz", "package"], { cwd: folder, quiet: true });
    wanted = { ...wanted, integrity: sha512(await readFile(tarball)) };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("unpacks what has the locked hash", async () => {
    const unpacked = await fetchPackage(wanted, cache(), serve);
    assert.equal(await readFile(path.join(unpacked, "addon.node"), "utf8"), "machine code");
  });

  it("asks once, and unpacks afresh, so that changed files are gone", async () => {
    const unpacked = await fetchPackage(wanted, cache(), serve);
    await writeFile(path.join(unpacked, "addon.node"), "changed");
    await writeFile(path.join(unpacked, "more.node"), "added");
    assert.deepEqual(await readdir(await fetchPackage(wanted, cache(), never)), ["addon.node"]);
    assert.equal(await readFile(path.join(unpacked, "addon.node"), "utf8"), "machine code");
  });

  it("refuses other bytes, unpacks nothing and keeps nothing of them", async () => {
    const other: LockedPackage = { ...wanted, integrity: sha512(Buffer.from("the real one")) };
    await assert.rejects(fetchPackage(other, cache(), serve), (error) => error instanceof PlainError && /@engine\/one 1\.2\.3 is not the package/.test(error.message));
    assert.deepEqual(await readdir(cache()), []);
  });

  it("refuses a tarball that changed in the cache", async () => {
    await fetchPackage(wanted, cache(), serve);
    await writeFile(path.join(cache(), "engine-one-1.2.3.tgz"), "changed");
    await assert.rejects(fetchPackage(wanted, cache(), never), /its hash differs/);
  });

  it("leaves nothing half done where the registry cannot be reached", async () => {
    const unreachable: Download = async (_, target) => {
      await writeFile(path.join(target, "half.tgz"), "ha");
      throw new PlainError("no network");
    };
    await assert.rejects(fetchPackage(wanted, cache(), unreachable), /no network/);
    assert.deepEqual(await readdir(cache()), []);
  });

  it("refuses an answer of no file, or of several", async () => {
    await assert.rejects(fetchPackage(wanted, cache(), async () => undefined), /0 files came/);
    await assert.rejects(fetchPackage(wanted, cache(), async (locked, target) => { await serve(locked, target); await writeFile(path.join(target, "b.tgz"), ""); }), /2 files came/);
  });
});

describe("scripts/packaging/lockFile", () => {
  const integrity = sha512(Buffer.from("x"));
  const locked = (entry: object): LockedPackage => lockedPackage({ packages: { "node_modules/@engine/one": entry } }, "@engine/one");

  it("gives version and hash", () => assert.deepEqual(locked({ version: "1.0.0", integrity }), { name: "@engine/one", version: "1.0.0", integrity }));

  it("refuses a package without a hash, with a weaker one, with a choice of hashes, or unknown", () => {
    assert.throws(() => locked({ version: "1.0.0" }), /no SHA-512 of @engine\/one 1\.0\.0/);
    assert.throws(() => locked({ version: "1.0.0", integrity: `sha1-${createHash("sha1").update("x").digest("base64")}` }), /no SHA-512/);
    assert.throws(() => locked({ version: "1.0.0", integrity: `${integrity} ${sha512(Buffer.from("y"))}` }), /no SHA-512/);
    assert.throws(() => locked({ version: "1.0.0", integrity: "sha512-" }), /no SHA-512/);
    assert.throws(() => lockedPackage({ packages: {} }, "@engine/one"), /does not name @engine\/one/);
  });
});

describe("scripts/packaging/machineCode", () => {
  const headers: readonly (readonly [string, Buffer, string, readonly string[]])[] = [
    ["ELF for x64", elfHeader(62), "linux", ["x64"]],
    ["ELF for arm64", elfHeader(183), "linux", ["arm64"]],
    ["ELF for arm", elfHeader(40), "linux", ["arm"]],
    ["ELF for a processor that no package is for", elfHeader(22, true), "linux", ["0x16"]],
    ["Mach-O for x64", machHeader(0x01000007), "darwin", ["x64"]],
    ["Mach-O for arm64", machHeader(0x0100000c), "darwin", ["arm64"]],
    ["universal Mach-O", universalHeader([0x01000007, 0x0100000c]), "darwin", ["x64", "arm64"]],
    ["PE for x64", portableHeader(0x8664), "win32", ["x64"]],
    ["PE for arm64", portableHeader(0xaa64), "win32", ["arm64"]],
    ["PE for ia32", portableHeader(0x14c), "win32", ["ia32"]],
  ];
  for (const [name, bytes, system, machines] of headers) {
    it(`reads ${name}`, () => assert.deepEqual(readMachineCode(bytes), { system, machines }));
    it(`reads ${name} within other bytes`, () => assert.deepEqual(readMachineCode(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)), { system, machines }));
  }

  it("reads the program that runs this test", async () => {
    const file = await open(process.execPath);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    await file.close();
    const code = readMachineCode(buffer.subarray(0, bytesRead));
    assert.equal(code?.system, process.platform);
    assert.ok(code?.machines.includes(process.arch));
  });

  it("takes nothing else for a program: text, a Java class, a cut header, no bytes", () => {
    const javaClass = Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52, ...new Uint8Array(2000)]);
    const cut = headers.map(([, bytes]) => bytes.subarray(0, 7));
    for (const bytes of [Buffer.from("MZ is how this text begins"), Buffer.from(`MZ${" ".repeat(200)}`), javaClass, ...cut, Buffer.alloc(0)]) assert.equal(readMachineCode(bytes), null);
  });
});
