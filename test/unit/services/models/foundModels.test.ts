import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findModels, type FindLimits, type FoundModel, type FoundModels } from "../../../../src/services/models/foundModels";
import type { ModelProgram } from "../../../../src/services/models/modelPlaces";
import { neverAborted } from "../../../../src/core/util/abort";
import { uint32 } from "../../../../models/starter/train/gguf";
import { syntheticModel } from "../../../../models/starter/train/syntheticModel";
import { ModelFolder } from "../../../support/engineModels";
import { ggufWith, SOUND_TENSORS, tensor } from "../../../support/ggufFiles";
import { linkFolder, whereThereAre } from "../../../support/systemParts";

const HASH = "0123456789abcdef".repeat(4);
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const MODEL = syntheticModel({ family: "qwen", architecture: "qwen2" });
const layer = (digest: string, mediaType = "application/vnd.ollama.image.model") => ({ mediaType, digest, size: 1 });

describe("services/models/foundModels", () => {
  let root: ModelFolder;
  beforeEach(() => { root = new ModelFolder(); });
  afterEach(() => { root.dispose(); });

  /** Writes a file below the folder, with the folders above it. */
  function put(file: string, bytes: string | Uint8Array = MODEL): string {
    const full = path.join(root.path, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, bytes);
    return full;
  }
  function link(from: string, to: string): void {
    const full = path.join(root.path, from);
    mkdirSync(path.dirname(full), { recursive: true });
    symlinkSync(to, full);
  }
  const ollama = (name: string, contents: unknown): void => { put(`manifests/${name}`, typeof contents === "string" ? contents : JSON.stringify(contents)); };
  const find = (program: ModelProgram = "folder", limits?: FindLimits): Promise<FoundModels> => findModels([{ program, folder: root.path }], neverAborted, limits);
  /** Each model by its name, with its roles or the reason against it. */
  const told = (found: FoundModels): string[] => found.models.map(({ name, use }) => `${name} · ${use.usable ? use.facts.roles.join("+") : use.reason}`);
  async function reason(program: ModelProgram = "folder"): Promise<string> {
    const [model, ...more] = (await find(program)).models;
    assert.ok(model && more.length === 0 && !model.use.usable, JSON.stringify(model));
    assert.match(model.use.reason, /^[A-Z].*\.$/);
    assert.match(model.use.hint, /^[A-Z].*\.$/);
    return model.use.reason;
  }

  it("finds files in folders below, and what they are", async () => {
    const file = put("publisher/repository/model.Q8_0.gguf");
    put("publisher/repository/README.md", "hello");
    const [model] = (await find("LM Studio")).models as [FoundModel];
    assert.deepEqual([model.path, model.name, model.program, model.size], [file, "publisher/repository/model.Q8_0", "LM Studio", MODEL.length]);
    assert.ok(model.use.usable);
    const { shape, ...facts } = model.use.facts;
    assert.deepEqual(facts, { name: "synthetic qwen", architecture: "qwen2", contextLength: 2_048, roles: ["completion", "chat"], fimFamily: "qwen", chatFamily: "chatml" });
    assert.ok(shape.exact && shape.weights.length > 0);
    assert.ok(JSON.stringify(model).length < 2_000, "the vocabulary came along");
  });

  it("a place that is not there has no models", async () => {
    assert.deepEqual(await findModels([{ program: "Jan", folder: path.join(root.path, "none") }, { program: "Ollama", folder: path.join(root.path, "none") }], neverAborted), { models: [], notes: [] });
  });

  describe("Ollama", () => {
    it("finds the blob by the manifest, under the name of the command line", async () => {
      const blob = put(`blobs/sha256-${HASH}`);
      ollama("registry.ollama.ai/library/qwen2.5-coder/1.5b", { layers: [layer(`sha256:${"f".repeat(64)}`, "application/vnd.ollama.image.license"), layer(`sha256:${HASH}`)] });
      const { models } = await find("Ollama");
      assert.deepEqual(models.map(({ name, path: file, use }) => [name, file, use.usable]), [["qwen2.5-coder:1.5b", blob, true]]);
    });
    it("names owner and host where they are not the usual ones", async () => {
      put(`blobs/sha256-${HASH}`);
      put(`blobs/sha256-${"e".repeat(64)}`, syntheticModel({ family: "starcoder" }));
      ollama("registry.ollama.ai/somebody/a/latest", { layers: [layer(`sha256:${HASH}`)] });
      ollama("hf.co/somebody/b/Q8_0", { layers: [layer(`sha256:${"e".repeat(64)}`)] });
      assert.deepEqual((await find("Ollama")).models.map(({ name }) => name), ["hf.co/somebody/b:Q8_0", "somebody/a:latest"]);
    });
    it("two tags of one blob are one model", async () => {
      put(`blobs/sha256-${HASH}`);
      for (const tag of ["latest", "7b"]) ollama(`registry.ollama.ai/library/a/${tag}`, { layers: [layer(`sha256:${HASH}`)] });
      assert.equal((await find("Ollama")).models.length, 1);
    });
    const broken: readonly (readonly [what: string, contents: unknown, words: RegExp])[] = [
      ["a manifest that is empty", "", /cannot be read/],
      ["a manifest that is cut", '{"layers":[{"media', /cannot be read/],
      ["a manifest that is a list", [], /cannot be read/],
      ["a manifest of null", "null", /cannot be read/],
      ["a manifest without end", `{"layers":${"[".repeat(100_000)}`, /cannot be read/],
      ["a manifest of two megabytes", JSON.stringify({ layers: [layer(`sha256:${HASH}`)], filling: "x".repeat(2 << 20) }), /cannot be read/],
      ["no model layer", { layers: [layer(`sha256:${HASH}`, "application/vnd.ollama.image.params")] }, /names no model file/],
      ["two model layers", { layers: [layer(`sha256:${HASH}`), layer(`sha256:${HASH}`)] }, /several files/],
      ["a digest that is a path", { layers: [layer("sha256:../../../etc/passwd")] }, /no file by its hash/],
      ["a digest of another kind", { layers: [layer(`md5:${HASH}`)] }, /no file by its hash/],
      ["a blob that is missing", { layers: [layer(`sha256:${HASH}`)] }, /not there/],
    ];
    for (const [what, contents, words] of broken) {
      it(`${what} is a reason`, async () => {
        ollama("registry.ollama.ai/library/a/latest", contents);
        assert.match(await reason("Ollama"), words);
      });
    }
  });

  whereThereAre("links to files", () => {
    it("Hugging Face: a snapshot's link to a blob, under the repository's name, once", async () => {
      const blob = put(`models--somebody--Tiny-GGUF/blobs/${HASH}`);
      for (const commit of [COMMIT, COMMIT.replace("0", "f")]) link(`models--somebody--Tiny-GGUF/snapshots/${commit}/tiny-q8_0.gguf`, blob);
      const { models } = await find("Hugging Face");
      assert.deepEqual(models.map(({ name, size }) => [name, size]), [["somebody/Tiny-GGUF: tiny-q8_0", MODEL.length]]);
    });
  });

  whereThereAre("links to files", () => {
    it("a link that leads nowhere is a reason", async () => {
      link("a.gguf", path.join(root.path, "gone"));
      assert.match(await reason(), /link leads nowhere/);
    });
  });

  it("links in a circle end", async () => {
    put("a/model.gguf");
    mkdirSync(path.join(root.path, "b"));
    linkFolder(root.path, path.join(root.path, "a/up"));
    linkFolder(path.join(root.path, "a"), path.join(root.path, "b/a"));
    linkFolder(path.join(root.path, "b"), path.join(root.path, "a/b"));
    linkFolder(path.join(root.path, "self"), path.join(root.path, "self"));
    assert.deepEqual(told(await find()), ["a/model · completion+chat"]);
  });

  it("a folder that is called like a model is looked into", async () => {
    put("folder.gguf/model.gguf");
    assert.deepEqual(told(await find()), ["folder.gguf/model · completion+chat"]);
  });

  describe("split models", () => {
    const part = (index: number, count: number): string => `big-q8_0-${String(index).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.gguf`;
    /** Layers are told of in the first part and lie in several. */
    const first = ggufWith({ "llama.block_count": uint32(2), "tokenizer.ggml.tokens": ["a", "<|im_start|>", "<|im_end|>", "b"] });
    const second = ggufWith({}, [tensor("blk.1.attn_q.weight", [64, 64])]);

    it("with all parts are one model of their size together", async () => {
      put(part(1, 2), first);
      put(part(2, 2), second);
      const { models } = await find();
      assert.deepEqual(models.map(({ path: file, name, size }) => [path.basename(file), name, size]), [[part(1, 2), "big-q8_0", first.length + second.length]]);
      assert.ok(models[0]?.use.usable, JSON.stringify(models[0]?.use));
    });
    it("lacking a part say so", async () => {
      put(part(1, 3), first);
      put(part(3, 3), second);
      assert.match(await reason(), /Of its 3 parts 1 is missing/);
    });
    it("lacking the first part say so, once", async () => {
      put(part(2, 3), second);
      put(part(3, 3), second);
      assert.match(await reason(), /Of its 3 parts 1 is missing/);
    });
    it("with parts that do not belong together say so", async () => {
      put(part(1, 2), first);
      put(part(2, 2), ggufWith({}, SOUND_TENSORS));
      assert.match(await reason(), /do not belong together/);
    });
    it("numbered beyond their count are files like any other", async () => {
      put(part(3, 2));
      assert.deepEqual((await find()).models.map(({ use }) => use.usable), [true]);
    });
  });

  const UNUSABLE: readonly (readonly [what: string, bytes: Uint8Array | string, words: RegExp])[] = [
    ["an empty file", "", /GGUF mark/],
    ["another format", "PK\x03\x04", /GGUF mark/],
    ["a file cut in its weights", MODEL.subarray(0, MODEL.length - 4_000), /incomplete/],
    ["a file cut in its header", MODEL.subarray(0, 3_000), /incomplete/],
    ["no vocabulary", ggufWith({ "tokenizer.ggml.tokens": undefined }), /no language model/],
    ["an unknown family", syntheticModel({ family: "unknown" }), /no fill-in-the-middle tokens .* and its vocabulary has no chat tokens/],
    ["an adapter", ggufWith({ "general.type": "adapter" }), /adapter/],
    ["an image projector", ggufWith({ "general.architecture": "clip" }), /projector/],
    ["a ranker", ggufWith({ "llama.pooling_type": uint32(4) }), /ranks/],
    ["a vocabulary that puts blanks before texts", ggufWith({ "tokenizer.ggml.model": "llama" }), /SentencePiece/],
  ];
  for (const [what, bytes, words] of UNUSABLE) {
    it(`${what} is a reason`, async () => {
      put("model.gguf", bytes);
      assert.match(await reason(), words);
    });
  }

  it("an embedding model is for embedding only", async () => {
    put("embed.gguf", ggufWith({ "llama.attention.causal": false }));
    put("pooled.gguf", ggufWith({ "llama.pooling_type": uint32(3) }));
    assert.deepEqual(told(await find()), ["embed · embedding", "pooled · embedding"]);
  });

  it("a file that vanishes between listing and reading is a reason", async () => {
    put("a.gguf");
    const file = put("b.gguf", syntheticModel({ family: "starcoder" }));
    // The limit is asked for each model that was listed: with the first one, the second goes.
    const limits = { depth: 8, entries: 100, get models() { rmSync(file, { force: true }); return 10; } };
    assert.deepEqual(told(await find("folder", limits)), ["a · completion+chat", "b · The file is not there: it was removed, or a link leads nowhere."]);
  });

  it("what lies too deep, or beyond the count, is left out and said", async () => {
    put("1/2/3/deep.gguf");
    for (let index = 0; index < 5; index++) put(`${String(index)}.gguf`, syntheticModel({ seed: index + 1 }));
    const flat = await find("folder", { depth: 2, entries: 100, models: 10 });
    assert.deepEqual([flat.models.length, flat.notes.length], [5, 1]);
    const few = await find("folder", { depth: 8, entries: 100, models: 3 });
    assert.deepEqual([few.models.length, few.notes], [3, ["Only the first 3 models are listed."]]);
    const short = await find("folder", { depth: 8, entries: 4, models: 10 });
    assert.ok(short.models.length <= 4 && short.notes.length === 1);
    assert.deepEqual((await find()).notes, []);
  });

  it("stops when it is no longer wanted", async () => {
    put("a.gguf");
    await assert.rejects(findModels([{ program: "folder", folder: root.path }], AbortSignal.abort()), /abort/i);
  });
});
