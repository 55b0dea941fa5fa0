/**
 * Tiny models with random weights: they load and run like real ones and know nothing.
 * Tests use them for everything except quality. The same options give the same bytes.
 */
import { byteCharacters, toByteCharacters } from "./bytes.js";
import { float32, int32Array, uint32, writeGguf, type Metadata, type MetadataValue, type Tensor } from "./gguf.js";
import { modelFamilies, type FamilyTokens, type FimPart, type ModelFamily } from "./modelFamilies.js";
import { randomNumbers, normalNumber } from "./random.js";
import type { TensorType } from "./tensorTypes.js";

export interface SyntheticModelOptions {
  /** Default `llama`. */
  readonly architecture?: "llama" | "qwen2";
  /** Default `ghostlight`. Decides special tokens, their metadata keys and the pre-tokenizer. */
  readonly family?: ModelFamily;
  /** Default 2. */
  readonly layers?: number;
  /** Embedding length, a multiple of 64. Default 64. */
  readonly width?: number;
  /** Number of tokens, special ones included. Default 1,024; filled up with unused tokens. */
  readonly vocabulary?: number;
  /** Default 2,048. */
  readonly contextLength?: number;
  /** Encoding of the weight matrices. Default Q8_0. */
  readonly tensorType?: TensorType;
  /** Default 1. */
  readonly seed?: number;
  /** Jinja text for `tokenizer.chat_template`; none by default. */
  readonly chatTemplate?: string;
  /** Written last, so that a test can replace or add any key. */
  readonly metadata?: Metadata;
}

/** Token types of GGUF files. */
export const tokenTypes = { normal: 1, control: 3, unused: 5 } as const;

/** Bytes of a GGUF file with random weights; throws a RangeError when the vocabulary is too small. */
export function syntheticModel(options: SyntheticModelOptions = {}): Buffer {
  const shape = shapeOf(options);
  const vocabulary = syntheticVocabulary(shape.vocabulary, modelFamilies[shape.family]);
  return writeGguf({
    metadata: {
      ...architectureMetadata(shape),
      ...vocabularyMetadata(vocabulary, modelFamilies[shape.family]),
      ...(shape.family === "ghostlight" ? { "ghostlight.fim": "suffix-first-1" } : {}),
      ...(options.chatTemplate === undefined ? {} : { "tokenizer.chat_template": options.chatTemplate }),
      ...options.metadata,
    },
    tensors: randomTensors(shape),
  });
}

type Shape = Required<Omit<SyntheticModelOptions, "chatTemplate" | "metadata">>;

const headLength = 32;
const feedForwardLength = (shape: Shape): number => shape.width * 2;
const headCount = (shape: Shape): number => shape.width / headLength;
const keyValueHeadCount = (shape: Shape): number => headCount(shape) / 2;

function shapeOf(options: SyntheticModelOptions): Shape {
  const shape: Shape = {
    architecture: options.architecture ?? "llama", family: options.family ?? "ghostlight", layers: options.layers ?? 2,
    width: options.width ?? 64, vocabulary: options.vocabulary ?? 1024, contextLength: options.contextLength ?? 2048,
    tensorType: options.tensorType ?? "Q8_0", seed: options.seed ?? 1,
  };
  if (shape.width % (2 * headLength) !== 0) throw new RangeError(`width must be a multiple of ${2 * headLength}`);
  return shape;
}

function architectureMetadata(shape: Shape): Metadata {
  const { architecture } = shape;
  const own: Record<string, MetadataValue> = {
    block_count: uint32(shape.layers), context_length: uint32(shape.contextLength),
    embedding_length: uint32(shape.width), feed_forward_length: uint32(feedForwardLength(shape)),
    "attention.head_count": uint32(headCount(shape)), "attention.head_count_kv": uint32(keyValueHeadCount(shape)),
    "attention.layer_norm_rms_epsilon": float32(1e-6), "rope.freq_base": float32(10000),
    "rope.dimension_count": uint32(headLength), vocab_size: uint32(shape.vocabulary),
  };
  return {
    "general.architecture": architecture,
    "general.name": `synthetic ${shape.family}`,
    "general.license": "mit",
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value])),
  };
}

interface Vocabulary { readonly tokens: string[]; readonly types: number[]; readonly merges: string[] }

function syntheticVocabulary(size: number, family: FamilyTokens): Vocabulary {
  const room = size - byteCharacters.length - family.special.length;
  if (room < 0) throw new RangeError(`a vocabulary of ${size} has no room for bytes and special tokens`);
  const merges = wordMerges(room);
  const normal = [...byteCharacters, ...merges.map((merge) => merge.replace(" ", ""))];
  const unused = Array.from({ length: size - normal.length - family.special.length }, (_, index) => `<|unused_${index}|>`);
  return {
    tokens: [...normal, ...family.special, ...unused],
    types: [...normal.map(() => tokenTypes.normal), ...family.special.map(() => tokenTypes.control),
      ...unused.map(() => tokenTypes.unused)],
    merges,
  };
}

const commonWords = ["function", "return", "const", "value", "index", "length", "import", "export", "string", "number",
  "this", "self", "print", "async", "await", "true", "false", "null", "undefined", "class", "while", "else", "items"];

/** Merges that build common words from left to right, with and without a leading blank; at most `limit`. */
function wordMerges(limit: number): string[] {
  const merges = new Map<string, string>();
  for (const word of commonWords.flatMap((text) => [text, ` ${text}`])) {
    const characters = Array.from(toByteCharacters(word));
    for (let end = 1; end < characters.length && merges.size < limit; end++) {
      const left = characters.slice(0, end).join("");
      merges.set(left + characters[end], `${left} ${characters[end]}`);
    }
  }
  return [...merges.values()];
}

function vocabularyMetadata(vocabulary: Vocabulary, family: FamilyTokens): Metadata {
  const idOf = (token: string): MetadataValue => uint32(vocabulary.tokens.indexOf(token));
  const fim = (Object.entries(family.fim) as [FimPart, string][]).map(
    ([part, token]) => [`tokenizer.ggml.fim_${part}_token_id`, idOf(token)] as const);
  return {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": family.preTokenizer,
    "tokenizer.ggml.tokens": vocabulary.tokens,
    "tokenizer.ggml.token_type": int32Array(vocabulary.types),
    "tokenizer.ggml.merges": vocabulary.merges,
    "tokenizer.ggml.bos_token_id": idOf(family.endOfText),
    "tokenizer.ggml.eos_token_id": idOf(family.endOfText),
    "tokenizer.ggml.add_bos_token": false,
    ...(family.fimKeys ? Object.fromEntries(fim) : {}),
  };
}

function randomTensors(shape: Shape): Tensor[] {
  const random = randomNumbers(shape.seed);
  const matrix = (name: string, inputs: number, outputs: number): Tensor => ({
    name, shape: [inputs, outputs], type: shape.tensorType,
    values: Float32Array.from({ length: inputs * outputs }, () => normalNumber(random) / Math.sqrt(inputs)),
  });
  const vector = (name: string, length: number, value: number): Tensor => ({
    name, shape: [length], type: "F32", values: new Float32Array(length).fill(value),
  });
  return [
    matrix("token_embd.weight", shape.width, shape.vocabulary),
    ...Array.from({ length: shape.layers }, (_, layer) => blockTensors(shape, `blk.${layer}`, matrix, vector)).flat(),
    vector("output_norm.weight", shape.width, 1),
    matrix("output.weight", shape.width, shape.vocabulary),
  ];
}

type MakeMatrix = (name: string, inputs: number, outputs: number) => Tensor;
type MakeVector = (name: string, length: number, value: number) => Tensor;

function blockTensors(shape: Shape, block: string, matrix: MakeMatrix, vector: MakeVector): Tensor[] {
  const { width } = shape;
  const keyValueWidth = keyValueHeadCount(shape) * headLength;
  const biases = shape.architecture === "qwen2"
    ? [vector(`${block}.attn_q.bias`, width, 0), vector(`${block}.attn_k.bias`, keyValueWidth, 0),
      vector(`${block}.attn_v.bias`, keyValueWidth, 0)]
    : [];
  return [
    vector(`${block}.attn_norm.weight`, width, 1),
    matrix(`${block}.attn_q.weight`, width, width),
    matrix(`${block}.attn_k.weight`, width, keyValueWidth),
    matrix(`${block}.attn_v.weight`, width, keyValueWidth),
    matrix(`${block}.attn_output.weight`, width, width),
    ...biases,
    vector(`${block}.ffn_norm.weight`, width, 1),
    matrix(`${block}.ffn_gate.weight`, width, feedForwardLength(shape)),
    matrix(`${block}.ffn_up.weight`, width, feedForwardLength(shape)),
    matrix(`${block}.ffn_down.weight`, feedForwardLength(shape), width),
  ];
}
