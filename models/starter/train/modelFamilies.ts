/**
 * Special tokens of the fill-in-the-middle families, for synthetic models.
 * Spellings as published with each family's tokenizer.
 */

/** Which token plays which part; absent where a family has no such token. */
export interface FamilyTokens {
  /** llama.cpp's name of the pre-tokenizer. */
  readonly preTokenizer: string;
  /** All special tokens, in the order of their ids. */
  readonly special: readonly string[];
  readonly endOfText: string;
  readonly fim: { readonly [part in FimPart]?: string };
  /** Whether the published files carry the `tokenizer.ggml.fim_*` keys. */
  readonly fimKeys: boolean;
}

export type FimPart = "pre" | "suf" | "mid" | "pad" | "rep" | "sep";

const qwenFim = {
  pre: "<|fim_prefix|>", suf: "<|fim_suffix|>", mid: "<|fim_middle|>",
  pad: "<|fim_pad|>", rep: "<|repo_name|>", sep: "<|file_sep|>",
} as const;

const starcoderFim = {
  pre: "<fim_prefix>", suf: "<fim_suffix>", mid: "<fim_middle>",
  pad: "<fim_pad>", rep: "<repo_name>", sep: "<file_sep>",
} as const;

/** Special tokens of the starter model; their order is the order of their ids. */
export const ghostlightSpecialTokens = [
  "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_sep|>", "<|fim_pad|>",
] as const;

export const modelFamilies = {
  qwen: {
    preTokenizer: "qwen2",
    special: ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
      "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"],
    endOfText: "<|endoftext|>", fim: qwenFim, fimKeys: true,
  },
  ghostlight: {
    preTokenizer: "qwen2", special: ghostlightSpecialTokens, endOfText: "<|endoftext|>",
    fim: { pre: qwenFim.pre, suf: qwenFim.suf, mid: qwenFim.mid, pad: qwenFim.pad, sep: qwenFim.sep }, fimKeys: true,
  },
  starcoder: {
    preTokenizer: "starcoder",
    special: ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<repo_name>", "<file_sep>"],
    endOfText: "<|endoftext|>", fim: starcoderFim, fimKeys: true,
  },
  deepseek: {
    preTokenizer: "deepseek-coder",
    special: ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜fim▁hole｜>", "<｜fim▁begin｜>", "<｜fim▁end｜>", "<|EOT|>"],
    endOfText: "<｜end▁of▁sentence｜>",
    fim: { pre: "<｜fim▁begin｜>", suf: "<｜fim▁hole｜>", mid: "<｜fim▁end｜>" }, fimKeys: true,
  },
  codegemma: {
    preTokenizer: "default",
    special: ["<pad>", "<eos>", "<bos>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<start_of_turn>",
      "<end_of_turn>", "<|file_separator|>"],
    endOfText: "<eos>",
    fim: { pre: qwenFim.pre, suf: qwenFim.suf, mid: qwenFim.mid, sep: "<|file_separator|>" }, fimKeys: true,
  },
  granite: {
    preTokenizer: "dbrx",
    special: ["<|end_of_text|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>"],
    endOfText: "<|end_of_text|>",
    fim: { pre: qwenFim.pre, suf: qwenFim.suf, mid: qwenFim.mid, pad: qwenFim.pad }, fimKeys: true,
  },
  mellum: {
    preTokenizer: "starcoder",
    special: ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<filename>", "<reponame>"],
    endOfText: "<|endoftext|>",
    fim: { pre: "<fim_prefix>", suf: "<fim_suffix>", mid: "<fim_middle>", pad: "<fim_pad>" }, fimKeys: true,
  },
  seed: {
    preTokenizer: "seed-coder",
    special: ["<[begin▁of▁sentence]>", "<[PAD▁TOKEN]>", "<[end▁of▁sentence]>", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"],
    endOfText: "<[end▁of▁sentence]>",
    fim: { pre: "<[fim-prefix]>", suf: "<[fim-suffix]>", mid: "<[fim-middle]>" }, fimKeys: false,
  },
  codestral: {
    preTokenizer: "default", special: ["<s>", "</s>", "[PREFIX]", "[MIDDLE]", "[SUFFIX]"], endOfText: "</s>",
    fim: { pre: "[PREFIX]", suf: "[SUFFIX]", mid: "[MIDDLE]" }, fimKeys: false,
  },
  unknown: { preTokenizer: "gpt-2", special: ["<|endoftext|>"], endOfText: "<|endoftext|>", fim: {}, fimKeys: false },
} as const satisfies Record<string, FamilyTokens>;

export type ModelFamily = keyof typeof modelFamilies;
