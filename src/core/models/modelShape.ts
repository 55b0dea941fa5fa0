import type { CatalogModel } from "./catalog";
import type { GgufHeader, GgufValue } from "./gguf";

/** Weights of one encoding: `read` are the bytes that one token passes through, less than `bytes` where experts are mixed. */
export interface WeightGroup {
  readonly encoding: string;
  readonly bytes: number;
  readonly read: number;
}

/** Layers whose caches are alike. Widths are heads times head length, in values a token; `window` in tokens where it slides. */
export interface CacheGroup {
  readonly layers: number;
  readonly keyWidth: number;
  readonly valueWidth: number;
  readonly window?: number;
}

/** What decides about a model's memory and speed. */
export interface ModelShape {
  readonly weights: readonly WeightGroup[];
  /** Bytes of weights that the output layer holds a second time because the file shares them with the embedding. */
  readonly sharedOutput: WeightGroup | undefined;
  readonly caches: readonly CacheGroup[];
  readonly heads: number;
  readonly embeddingLength: number;
  readonly feedForwardLength: number;
  readonly vocabulary: number;
  /** Whether every number comes from a file's header; otherwise sizes usual for the number of parameters stand in. */
  readonly exact: boolean;
}

/** Names of ggml's tensor types that matter here, by their number in ggml's table of types. */
const ENCODINGS: ReadonlyMap<number, string> = new Map([
  [0, "F32"], [1, "F16"], [2, "Q4_0"], [3, "Q4_1"], [6, "Q5_0"], [7, "Q5_1"], [8, "Q8_0"], [10, "Q2_K"], [11, "Q3_K"], [12, "Q4_K"],
  [13, "Q5_K"], [14, "Q6_K"], [20, "IQ4_NL"], [23, "IQ4_XS"], [30, "BF16"], [39, "MXFP4"],
]);

/** The shape of a model by its header, which `readModelFacts` has found sound. */
export function shapeFromHeader(header: GgufHeader): ModelShape {
  const { metadata } = header;
  const architecture = String(metadata.get("general.architecture"));
  const number = (key: string, otherwise: number): number => numberAt(metadata.get(`${architecture}.${key}`), 0, otherwise);
  const embeddingLength = number("embedding_length", 1);
  const tokens = metadata.get("tokenizer.ggml.tokens");
  const embedding = header.tensors.find((tensor) => tensor.name === "token_embd.weight");
  const hasOutput = header.tensors.some((tensor) => tensor.name === "output.weight");
  return {
    weights: weightGroups(header, number("expert_used_count", 1) / Math.max(1, number("expert_count", 1)), !hasOutput),
    sharedOutput: embedding && !hasOutput ? { encoding: encodingName(embedding.type), bytes: embedding.sizeBytes, read: embedding.sizeBytes } : undefined,
    caches: cacheGroups(metadata, architecture, embeddingLength),
    heads: number("attention.head_count", 1),
    embeddingLength,
    feedForwardLength: Math.max(number("feed_forward_length", 0), number("expert_feed_forward_length", 0), embeddingLength),
    vocabulary: Array.isArray(tokens) ? tokens.length : 0,
    exact: true,
  };
}

function encodingName(type: number): string {
  return ENCODINGS.get(type) ?? `type ${String(type)}`;
}

/** Of the embedding one row is read for a token, unless the output shares it; of the experts those that are chosen. */
function weightGroups(header: GgufHeader, expertShare: number, embeddingIsOutput: boolean): WeightGroup[] {
  const groups = new Map<string, WeightGroup>();
  for (const tensor of header.tensors) {
    const share = tensor.name === "token_embd.weight" && !embeddingIsOutput ? 0 : /_exps\b/.test(tensor.name) ? expertShare : 1;
    const encoding = encodingName(tensor.type);
    const { bytes, read } = groups.get(encoding) ?? { bytes: 0, read: 0 };
    groups.set(encoding, { encoding, bytes: bytes + tensor.sizeBytes, read: read + tensor.sizeBytes * share });
  }
  return [...groups.values()];
}

function cacheGroups(metadata: GgufHeader["metadata"], architecture: string, embeddingLength: number): CacheGroup[] {
  const at = (key: string): GgufValue | undefined => metadata.get(`${architecture}.${key}`);
  const layers = numberAt(at("block_count"), 0, 1);
  // Models without causal attention (embedding) keep nothing from one text to the next.
  if (at("attention.causal") === false) return [];
  const window = numberAt(at("attention.sliding_window"), 0, 0);
  const groups = new Map<string, CacheGroup>();
  for (let layer = 0; layer < layers; layer++) {
    const heads = Math.max(1, numberAt(at("attention.head_count"), layer, 1));
    const keyHeads = numberAt(at("attention.head_count_kv"), layer, heads);
    const headLength = embeddingLength / heads;
    const group = {
      keyWidth: keyHeads * numberAt(at("attention.key_length"), layer, headLength),
      valueWidth: keyHeads * numberAt(at("attention.value_length"), layer, headLength),
      ...(window > 0 && slides(at("attention.sliding_window_pattern"), architecture, layer) ? { window } : {}),
    };
    if (group.keyWidth + group.valueWidth === 0) continue;
    const name = JSON.stringify(group);
    groups.set(name, { ...group, layers: (groups.get(name)?.layers ?? 0) + 1 });
  }
  return [...groups.values()];
}

/** Architectures whose files name the window but not the pattern: every layer slides but each n-th (llama.cpp's table). */
const PATTERNS: Readonly<Record<string, number>> = { gemma2: 2, gemma3: 6, "gpt-oss": 2, cohere2: 4 };

/** A pattern is a list with one entry a layer, or a number n: all but each n-th layer slide. Unknown: the layer counts in full. */
function slides(pattern: GgufValue | undefined, architecture: string, layer: number): boolean {
  if (Array.isArray(pattern)) return Boolean(pattern[layer]);
  const every = typeof pattern === "number" ? pattern : PATTERNS[architecture];
  return every !== undefined && every > 1 && layer % every < every - 1;
}

/** A number, or the layer's own where the header has a list. */
function numberAt(value: GgufValue | undefined, layer: number, otherwise: number): number {
  const one: unknown = Array.isArray(value) ? value[layer] : value;
  const number = typeof one === "number" || typeof one === "bigint" ? Number(one) : otherwise;
  return Number.isFinite(number) && number >= 0 ? number : otherwise;
}

/**
 * Bits a weight and the encodings that a file of this name is made of. The K mixes differ by model; these are the
 * shares of 7-billion files, and small ones, whose embedding weighs more, come with their exact size from the catalog.
 */
const QUANTIZATIONS: Readonly<Record<string, { readonly bits: number; readonly mix: Readonly<Record<string, number>> }>> = {
  F32: { bits: 32, mix: { F32: 1 } }, F16: { bits: 16, mix: { F16: 1 } }, BF16: { bits: 16, mix: { BF16: 1 } },
  Q8_0: { bits: 8.5, mix: { Q8_0: 1 } }, Q6_K: { bits: 6.56, mix: { Q6_K: 1 } }, Q5_K_M: { bits: 5.7, mix: { Q5_K: 0.75, Q6_K: 0.25 } },
  Q5_0: { bits: 5.5, mix: { Q5_0: 1 } }, Q4_K_M: { bits: 4.87, mix: { Q4_K: 0.7, Q6_K: 0.3 } }, Q4_K_S: { bits: 4.6, mix: { Q4_K: 0.9, Q6_K: 0.1 } },
  Q4_0: { bits: 4.55, mix: { Q4_0: 1 } }, IQ4_XS: { bits: 4.3, mix: { IQ4_XS: 1 } }, Q3_K_M: { bits: 3.9, mix: { Q3_K: 0.75, Q5_K: 0.25 } },
  Q2_K: { bits: 3, mix: { Q2_K: 0.75, Q3_K: 0.25 } }, MXFP4: { bits: 4.4, mix: { MXFP4: 1 } },
};

/** Shapes usual for a number of parameters, the greedier where families differ: until the file's own header is there. */
const USUAL_SHAPES = [
  { upTo: 0.2e9, layers: 12, width: 768, cacheWidth: 768, feedForward: 3_072, vocabulary: 32_000 },
  { upTo: 0.8e9, layers: 24, width: 896, cacheWidth: 192, feedForward: 4_864, vocabulary: 151_936 },
  { upTo: 2.2e9, layers: 28, width: 1_536, cacheWidth: 256, feedForward: 8_960, vocabulary: 151_936 },
  { upTo: 5e9, layers: 36, width: 2_560, cacheWidth: 768, feedForward: 11_008, vocabulary: 151_936 },
  { upTo: 10e9, layers: 32, width: 4_096, cacheWidth: 1_024, feedForward: 18_944, vocabulary: 152_064 },
  { upTo: 18e9, layers: 48, width: 5_120, cacheWidth: 1_024, feedForward: 13_824, vocabulary: 152_064 },
  { upTo: Infinity, layers: 64, width: 5_120, cacheWidth: 1_024, feedForward: 27_648, vocabulary: 152_064 },
] as const;
/** With mixed experts the layers are as narrow as those of a much smaller model. */
const USUAL_MIXTURE = { layers: 48, width: 2_048, cacheWidth: 512, feedForward: 6_144, vocabulary: 151_936 } as const;
const USUAL_HEAD_LENGTH = 128;

/** What is known of a model before its file is there. */
export type KnownSize = Pick<CatalogModel, "parameters" | "activeParameters" | "quantization" | "size" | "roles">;

/** The shape of a model by parameters and quantization; an unknown quantization counts as eight bits. */
export function shapeFromParameters(model: KnownSize): ModelShape {
  const { bits, mix } = QUANTIZATIONS[model.quantization] ?? { bits: 8.5, mix: { Q8_0: 1 } };
  const bytes = model.size ?? (model.parameters * bits) / 8;
  const share = model.activeParameters / model.parameters;
  const usual = share < 0.6 ? USUAL_MIXTURE : USUAL_SHAPES.find((shape) => model.parameters <= shape.upTo) ?? USUAL_MIXTURE;
  const onlyEmbeds = model.roles.every((role) => role === "embedding");
  return {
    weights: Object.entries(mix).map(([encoding, part]) => ({ encoding, bytes: bytes * part, read: bytes * part * share })),
    sharedOutput: undefined,
    caches: onlyEmbeds ? [] : [{ layers: usual.layers, keyWidth: usual.cacheWidth, valueWidth: usual.cacheWidth }],
    heads: Math.max(1, Math.round(usual.width / USUAL_HEAD_LENGTH)),
    embeddingLength: usual.width,
    feedForwardLength: usual.feedForward,
    vocabulary: usual.vocabulary,
    exact: false,
  };
}
