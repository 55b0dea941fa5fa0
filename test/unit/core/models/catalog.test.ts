import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hashIsConfirmed, parseCatalog, type CatalogModel } from "../../../../src/core/models/catalog";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const SOUND: CatalogModel = {
  id: "tiny-1b-q8_0", name: "Tiny 1B", roles: ["completion", "chat"], repository: "somebody/Tiny-1B-GGUF", revision: COMMIT, file: "tiny-1b-q8_0.gguf", size: 1_000,
  sha256: "0123456789abcdef".repeat(4), hashSources: ["one", "another"], licence: "MIT", restricted: false, parameters: 1_000_000_000, activeParameters: 1_000_000_000,
  quantization: "Q8_0", contextLength: 4_096, fimFamily: "qwen", chatFamily: "chatml", pinned: true,
};

const catalogOf = (...models: unknown[]): string => JSON.stringify({ version: 1, models });
const parse = (changes: Partial<Record<keyof CatalogModel | "more", unknown>>) => parseCatalog(catalogOf({ ...SOUND, ...changes }));

function problemsOf(result: ReturnType<typeof parseCatalog>): string {
  assert.ok("problems" in result, "it was taken");
  return result.problems.join("\n");
}

/** Each row that must not be taken: what is wrong with it, and a word of the reason. */
const REFUSED: readonly (readonly [what: string, changes: Partial<Record<keyof CatalogModel | "more", unknown>>, words: RegExp])[] = [
  ["no hash", { sha256: undefined }, /hash|sha256/],
  ["an empty hash", { sha256: "" }, /hash is missing/],
  ["a hash that is cut", { sha256: "abc123" }, /64 hexadecimal/],
  ["a hash in capitals", { sha256: "A".repeat(64) }, /64 hexadecimal/],
  ["nobody who states the hash", { hashSources: [] }, /nobody is named/],
  ["an empty name of who states the hash", { hashSources: [" "] }, /source of the hash/],
  ["no licence", { licence: undefined }, /licence/],
  ["an empty licence", { licence: "  " }, /licence is missing/],
  ["a licence that limits use as if it did not", { licence: "qwen-research" }, /must be restricted/],
  ["an unknown licence as a free one", { licence: "other" }, /must be restricted/],
  ["no family at all", { fimFamily: null, chatFamily: null }, /no family/],
  ["completion without a fill-in-the-middle family", { fimFamily: null }, /completion needs/],
  ["chat without a chat family", { chatFamily: null }, /chat needs/],
  ["an unknown fill-in-the-middle family", { fimFamily: "nobody" }, /nobody is not known/],
  ["a family that is only a property of every object", { fimFamily: "constructor" }, /constructor is not known/],
  ["an unknown chat family", { chatFamily: "harmony" }, /harmony is not known/],
  ["no repository", { repository: undefined }, /repository/],
  ["a repository that is an address", { repository: "https://example.org/a/b" }, /source is missing/],
  ["no file", { file: "" }, /source is missing/],
  ["a file above the repository", { file: "../../secret.gguf" }, /source is missing/],
  ["a file that goes up in the middle", { file: "a/../../b.gguf" }, /source is missing/],
  ["a file at the root of the disk", { file: "/etc/a.gguf" }, /source is missing/],
  ["a file with the other slash", { file: "a\\b.gguf" }, /source is missing/],
  ["a file of another format", { file: "model.bin" }, /\.gguf/],
  ["one part of a split model", { file: "a/tiny-00001-of-00003.gguf" }, /split model/],
  ["a pinned row without a size", { size: null }, /pinned row needs/],
  ["a pinned row without a commit", { revision: null }, /pinned row needs/],
  ["a pin to a branch", { revision: "main" }, /a branch may move/],
  ["a pin to a short commit", { revision: COMMIT.slice(0, 8) }, /40 hexadecimal/],
  ["a branch in a row that is not pinned", { revision: "main", pinned: false }, /a branch may move/],
  ["a row that could be pinned and is not", { pinned: false }, /must be pinned/],
  ["a size that is not whole", { size: 1.5 }, /whole number/],
  ["a size of nothing", { size: 0 }, /at least 1/],
  ["no role", { roles: [] }, /no role/],
  ["an unknown role", { roles: ["painting"] }, /role must be/],
  ["a role twice", { roles: ["chat", "chat"] }, /stands twice/],
  ["more active parameters than parameters", { activeParameters: 2_000_000_000 }, /more active/],
  ["a key that the schema does not have", { more: 1 }, /more/],
];

describe("core/models/catalog", () => {
  it("takes a sound row as it is", () => {
    assert.deepEqual(parse({}), { models: [SOUND] });
  });

  it("takes a row whose commit and size have to be asked for", () => {
    assert.ok("models" in parse({ pinned: false, revision: null, size: null }));
    assert.ok("models" in parse({ pinned: false, revision: null }));
    assert.ok("models" in parse({ pinned: false, size: null }));
  });

  it("an embedding model needs no family", () => { assert.ok("models" in parse({ roles: ["embedding"], fimFamily: null, chatFamily: null })); });
  it("a licence that limits use is taken where the row says so", () => { assert.ok("models" in parse({ licence: "qwen-research", restricted: true })); });

  describe("refuses", () => {
    for (const [what, changes, words] of REFUSED) {
      it(what, () => {
        const problems = problemsOf(parse(changes));
        assert.match(problems, words);
        assert.match(problems, /^tiny-1b-q8_0: /);
      });
    }
    for (const json of ["", "[]", "{}", '{"version":2,"models":[]}', '{"version":1,"models":{}}', '{"version":1,"models":[],"more":1}']) {
      it(`the file ${json}`, () => { assert.match(problemsOf(parseCatalog(json)), /catalog is not usable/); });
    }
    it("two rows of one id", () => { assert.match(problemsOf(parseCatalog(catalogOf(SOUND, SOUND))), /stands twice/); });
    it("the whole file for one bad row, and names every bad row", () => {
      const problems = problemsOf(parseCatalog(catalogOf(SOUND, { ...SOUND, id: "a", sha256: "" }, 7, { ...SOUND, id: "b", licence: "" })));
      assert.deepEqual(problems.split("\n").map((line) => line.slice(0, line.indexOf(":"))), ["a", "row 3", "b"]);
    });
  });

  it("two sources confirm a hash, one does not", () => {
    assert.deepEqual([hashIsConfirmed(SOUND), hashIsConfirmed({ ...SOUND, hashSources: ["one"] })], [true, false]);
  });
});

describe("models/catalog.json", () => {
  const result = parseCatalog(readFileSync("models/catalog.json", "utf8"));
  const models = "models" in result ? result.models : [];

  it("is sound", () => { assert.deepEqual("problems" in result ? result.problems : [], []); });
  it("has at least ten rows, six of them pinned", () => {
    assert.ok(models.length >= 10);
    assert.ok(models.filter((model) => model.pinned).length >= 6);
  });

  it("covers half a billion to thirty billion parameters and every role, without a licence that limits use", () => {
    const free = models.filter((model) => !model.restricted);
    const sizes = free.map((model) => model.parameters);
    assert.ok(Math.min(...sizes) <= 0.5e9 && Math.max(...sizes) >= 30e9);
    for (const role of ["completion", "chat", "embedding"] as const) assert.ok(free.some((model) => model.roles.includes(role)), role);
  });

  it("knows the traps: what other catalogs call free and is not", () => {
    const traps = models.filter((model) => /coder-3b|starcoder/.test(model.id));
    assert.ok(traps.length >= 3);
    assert.ok(traps.every((model) => model.restricted));
  });

  it("no two rows are the same file", () => { assert.equal(new Set(models.map((model) => model.sha256)).size, models.length); });
});
