import assert from "node:assert/strict";
import type { GgufErrorCode } from "../../../../src/core/models/byteCursor";
import { GgufError, readGgufHeader } from "../../../../src/core/models/gguf";
import { readModelFacts, type ModelFacts } from "../../../../src/core/models/modelFacts";
import { syntheticModel } from "../../../../models/starter/train/syntheticModel";
import { float32, int32Array, uint32 } from "../../../../models/starter/train/gguf";
import { BytesSource, ggufWith, SOUND_TENSORS, tensor } from "../../../support/ggufFiles";

const factsOf = (bytes: Uint8Array): ModelFacts => readModelFacts(readGgufHeader(new BytesSource(bytes)));

/** Each damage by what it is, the code it must give, and a word that the message must hold. */
const DAMAGES: readonly (readonly [what: string, file: () => Buffer, code: GgufErrorCode, words: RegExp])[] = [
  // The six that killed the process inside the library (fact sheet of the engine).
  ["zero embedding length", () => ggufWith({ "llama.embedding_length": uint32(0) }), "damaged", /embedding_length/],
  ["zero heads", () => ggufWith({ "llama.attention.head_count": uint32(0) }), "damaged", /head_count/],
  ["zero key heads", () => ggufWith({ "llama.attention.head_count_kv": uint32(0) }), "damaged", /head_count_kv/],
  ["an absurd layer count", () => ggufWith({ "llama.block_count": uint32(4_000_000_000) }), "damaged", /block_count/],
  ["more layers than the file has", () => ggufWith({ "llama.block_count": uint32(1_000) }), "damaged", /1000 layers, the file has 1/],
  ["duplicate tokens", () => ggufWith({ "tokenizer.ggml.tokens": ["a", "b", "b", "c"] }), "damaged", /1 duplicate/],
  // Further ones, found by sending mutated headers through the engine process.
  ["experts of which none is used", () => ggufWith({ "llama.expert_count": uint32(8) }), "damaged", /0 of 8 experts/],
  ["used experts that are not there", () => ggufWith({ "llama.expert_used_count": uint32(2) }), "damaged", /2 of 0 experts/],
  ["more experts used than there are", () => ggufWith({ "llama.expert_count": uint32(4), "llama.expert_used_count": uint32(5) }), "damaged", /5 of 4 experts/],
  ["a feed-forward row shorter than a block", () => syntheticModel({ metadata: { "llama.feed_forward_length": uint32(16) } }), "damaged", /feed_forward_length is 16, the tensor has 128/],
  ["heads longer than the tensor", () => syntheticModel({ architecture: "qwen2", metadata: { "qwen2.attention.key_length": uint32(64) } }), "damaged", /2 heads of 64/],
  ["values of another length", () => syntheticModel({ architecture: "qwen2", metadata: { "qwen2.attention.value_length": uint32(0) } }), "damaged", /value_length is 0/],
  ["half a head rotated", () => syntheticModel({ architecture: "qwen2", metadata: { "qwen2.rope.dimension_count": uint32(16) } }), "damaged", /rope\.dimension_count is 16/],
  ["a negative epsilon", () => ggufWith({ "llama.attention.layer_norm_rms_epsilon": float32(-1) }), "damaged", /epsilon is -1/],
  ["an epsilon that is no number", () => ggufWith({ "llama.attention.layer_norm_rms_epsilon": float32(Number.NaN) }), "damaged", /epsilon is NaN/],
  ["an unknown scaling of positions", () => ggufWith({ "llama.rope.scaling.type": "x".repeat(70_000) }), "damaged", /rope\.scaling\.type is "x{40}"/],
  ["a tokenizer that is none", () => ggufWith({ "tokenizer.ggml.model": "none" }), "noVocabulary", /no language model/],
  // And their relatives.
  ["no architecture", () => ggufWith({ "general.architecture": undefined }), "damaged", /general\.architecture/],
  ["an architecture that is a number", () => ggufWith({ "general.architecture": uint32(3) }), "damaged", /general\.architecture/],
  ["no layer count", () => ggufWith({ "llama.block_count": undefined }), "damaged", /block_count/],
  ["a layer count that is a word", () => ggufWith({ "llama.block_count": "many" }), "damaged", /block_count/],
  ["zero context length", () => ggufWith({ "llama.context_length": uint32(0) }), "damaged", /context_length/],
  ["heads that do not divide the embedding", () => ggufWith({ "llama.attention.head_count": uint32(3) }), "damaged", /do not divide/],
  ["key heads that do not divide the heads", () => ggufWith({ "llama.attention.head_count": uint32(2), "llama.attention.head_count_kv": uint32(32) }), "damaged", /do not divide/],
  ["no vocabulary", () => ggufWith({ "tokenizer.ggml.tokens": undefined }), "noVocabulary", /no language model/],
  ["an empty vocabulary", () => ggufWith({ "tokenizer.ggml.tokens": [] }), "noVocabulary", /no language model/],
  ["a vocabulary that is a word", () => ggufWith({ "tokenizer.ggml.tokens": "abc" }), "noVocabulary", /no language model/],
  ["fewer types than tokens", () => ggufWith({ "tokenizer.ggml.token_type": int32Array([1, 1]) }), "damaged", /token_type/],
  ["fewer scores than tokens", () => ggufWith({ "tokenizer.ggml.scores": { type: "float32", values: [1] } }), "damaged", /scores/],
  ["a special id outside the vocabulary", () => ggufWith({ "tokenizer.ggml.eos_token_id": uint32(4) }), "damaged", /eos_token_id is 4/],
  ["a fill-in-the-middle id outside the vocabulary", () => ggufWith({ "tokenizer.ggml.fim_pre_token_id": uint32(4_294_967_295) }), "damaged", /fim_pre_token_id/],
  ["a special id that is a word", () => ggufWith({ "tokenizer.ggml.bos_token_id": "a" }), "damaged", /bos_token_id/],
  ["no embedding", () => ggufWith({}, SOUND_TENSORS.slice(1)), "damaged", /token_embd/],
  ["fewer embedding rows than tokens", () => ggufWith({}, [tensor("token_embd.weight", [64, 3]), ...SOUND_TENSORS.slice(1)]), "damaged", /3 rows/],
];

describe("core/models/modelFacts", () => {
  it("takes the facts out of a sound file", () => {
    assert.deepEqual(factsOf(ggufWith({ "ghostlight.fim": "suffix-first-1" })), {
      architecture: "llama", name: "tiny", ghostlightFim: "suffix-first-1", addsSpacePrefix: false, trainContextSize: 512, layers: 1, embeddingLength: 64,
      tokens: ["a", "b", "c", "<|endoftext|>"], tokenTypes: [1, 1, 1, 3],
    });
  });

  it("a file without name, types and key heads is sound too", () => {
    const facts = factsOf(ggufWith({ "general.name": undefined, "tokenizer.ggml.token_type": undefined, "llama.attention.head_count_kv": undefined }));
    assert.deepEqual([facts.name, facts.tokenTypes], ["", []]);
  });

  it("experts, scaled positions and an explicit head length are sound where they agree", () => {
    const metadata = { "qwen2.expert_count": uint32(8), "qwen2.expert_used_count": uint32(2), "qwen2.rope.scaling.type": "yarn", "qwen2.attention.key_length": uint32(32), "qwen2.attention.value_length": uint32(32) };
    assert.equal(factsOf(syntheticModel({ architecture: "qwen2", metadata })).layers, 2);
  });

  it("a synthetic model is sound", () => {
    const facts = factsOf(syntheticModel({ family: "qwen", architecture: "qwen2" }));
    assert.deepEqual([facts.architecture, facts.layers, facts.tokens.length], ["qwen2", 2, 1_024]);
  });

  describe("refuses", () => {
    for (const [what, file, code, words] of DAMAGES) {
      it(what, () => {
        assert.throws(() => factsOf(file()), (error) => {
          assert.ok(error instanceof GgufError, String(error));
          assert.equal(error.code, code);
          assert.match(error.message, words);
          return true;
        });
      });
    }
  });
});
