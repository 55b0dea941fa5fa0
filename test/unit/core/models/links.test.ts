import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseCatalog } from "../../../../src/core/models/catalog";
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
    [`${hub}/blob/main/some-00001-of-00003.gguf`, /split/], [`${hub}/blob/main/mmproj-f16.gguf`, /pictures/], [`${hub}/resolve/main/..%2F..%2Fx.gguf`, /file in the link|cannot be read/], [`${hub}/resolve/a..b/x.gguf`, /branch or commit/], ["hf:Qwen/x.gguf", /no file|cannot be read/], ["hf:Qwen//x.gguf", /owner or the name/], ["hf:../b/x.gguf", /owner or the name/], ["hf:a/b/../x.gguf", /file in the link/], ["https://example.com\\a.gguf", /backslash/],
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
