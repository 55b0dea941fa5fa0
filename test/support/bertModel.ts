import { float32, int32Array, uint32, writeGguf, type Tensor } from "../../models/starter/train/gguf";
import { normalNumber, randomNumbers } from "../../models/starter/train/random";

const WIDTH = 64;
const FORWARD = 128;
const CONTEXT = 512;
const WORDS = ["soup", "water", "pot", "boil", "cook", "eat", "read", "file", "open", "close", "the", "how", "is", "are", "of"];
/** Every letter at the start of a word (with the mark that the library puts there) and inside of one. */
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz0123456789.,;:!?()[]{}<>|_-/'\"`=+*#"].flatMap((letter) => [`\u2581${letter}`, letter]);
const TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...WORDS.map((word) => `\u2581${word}`), ...LETTERS];

/** A tiny BERT with random weights: it makes vectors, sees all of a text at once, and knows nothing. */
export function bertModel(seed = 1, contextLength = CONTEXT): Buffer {
  return writeGguf({
    metadata: {
      "general.architecture": "bert", "general.name": "tiny bert",
      "bert.block_count": uint32(2), "bert.context_length": uint32(contextLength), "bert.embedding_length": uint32(WIDTH), "bert.feed_forward_length": uint32(FORWARD),
      "bert.attention.head_count": uint32(2), "bert.attention.layer_norm_epsilon": float32(1e-12), "bert.attention.causal": false, "bert.pooling_type": uint32(1),
      "tokenizer.ggml.model": "bert", "tokenizer.ggml.pre": "jina-v2-en", "tokenizer.ggml.tokens": TOKENS, "tokenizer.ggml.token_type": int32Array(TOKENS.map((_, id) => (id < 5 ? 3 : 1))),
      "tokenizer.ggml.token_type_count": uint32(2), "tokenizer.ggml.padding_token_id": uint32(0), "tokenizer.ggml.unknown_token_id": uint32(1), "tokenizer.ggml.cls_token_id": uint32(2),
      "tokenizer.ggml.bos_token_id": uint32(2), "tokenizer.ggml.eos_token_id": uint32(3), "tokenizer.ggml.seperator_token_id": uint32(3), "tokenizer.ggml.mask_token_id": uint32(4),
    },
    tensors: tensors(randomNumbers(seed)),
  });
}

function tensors(random: () => number): Tensor[] {
  const matrix = (name: string, inputs: number, outputs: number, type: Tensor["type"] = "Q8_0"): Tensor => ({ name, shape: [inputs, outputs], type, values: Float32Array.from({ length: inputs * outputs }, () => normalNumber(random) / Math.sqrt(inputs)) });
  const vector = (name: string, length: number, value: number): Tensor => ({ name, shape: [length], type: "F32", values: new Float32Array(length).fill(value) });
  const layer = (name: string, inputs: number, outputs: number): Tensor[] => [matrix(`${name}.weight`, inputs, outputs), vector(`${name}.bias`, outputs, 0)];
  const norm = (name: string): Tensor[] => [vector(`${name}.weight`, WIDTH, 1), vector(`${name}.bias`, WIDTH, 0)];
  const block = (at: number): Tensor[] => [
    ...["attn_q", "attn_k", "attn_v", "attn_output"].flatMap((name) => layer(`blk.${String(at)}.${name}`, WIDTH, WIDTH)), ...norm(`blk.${String(at)}.attn_output_norm`),
    ...layer(`blk.${String(at)}.ffn_up`, WIDTH, FORWARD), ...layer(`blk.${String(at)}.ffn_down`, FORWARD, WIDTH), ...norm(`blk.${String(at)}.layer_output_norm`),
  ];
  return [matrix("token_embd.weight", WIDTH, TOKENS.length), matrix("token_types.weight", WIDTH, 2, "F32"), matrix("position_embd.weight", WIDTH, CONTEXT, "F32"), ...norm("token_embd_norm"), ...block(0), ...block(1)];
}
