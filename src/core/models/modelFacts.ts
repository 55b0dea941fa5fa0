import { GgufError, type GgufHeader, type GgufValue } from "./gguf";

/** What the rest of Ghostlight needs to know of a model file, taken from a sound header. */
export interface ModelFacts {
  readonly architecture: string;
  readonly name: string;
  readonly ghostlightFim?: string;
  /**
   * Whether the vocabulary puts a blank before every text (SentencePiece with its prefix): prompts of several parts, and
   * texts read token by token, would come out with blanks too many or too few.
   */
  readonly addsSpacePrefix: boolean;
  readonly trainContextSize: number;
  readonly layers: number;
  readonly embeddingLength: number;
  /** Token texts by id. */
  readonly tokens: readonly string[];
  /** ggml token types by id (1 normal, 3 control, 4 user defined, 6 byte); empty where the file has none. */
  readonly tokenTypes: readonly number[];
}

/** Architectures whose attention keys this check knows; others are left to the library's own judgement. */
const MOST_LAYERS = 1024;
/** The library's own limit. */
const MOST_EXPERTS = 512;

/**
 * Takes the facts out of a header and refuses what is known to kill the library: zero embedding length, zero or
 * indivisible head counts, absurd layer counts, duplicate tokens, token arrays of unequal length, special ids that
 * point outside the vocabulary. Throws `GgufError`.
 */
export function readModelFacts(header: GgufHeader): ModelFacts {
  const { metadata } = header;
  const architecture = requireArchitecture(metadata);
  const layers = requireCount(metadata, `${architecture}.block_count`, MOST_LAYERS);
  const embeddingLength = requireCount(metadata, `${architecture}.embedding_length`, 1 << 20);
  checkHeads(metadata, architecture, embeddingLength);
  checkNumerics(metadata, architecture);
  checkExperts(metadata, architecture);
  checkWidths(header, architecture, embeddingLength);
  checkLayersPresent(header, layers);
  const tokens = readTokens(metadata);
  const tokenTypes = readTokenTypes(metadata, tokens.length);
  checkSpecialIds(metadata, tokens.length);
  checkEmbeddingRows(header, tokens.length);
  const ghostlightFim = metadata.get("ghostlight.fim");
  return {
    architecture,
    name: typeof metadata.get("general.name") === "string" ? String(metadata.get("general.name")) : "",
    ...(typeof ghostlightFim === "string" ? { ghostlightFim } : {}),
    addsSpacePrefix: metadata.get("tokenizer.ggml.model") === "llama" && metadata.get("tokenizer.ggml.add_space_prefix") !== false,
    trainContextSize: requireCount(metadata, `${architecture}.context_length`, 1 << 24),
    layers,
    embeddingLength,
    tokens,
    tokenTypes,
  };
}

/** An architecture's name becomes part of keys and messages: a megabyte of it, or a line break in it, is no name. */
function requireArchitecture(metadata: GgufHeader["metadata"]): string {
  const value = metadata.get("general.architecture");
  if (typeof value !== "string" || value === "") throw new GgufError("damaged", "general.architecture is missing");
  if (!/^[\w.-]{1,64}$/.test(value)) throw new GgufError("damaged", `general.architecture is no name: ${shown(value)}`);
  return value;
}

/** Lists and texts are never turned into a number: that would write out all of a list of millions first. */
function requireCount(metadata: GgufHeader["metadata"], key: string, most: number): number {
  const value = metadata.get(key);
  const count = typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN;
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new GgufError("damaged", `${key} must be a whole number from 1 to ${String(most)}, it is ${shown(value)}`);
  }
  return count;
}

const MOST_SHOWN = 40;

/** A value of the file in a few words: it may be a list of millions or a text of megabytes. */
function shown(value: GgufValue | undefined): string {
  if (Array.isArray(value)) return `a list of ${String(value.length)}`;
  if (typeof value !== "string") return String(value as number | bigint | boolean | undefined);
  return JSON.stringify(value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value);
}

function checkHeads(metadata: GgufHeader["metadata"], architecture: string, embeddingLength: number): void {
  for (const key of [`${architecture}.attention.head_count`, `${architecture}.attention.head_count_kv`]) {
    const value = metadata.get(key);
    if (value === undefined || Array.isArray(value)) continue;
    requireCount(metadata, key, 65_536);
  }
  const heads = metadata.get(`${architecture}.attention.head_count`);
  const headsForKeys = metadata.get(`${architecture}.attention.head_count_kv`);
  const keyLength = metadata.get(`${architecture}.attention.key_length`);
  if (typeof heads === "number" && keyLength === undefined && embeddingLength % heads !== 0) {
    throw new GgufError("damaged", `${String(heads)} attention heads do not divide the embedding length ${String(embeddingLength)}`);
  }
  if (typeof heads === "number" && typeof headsForKeys === "number" && heads % headsForKeys !== 0) {
    throw new GgufError("damaged", `${String(headsForKeys)} key heads do not divide ${String(heads)} attention heads`);
  }
}

const ROPE_SCALINGS: ReadonlySet<unknown> = new Set(["none", "linear", "yarn", "longrope"]);

/** Values on which the library ends its process instead of refusing the file. */
function checkNumerics(metadata: GgufHeader["metadata"], architecture: string): void {
  for (const key of ["layer_norm_rms_epsilon", "layer_norm_epsilon", "group_norm_epsilon"]) {
    const value = metadata.get(`${architecture}.attention.${key}`);
    if (value !== undefined && !(typeof value === "number" && value >= 0 && value < 1)) throw new GgufError("damaged", `${key} is ${String(value).slice(0, 40)}, not a number from 0 to 1`);
  }
  const scaling = metadata.get(`${architecture}.rope.scaling.type`);
  if (scaling !== undefined && !ROPE_SCALINGS.has(scaling)) throw new GgufError("damaged", `rope.scaling.type is ${JSON.stringify(String(scaling).slice(0, 40))}, which is none that is known`);
  if (metadata.get("tokenizer.ggml.model") === "none") throw new GgufError("noVocabulary", "the file has no vocabulary: it is no language model");
}

/** Experts without a number to use of them, or the other way round, end the library's process. */
function checkExperts(metadata: GgufHeader["metadata"], architecture: string): void {
  const most = (key: string): number => {
    const value = metadata.get(`${architecture}.${key}`);
    const numbers = (Array.isArray(value) ? value : [value ?? 0]).map(Number);
    return numbers.reduce((largest, number) => Math.max(largest, number), 0);
  };
  const [experts, used] = [most("expert_count"), most("expert_used_count")];
  const fits = experts === 0 ? used === 0 : used >= 1 && used <= experts;
  if (!fits || experts > MOST_EXPERTS) throw new GgufError("damaged", `${String(used)} of ${String(experts)} experts are to be used: that cannot be`);
}

/** Architectures whose heads are as wide as the metadata say, and are rotated as a whole; others may do as they like. */
const PLAIN_HEADS: ReadonlySet<string> = new Set(["llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "starcoder2", "granite"]);

/** Widths that differ from the tensors' own end the library's process, where it does not compare them itself. */
function checkWidths(header: GgufHeader, architecture: string, embeddingLength: number): void {
  const { metadata } = header;
  const tensorOf = (name: string): readonly number[] | undefined => header.tensors.find((tensor) => tensor.name === `blk.0.${name}.weight`)?.dimensions;
  const numberOf = (key: string): number | undefined => {
    const value = metadata.get(`${architecture}.${key}`);
    return typeof value === "number" ? value : undefined;
  };
  const forward = numberOf("feed_forward_length");
  const inputs = tensorOf("ffn_down")?.[0];
  // A row shorter than a block of its encoding has no bytes at all; no encoding has blocks longer than 256.
  if (forward !== undefined && forward < 256 && inputs !== undefined && inputs !== forward) throw new GgufError("damaged", `feed_forward_length is ${String(forward)}, the tensor has ${String(inputs)}`);
  const heads = numberOf("attention.head_count");
  const queries = tensorOf("attn_q")?.[1];
  if (!PLAIN_HEADS.has(architecture) || heads === undefined) return;
  const headLength = numberOf("attention.key_length") ?? embeddingLength / heads;
  if (queries !== undefined && queries !== heads * headLength) throw new GgufError("damaged", `${String(heads)} heads of ${String(headLength)} do not make up the ${String(queries)} rows of the tensor`);
  const values = numberOf("attention.value_length");
  if (values !== undefined && values !== headLength) throw new GgufError("damaged", `value_length is ${String(values)}, the heads are ${String(headLength)} long`);
  const rotated = numberOf("rope.dimension_count");
  if (rotated !== undefined && rotated !== headLength) throw new GgufError("damaged", `rope.dimension_count is ${String(rotated)}, the heads are ${String(headLength)} long`);
}

/** A layer count above the tensors that are there makes the library allocate for layers that do not exist. */
function checkLayersPresent(header: GgufHeader, layers: number): void {
  const present = new Set(header.tensors.map((tensor) => /^blk\.(\d+)\./.exec(tensor.name)?.[1]).filter((layer) => layer !== undefined));
  if (present.size !== layers) throw new GgufError("damaged", `the header names ${String(layers)} layers, the file has ${String(present.size)}`);
}

function readTokens(metadata: GgufHeader["metadata"]): string[] {
  const value: GgufValue | undefined = metadata.get("tokenizer.ggml.tokens");
  if (!Array.isArray(value) || value.length === 0) throw new GgufError("noVocabulary", "the file has no vocabulary: it is no language model");
  const tokens = value.map(String);
  const distinct = new Set(tokens);
  if (distinct.size !== tokens.length) throw new GgufError("damaged", `the vocabulary holds ${String(tokens.length - distinct.size)} duplicate tokens`);
  return tokens;
}

function readTokenTypes(metadata: GgufHeader["metadata"], count: number): number[] {
  for (const key of ["tokenizer.ggml.token_type", "tokenizer.ggml.scores"]) {
    const value = metadata.get(key);
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.length !== count) throw new GgufError("damaged", `${key} does not have one entry a token`);
  }
  const types = metadata.get("tokenizer.ggml.token_type");
  return Array.isArray(types) ? types.map(Number) : [];
}

function checkSpecialIds(metadata: GgufHeader["metadata"], count: number): void {
  for (const [key, value] of metadata) {
    if (!key.startsWith("tokenizer.ggml.") || !key.endsWith("_token_id")) continue;
    if (typeof value !== "number" || value < 0 || value >= count) {
      throw new GgufError("damaged", `${key} is ${shown(value)}, outside the vocabulary of ${String(count)}`);
    }
  }
}

function checkEmbeddingRows(header: GgufHeader, tokens: number): void {
  const embedding = header.tensors.find((tensor) => tensor.name === "token_embd.weight");
  if (!embedding) throw new GgufError("damaged", "the tensor token_embd.weight is missing");
  const rows = embedding.dimensions[1] ?? 0;
  if (rows < tokens) throw new GgufError("damaged", `the vocabulary has ${String(tokens)} tokens, the embedding ${String(rows)} rows`);
}
