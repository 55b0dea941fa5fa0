import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseCatalog } from "../../../../src/core/models/catalog";
import { nameOfSource, partsOf } from "../../../../src/core/models/sourceParts";
import { needsFacts, readLink, rowOfLink, safeFileName, sourceOfRow, whyBaseIsRefused, withFacts } from "../../../../src/core/models/links";

const commit = "8be1b8a895a84beea772817caaa71eba6b6e0d07";

describe("core/models/links", () => {
  const hub = "https://huggingface.co/Qwen/Some-GGUF";
  const sound: readonly (readonly [pasted: string, url: string])[] = [
    [`${hub}/blob/main/some-q8_0.gguf`, `${hub}/resolve/main/some-q8_0.gguf`],
    [`${hub}/resolve/main/some-q8_0.gguf?download=true`, `${hub}/resolve/main/some-q8_0.gguf`],
    [`  ${hub}/resolve/${commit}/deep/some-q8_0.gguf\n`, `${hub}/resolve/${commit}/deep/some-q8_0.gguf`],
    [`<${hub}/resolve/refs%2Fpr%2F1/some.gguf#x>`, `${hub}/resolve/refs%2Fpr%2F1/some.gguf`],
    [`${hub}?show_file_info=some-q8_0.gguf`, `${hub}/resolve/main/some-q8_0.gguf`],
    [`${hub}/tree/dev?show_file_info=some-q8_0.gguf`, `${hub}/resolve/dev/some-q8_0.gguf`],
    ["https://hf.co/Qwen/Some-GGUF/blob/main/some-q8_0.gguf", `${hub}/resolve/main/some-q8_0.gguf`],
    ["huggingface.co/Qwen/Some-GGUF/blob/main/some-q8_0.gguf", `${hub}/resolve/main/some-q8_0.gguf`],
    ["hf:Qwen/Some-GGUF/some-q8_0.gguf", `${hub}/resolve/main/some-q8_0.gguf`],
    [`hf:Qwen/Some-GGUF@${commit}/deep/some (1).gguf`, `${hub}/resolve/${commit}/deep/some%20(1).gguf`],
    ["https://models.example.com/a/b/some.GGUF?token=1", "https://models.example.com/a/b/some.GGUF?token=1"],
    ["http://192.168.1.4:8080/some.gguf", "http://192.168.1.4:8080/some.gguf"],
  ];
  for (const [pasted, url] of sound) {
    it(`reads ${JSON.stringify(pasted)}`, () => {
      const result = readLink(pasted);
      assert.ok("source" in result, JSON.stringify(result));
      assert.equal(result.source.url, url);
      assert.match(result.source.fileName, /^[\w.+-]+\.gguf$/);
      assert.match(result.source.id, /^link-[a-z0-9._-]+-[0-9a-f]{8}$/);
      assert.deepEqual([result.source.sha256, result.source.size], [null, null]);
    });
  }

  const unsound: readonly (readonly [pasted: string, words: RegExp])[] = [
    ["", /Paste a link/], ["some words", /cannot be seen|begin with https/], ["ftp://example.com/a.gguf", /Only https/], ["http://example.com/a.gguf", /needs https/], ["file:///etc/a.gguf", /begin with https|Only https/],
    ["https://user:secret@example.com/a.gguf", /user name or password/], ["https://169.254.169.254/a.gguf", /never asked/], ["https://example.com/a.bin", /Only \.gguf/], ["https://example.com/a.gguf.zip", /Only \.gguf/], ["https://example.com/", /names no file/],
    [hub, /whole model/], [`${hub}/tree/main`, /whole model/], [`${hub}/discussions/1`, /no file/], [`${hub}/blob/main/model.safetensors`, /Only \.gguf/], [`${hub}/raw/main/some.gguf`, /no file/], [`${hub}/blob/main/`, /names no file/], ["https://huggingface.co/Qwen", /open the model/], ["https://huggingface.co/datasets/a/b/resolve/main/x.gguf", /not a model's/], ["hf.co/Qwen/Some-GGUF:Q4_K_M", /colon/],
    [`${hub}/blob/main/some-00004-of-00003.gguf`, /numbers of this part/], [`${hub}/blob/main/some-00000-of-00003.gguf`, /numbers of this part/], [`${hub}/blob/main/mmproj-f16.gguf`, /pictures/], [`${hub}/resolve/main/..%2F..%2Fx.gguf`, /file in the link|cannot be read/], [`${hub}/resolve/a..b/x.gguf`, /branch or commit/], ["hf:Qwen/x.gguf", /no file|cannot be read/], ["hf:Qwen//x.gguf", /owner or the name/], ["hf:../b/x.gguf", /owner or the name/], ["hf:a/b/../x.gguf", /file in the link/], ["https://example.com\\a.gguf", /backslash/],
  ];
  for (const [pasted, words] of unsound) {
    it(`refuses ${JSON.stringify(pasted)} in words`, () => {
      const result = readLink(pasted);
      assert.ok("refused" in result, JSON.stringify(result));
      assert.match(result.refused, words);
    });
  }

  it("gets files of the hub from a mirror, and knows the mirror's own addresses", () => {
    const base = "https://models.example.com/hf/";
    for (const pasted of [`${hub}/blob/main/some.gguf`, "https://models.example.com/hf/Qwen/Some-GGUF/resolve/main/some.gguf"]) {
      const result = readLink(pasted, base);
      assert.ok("source" in result);
      assert.deepEqual([result.source.url, result.source.repository], ["https://models.example.com/hf/Qwen/Some-GGUF/resolve/main/some.gguf", "Qwen/Some-GGUF"]);
    }
    assert.deepEqual(["https://models.example.com", "http://models.example.com", "https://a:b@c.example/", "https://c.example/?x", ""].map((one) => whyBaseIsRefused(one) === undefined), [true, false, false, false, false]);
    assert.match((readLink(`${hub}/blob/main/some.gguf`, "nonsense") as { refused: string }).refused, /mirror cannot be used/);
  });

  describe("a part of a split model", () => {
    const named = (name: string): readonly string[] => [1, 2, 3].map((number) => name.replace("#", `0000${String(number)}-of-00003`));
    const cases: readonly (readonly [pasted: string, addresses: readonly string[]])[] = [
      [`${hub}/blob/main/Q4_K_M/some-00002-of-00003.gguf`, named(`${hub}/resolve/main/Q4_K_M/some-#.gguf`)],
      [`${hub}/resolve/${commit}/some-00003-of-00003.gguf?download=true`, named(`${hub}/resolve/${commit}/some-#.gguf`)],
      [`${hub}?show_file_info=some-00001-of-00003.gguf`, named(`${hub}/resolve/main/some-#.gguf`)],
      ["hf:Qwen/Some-GGUF/deep/some (1)-00003-of-00003.gguf", named(`${hub}/resolve/main/deep/some%20(1)-#.gguf`)],
      ["https://models.example.com/a%20b/some-00002-of-00003.GGUF?token=1", named("https://models.example.com/a%20b/some-#.GGUF?token=1")],
    ];
    for (const [pasted, addresses] of cases) {
      it(`means all of them: ${pasted}`, () => {
        const result = readLink(pasted);
        assert.ok("source" in result, JSON.stringify(result));
        assert.deepEqual(partsOf(result.source).map(({ url }) => url), addresses);
        assert.equal(result.source.url, addresses[0]);
        assert.match(nameOfSource(result.source), /^some(_1)? in 3 parts$/);
      });
    }

    it("leads to one download whichever part it is, and to another one than a single file or another count", () => {
      const ids = ["00001-of-00003", "00002-of-00003", "00003-of-00003", "00001-of-00004", "x"].map((numbers) => { const result = readLink(`${hub}/blob/main/some-${numbers}.gguf`); return "source" in result ? result.source.id : ""; });
      assert.equal(new Set(ids).size, 3);
      assert.equal(new Set(ids.slice(0, 3)).size, 1);
    });

    it("that is the only one is a single file", () => {
      const result = readLink(`${hub}/blob/main/some-00001-of-00001.gguf`);
      assert.ok("source" in result && result.source.parts === undefined);
    });

    it("keeps its numbers in a name that is cut, and in one that has nothing else", () => {
      assert.deepEqual([`${"x".repeat(300)}-00002-of-00003.gguf`, "模型-00002-of-00003.GGUF"].map(safeFileName), [`${"x".repeat(100)}-00002-of-00003.gguf`, "model_-00002-of-00003.gguf"]);
    });

    it("learns commit, sizes and hashes part by part", () => {
      const result = readLink(`${hub}/blob/main/some-00002-of-00002.gguf`);
      assert.ok("source" in result);
      const first = withFacts(result.source, { commit, size: 7, sha256: "a".repeat(64) });
      assert.deepEqual([first.size, first.revision, first.url], [null, commit, `${hub}/resolve/${commit}/some-00001-of-00002.gguf`]);
      const both = withFacts(first, { commit: "9".repeat(40), size: 5 }, 1);
      assert.deepEqual([both.size, partsOf(both).map(({ size, stated, url }) => [size, stated, url])], [12, [[7, "a".repeat(64), `${hub}/resolve/${commit}/some-00001-of-00002.gguf`], [5, undefined, `${hub}/resolve/${commit}/some-00002-of-00002.gguf`]]]);
      assert.deepEqual(partsOf(both).map(needsFacts), [false, false]);
    });
  });

  it("makes names that are safe on every system", () => {
    assert.deepEqual(["a/b/Some Model (é).gguf", "con.gguf", "...gguf", "-rf.gguf", "模型.gguf", `${"x".repeat(300)}.gguf`, "aux.q8.gguf"].map(safeFileName), ["Some_Model_e.gguf", "model_con.gguf", "model_.gguf", "rf.gguf", "model_.gguf", `${"x".repeat(115)}.gguf`, "model_aux.q8.gguf"]);
  });

  it("tells links apart", () => {
    const ids = [`${hub}/blob/main/a.gguf`, `${hub}/blob/main/A.gguf`, `${hub}/blob/main/b/a.gguf`, `https://example.com/${"x".repeat(200)}/a.gguf`, `https://example.com/${"x".repeat(200)}/b.gguf`].map((pasted) => { const result = readLink(pasted); return "source" in result ? result.source.id : ""; });
    assert.equal(new Set(ids).size, ids.length);
  });

  it("takes pinned rows of the catalog by their commit, and the others once the server told theirs", () => {
    const catalog = parseCatalog(readFileSync("models/catalog.json", "utf8"));
    assert.ok("models" in catalog);
    const sources = catalog.models.map((model) => ({ model, source: sourceOfRow(model) }));
    for (const { model, source } of sources) {
      assert.equal(source.sha256, model.sha256);
      assert.equal(needsFacts(source), !model.pinned || model.hashSources.length < 2);
      if (model.pinned) assert.ok(source.url.includes(`/resolve/${model.revision ?? ""}/`));
      const result = readLink(source.url);
      assert.ok("source" in result);
      assert.equal(rowOfLink(result.source, catalog.models)?.id, model.id);
      const settled = withFacts(source, { commit, size: 12 });
      assert.deepEqual([needsFacts({ ...settled, hashConfirmed: true }), settled.size, settled.revision], [false, model.size ?? 12, model.revision ?? commit]);
      assert.ok(settled.url.includes(`/resolve/${model.revision ?? commit}/`));
    }
  });
});
