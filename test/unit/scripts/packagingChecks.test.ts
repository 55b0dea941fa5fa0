import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { packageFaults, requiredFiles } from "../../../scripts/packaging/checks";
import { platformFor, type PackagePlatform } from "../../../scripts/packaging/platform";
import { createVsix } from "../../../scripts/packaging/vsce";
import { readZip, type ZipEntry } from "../../../scripts/packaging/zipFile";
import { elfHeader, machHeader, portableHeader, universalHeader } from "../../support/programHeaders";

const [linux, windows, mac, vulkan] = [platformFor("linux-x64", null), platformFor("win32-arm64", null), platformFor("darwin-x64", null), platformFor("linux-x64", "vulkan")];

const addon = (of: PackagePlatform, index = 0): string => `dist/node_modules/@node-llama-cpp/${of.binaryPackages[index]}/bins/${of.binaryPackages[index]}/llama-addon.node`;
const programs = new Map([[linux, elfHeader(62)], [vulkan, elfHeader(62)], [windows, portableHeader(0xaa64)], [mac, machHeader(0x01000007)]]);

const entry = (name: string, content: string | Buffer = "", compressedSize = 100): ZipEntry => ({ name, compressedSize, time: 0, mode: 0o100644, read: () => Buffer.from(content) });

/** The faults of a package that is sound for the platform but for some files: replaced or added, taken out where null. */
function faults(platform: PackagePlatform, changes: Readonly<Record<string, string | Buffer | null>> = {}, { target = platform.target, bytes = 20e6, weights = 8e6 } = {}): string[] {
  const program = programs.get(platform) ?? Buffer.alloc(0);
  const files = new Map<string, string | Buffer | null>(requiredFiles(platform).map((name) => [name, name.endsWith(".node") ? program : name]));
  files.set("models/starter/some.gguf", "weights");
  for (const [name, content] of Object.entries(changes)) files.set(name, content);
  const entries = [...files].flatMap(([name, content]) => (content === null ? [] : [entry(`extension/${name}`, content, name.endsWith(".gguf") ? weights : 100)]));
  const manifest = entry("extension.vsixmanifest", `<Identity Id="ghostlight"${target === "" ? "" : ` TargetPlatform="${target}"`}/>`);
  return packageFaults({ entries: [manifest, ...entries], bytes }, platform, ["/home/builder", "/build/ghostlight"]);
}

describe("scripts/packaging/checks", () => {
  for (const platform of [linux, windows, mac, vulkan]) {
    it(`finds nothing in a sound package for ${platform.target}${platform.variant ? " with Vulkan" : ""}`, () => assert.deepEqual(faults(platform), []));
  }

  it("finds what is missing", () => {
    for (const name of requiredFiles(linux)) assert.deepEqual(faults(linux, { [name]: null }), [`It lacks ${name}.`]);
    assert.deepEqual(faults(linux, { "models/starter/some.gguf": null }), ["It lacks models/starter/*.gguf."]);
    assert.deepEqual(faults(vulkan, { [addon(vulkan, 1)]: null }), [`It lacks ${addon(vulkan, 1)}.`]);
  });

  it("finds what no user needs", () => {
    const surplus = ["dist/extension.js.map", "dist/node_modules/a/index.d.ts", "models/starter/train/model.json", "models/recall/fit/fit.json", "dist/node_modules/node-llama-cpp/llama/xpack/a.json", "dist/node_modules/node-llama-cpp/llama/gitRelease.bundle", ".git/config", "dist/node_modules/.bin/a", "other.vsix"];
    for (const name of surplus) assert.deepEqual(faults(linux, { [name]: "" }), [`It holds ${name}, which no user needs.`]);
  });

  it("finds another platform's package, whatever is in it", () => {
    assert.deepEqual(faults(linux, { "dist/node_modules/@node-llama-cpp/linux-x64-cuda/package.json": "{}" }), ["It holds the engine's binaries for linux-x64-cuda."]);
  });

  const library = "dist/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64/libllama.so";
  const foreign: readonly (readonly [string, PackagePlatform, string, Buffer, RegExp])[] = [
    ["a library of the right system for another processor", linux, library, elfHeader(183), /libllama\.so is for arm64 processors, not x64/],
    ["another system's library", linux, library, machHeader(0x01000007), /libllama\.so is for darwin, not linux/],
    ["an add-on for another system", windows, addon(windows), elfHeader(183), /llama-addon\.node is for linux, not win32/],
    ["a program under an innocent name", mac, "media/icon.png", portableHeader(0x8664), /icon\.png is for win32, not darwin/],
    ["a library that is none", linux, library, Buffer.from("version https://example.org/large-files"), /libllama\.so is no program code/],
    ["a versioned library that is none", linux, `${library}.1`, Buffer.alloc(0), /libllama\.so\.1 is no program code/],
  ];
  for (const [what, platform, name, bytes, words] of foreign) {
    it(`finds ${what}`, () => {
      const [found, ...more] = faults(platform, { [name]: bytes });
      assert.match(found ?? "", words);
      assert.deepEqual(more, []);
    });
  }

  it("takes a universal library that holds the processor", () => {
    assert.deepEqual(faults(mac, { [addon(mac)]: universalHeader([0x0100000c, 0x01000007]) }), []);
    assert.equal(faults(mac, { [addon(mac)]: universalHeader([0x0100000c]) }).length, 1);
  });

  it("finds a manifest for another platform, or for all", () => {
    assert.deepEqual(faults(linux, {}, { target: "darwin-x64" }), ["Its manifest says that it is for darwin-x64, not linux-x64."]);
    assert.deepEqual(faults(linux, {}, { target: "" }), ["Its manifest says that it is for every platform, not linux-x64."]);
  });

  it("finds the building machine's paths in what is built, and leaves foreign code alone", () => {
    assert.deepEqual(faults(linux, { "dist/cli.js": "// /build/ghostlight/src/cli/main.ts" }), ["dist/cli.js names /build/ghostlight."]);
    assert.deepEqual(faults(linux, { "dist/node_modules/a/index.js": "/home/builder" }), []);
  });

  it("finds packages that are too large: 60 MB, 30 MB without weights, 90 MB with Vulkan", () => {
    assert.deepEqual(faults(linux, {}, { bytes: 60e6, weights: 30e6 }), []);
    assert.deepEqual(faults(linux, {}, { bytes: 60.1e6, weights: 40e6 }), ["It has 60.1 MB, more than 60.0 MB."]);
    assert.deepEqual(faults(linux, {}, { bytes: 38.2e6, weights: 8e6 }), ["It has 30.2 MB without the starter's weights, more than 30.0 MB."]);
    assert.deepEqual(faults(vulkan, {}, { bytes: 90e6 }), []);
    assert.equal(faults(vulkan, {}, { bytes: 90.1e6 }).length, 1);
  });
});

describe("scripts/packaging/vsce", () => {
  const kept = { TZ: process.env["TZ"], LC_ALL: process.env["LC_ALL"], LANG: process.env["LANG"], SOURCE_DATE_EPOCH: process.env["SOURCE_DATE_EPOCH"] };
  const files = ["changelog.txt", "data/big.bin", "data/C.txt", "data/chapter.txt", "data/c_d.txt", "data/ctd.txt", "index.js"];
  let folder = "";
  before(async () => { folder = await mkdtemp(path.join(os.tmpdir(), "ghostlight-vsix-")); });
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(() => {
    for (const [name, value] of Object.entries(kept)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  async function made(name: string, order: readonly string[], time: Date): Promise<Buffer> {
    const source = path.join(folder, name);
    await mkdir(path.join(source, "data"), { recursive: true });
    const manifest = { name: "sample", version: "1.0.0", publisher: "sample", engines: { vscode: "^1.99.0" }, main: "./index.js", activationEvents: [] };
    for (const file of ["package.json", ...order]) {
      await writeFile(path.join(source, file), file === "package.json" ? JSON.stringify(manifest) : file.repeat(file.endsWith(".bin") ? 50_000 : 3));
      await chmod(path.join(source, file), 0o644);
      await utimes(path.join(source, file), time, time);
    }
    const out = path.join(folder, `${name}.vsix`);
    await createVsix({ folder: source, out, target: "linux-x64" });
    return readFile(out);
  }

  it("gives the same bytes in another folder, time zone and language, for files written in another order at another time", async () => {
    const first = await made("one", files, new Date(2001, 1, 1));
    Object.assign(process.env, { TZ: "Pacific/Auckland", LC_ALL: "cs_CZ.UTF-8", LANG: "cs_CZ.UTF-8", SOURCE_DATE_EPOCH: "1700000000" });
    const second = await made("two", [...files].reverse(), new Date(2020, 6, 7, 8, 9, 10));
    assert.ok(first.equals(second));
  });

  it("can be read back: names, contents, and one time for all", async () => {
    const entries = readZip(await made("three", files, new Date(2001, 1, 1)));
    const named = new Map(entries.map((one) => [one.name, one]));
    assert.deepEqual(files.filter((file) => named.get(`extension/${file}`)?.read().toString() !== file.repeat(file.endsWith(".bin") ? 50_000 : 3)), []);
    assert.match(named.get("extension.vsixmanifest")?.read().toString() ?? "", /TargetPlatform="linux-x64"/);
    assert.deepEqual(new Set(entries.map(({ time }) => time)), new Set([((20 << 9) | (1 << 5) | 1) << 16]));
    assert.ok((named.get("extension/data/big.bin")?.compressedSize ?? Infinity) < 50_000);
  });

  it("does not read what is no zip archive, or a cut one", async () => {
    assert.throws(() => readZip(Buffer.from("PK")), /no zip archive/);
    const bytes = await made("four", ["index.js"], new Date(2001, 1, 1));
    assert.throws(() => readZip(bytes.subarray(0, -5)), /no zip archive/);
    const damaged = Buffer.from(bytes);
    damaged.writeUInt32LE(0, damaged.readUInt32LE(damaged.length - 6));
    assert.throws(() => readZip(damaged), /directory of the zip archive is damaged/);
  });
});
