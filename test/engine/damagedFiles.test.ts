import assert from "node:assert/strict";
import { describeModelFailure, type ModelFailure } from "../../src/core/engine/engineState";
import { readGgufHeader } from "../../src/core/models/gguf";
import { float32, int32Array, uint32, type Metadata } from "../../models/starter/train/gguf";
import { syntheticModel, type SyntheticModelOptions } from "../../models/starter/train/syntheticModel";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { BytesSource } from "../support/ggufFiles";
import { RealEngine } from "../support/realEngine";

const SOUND = syntheticModel();
const DATA_START = readGgufHeader(new BytesSource(SOUND)).dataOffset;
const withMetadata = (metadata: Metadata, more: SyntheticModelOptions = {}): Buffer => syntheticModel({ ...more, metadata });
const cutAt = (length: number): Buffer => SOUND.subarray(0, length);

/** The sound file with the length that its token array declares replaced. */
function declaringTokens(count: number): Buffer {
  const bytes = Buffer.from(SOUND);
  bytes.writeBigUInt64LE(BigInt(count), bytes.indexOf("tokenizer.ggml.tokens") + "tokenizer.ggml.tokens".length + 8);
  return bytes;
}

/** A model whose vocabulary holds a token twice. */
function withTokenTwice(): Buffer {
  const bytes = Buffer.from(SOUND);
  bytes.write("<|unused_1|>", bytes.indexOf("<|unused_2|>"));
  return bytes;
}

/** Every kind of bad file that the engine's fact sheet names and the reader's own kinds: its code, and a word of the detail. */
const REFUSED: readonly (readonly [what: string, file: () => Buffer, code: ModelFailure["code"], words: RegExp])[] = [
  // These six killed the process when they came to the library.
  ["zero embedding length", () => withMetadata({ "llama.embedding_length": uint32(0) }), "damaged", /embedding_length/],
  ["zero heads", () => withMetadata({ "llama.attention.head_count": uint32(0) }), "damaged", /head_count/],
  ["zero key heads", () => withMetadata({ "llama.attention.head_count_kv": uint32(0) }), "damaged", /head_count_kv/],
  ["an absurd layer count", () => withMetadata({ "llama.block_count": uint32(2_000_000_000) }), "damaged", /block_count/],
  ["duplicate tokens", withTokenTwice, "damaged", /duplicate/],
  ["a token array shorter than declared", () => declaringTokens(1_025), "damaged", /absurd|type|count/],
  ["a token array far shorter than declared", () => declaringTokens(3_000_000), "damaged", /absurd|type|count/],
  // And the others.
  ["an empty file", () => Buffer.alloc(0), "notGguf", /mark/],
  ["a file that is no GGUF", () => Buffer.from("#!/bin/sh\necho hello\n"), "notGguf", /mark/],
  ["a file of zeros", () => Buffer.alloc(1 << 20), "notGguf", /mark/],
  ["cut after the magic", () => cutAt(4), "truncated", /incomplete/],
  ["cut in the metadata", () => cutAt(2_000), "truncated", /incomplete/],
  ["cut in the tensor table", () => cutAt(DATA_START - 200), "truncated", /incomplete/],
  ["cut at the start of the weights", () => cutAt(DATA_START), "truncated", /incomplete/],
  ["cut in the weights", () => cutAt(SOUND.length - 1_000), "truncated", /incomplete/],
  ["a special id outside the vocabulary", () => withMetadata({ "tokenizer.ggml.eos_token_id": uint32(5_000) }), "damaged", /eos_token_id/],
  ["a fill-in-the-middle id outside the vocabulary", () => withMetadata({ "tokenizer.ggml.fim_mid_token_id": uint32(4_294_967_295) }), "damaged", /fim_mid/],
  ["token types for some tokens only", () => withMetadata({ "tokenizer.ggml.token_type": int32Array([1, 1]) }), "damaged", /token_type/],
  ["no vocabulary", () => withMetadata({ "tokenizer.ggml.tokens": [] }), "noVocabulary", /no language model/],
  ["an unknown architecture", () => renamedArchitecture(), "unsupportedArchitecture", /unknown model architecture/],
  ["an unknown family", () => syntheticModel({ family: "unknown" }), "unknownFamily", /no fill-in-the-middle tokens/],
  ["a newer format of our own", () => withMetadata({ "ghostlight.fim": "suffix-first-9" }), "unknownFamily", /newer/],
  ["our own mark on another vocabulary", () => withMetadata({ "ghostlight.fim": "suffix-first-1" }, { family: "deepseek" }), "unknownFamily", /lacks/],
  ["a SentencePiece vocabulary with its blank before every text", () => withMetadata({ "tokenizer.ggml.model": "llama" }), "unknownFamily", /SentencePiece/],
  ["weights of the wrong shape", () => withMetadata({ "llama.embedding_length": uint32(128) }), "damaged", /rows of the tensor/],
  ["an unknown pre-tokenizer", () => withMetadata({ "tokenizer.ggml.pre": "nobody's" }), "libraryRefused", /./],
];

/** The sound file under another architecture's name of the same length, in every key. */
function renamedArchitecture(): Buffer {
  return Buffer.from(SOUND.toString("latin1").replaceAll("llama", "other"), "latin1");
}

/** Files with an odd thing in them that load all the same. */
const LOADED: readonly (readonly [what: string, file: () => Buffer])[] = [
  ["trailing bytes", () => Buffer.concat([SOUND, Buffer.alloc(999, 7)])],
  ["a broken chat template", () => syntheticModel({ family: "qwen", chatTemplate: "{% for x in %}{{ x.y.z() }" })],
  ["an absurd rope base", () => withMetadata({ "llama.rope.freq_base": float32(-1) })],
];

describe("engine: damaged and odd model files", function () {
  this.timeout(60_000);
  const models = new ModelFolder();
  const engine = new RealEngine();
  let processId: number | undefined;
  before(async () => {
    await engine.load(models.model());
    ({ processId } = engine);
  });
  after(() => { engine.dispose(); models.dispose(); });
  leavesNoEngine();

  /** The failure of a file, with the process alive after it. */
  async function refusal(path: string): Promise<ModelFailure> {
    const count = engine.failures.length;
    await engine.use("completion", { path, contextSize: 512 });
    assert.equal(engine.processId, processId, "the process did not survive it");
    const failure = engine.failures[count];
    assert.ok(failure, "it was loaded");
    return failure;
  }

  for (const [what, file, code, words] of REFUSED) {
    it(`${what}: ${code}`, async () => {
      const failure = await refusal(models.file("bad.gguf", file()));
      assert.equal(failure.code, code, failure.detail);
      assert.match(failure.detail, words);
      assert.match(describeModelFailure(failure), /^bad\.gguf: .+\. [A-Z]/);
    });
  }

  it("a missing file: missing", async () => { assert.equal((await refusal(`${models.path}/none.gguf`)).code, "missing"); });
  it("a folder: unreadable", async () => { assert.equal((await refusal(models.folder("folder.gguf"))).code, "unreadable"); });

  for (const [what, file] of LOADED) {
    it(`${what}: loads and answers`, async () => {
      await engine.load(models.file("odd.gguf", file()));
      await engine.complete();
      assert.equal(engine.processId, processId);
    });
  }

  it("weights that are no numbers: it loads, and nothing is ever sure", async () => {
    const bytes = Buffer.from(SOUND);
    for (let at = DATA_START; at + 34 <= bytes.length; at += 34) bytes.writeUInt16LE(0x7E00, at);
    await engine.load(models.file("nan.gguf", bytes));
    const result = await engine.complete({}, { limits: { threshold: 0.3 } }).catch((error: unknown) => error);
    assert.ok(result instanceof Error || (result as { stop: string }).stop === "unsure", JSON.stringify(result));
    assert.equal(engine.processId, processId);
  });

  it("a sound file loads after all of them, in the same process", async () => {
    await engine.load(models.model());
    await engine.complete();
    assert.deepEqual([engine.processId, engine.waits], [processId, []]);
  });
});
