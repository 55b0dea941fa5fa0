import type { CompletionPlan } from "../../protocol/engine";
import type { PromptPart } from "./promptPart";
import { special, userText } from "./promptPart";

/**
 * Fill-in-the-middle prompt formats by model family: tokens, order and stop tokens are data.
 * Sources: the families' papers and model cards, as collected per family in `id` order below; the spellings of
 * Qwen, StarCoder and DeepSeek are checked against their vocabularies in `test/unit/core/models`.
 */
export interface FimFamily {
  readonly id: string;
  /**
   * `anchored`: prefix up to the anchor, suffix, middle token, then what was typed since the anchor; a key press adds
   * one or two tokens at the end. `suffixFirst`: the prefix stands last anyway and grows at the end.
   */
  readonly layout: "anchored" | "suffixFirst";
  /** With `suffixFirst`: the whole prefix stands after the middle token and runs straight into the middle. */
  readonly prefixAfterMiddle?: boolean;
  /** Whether the file token and the file's own path stand before it even where no other file does. */
  readonly namesFile?: boolean;
  readonly tokens: {
    readonly prefix: string;
    readonly suffix: string;
    /** Absent where the format has none (Codestral). */
    readonly middle?: string;
    /** Precedes a file's path. */
    readonly file?: string;
    /** Precedes the repository's name. */
    readonly repository?: string;
  };
  /** Special tokens that end a completion; those missing in a vocabulary are passed over. */
  readonly stopTokens: readonly string[];
  /**
   * How files of the head are written: with the file token, as comment headers above the prefix, or not at all
   * (a tiny model that was not trained with other files before its own only loses room to them).
   */
  readonly head: "fileToken" | "comments" | "none";
  /**
   * Whether a single blank before the cursor is left to the model and taken off its answer again: a word and the blank
   * before it are one token, so a prompt that ends in a blank is one that the starter seldom saw (8.8 % of lines exact
   * instead of 8.4 %, models/starter/CARD.md). Not measured for other families.
   */
  readonly leavesBlank?: boolean;
}

const QWEN_STOPS = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<|im_start|>", "<|im_end|>"];
const STARTER_STOPS = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>", "<|file_sep|>"];
const QWEN_TOKENS = { prefix: "<|fim_prefix|>", suffix: "<|fim_suffix|>", middle: "<|fim_middle|>" };

/** Every supported family. A vocabulary that matches none is refused with a reason, never guessed. */
export const FIM_FAMILIES = {
  ghostlight: {
    id: "ghostlight",
    layout: "suffixFirst",
    prefixAfterMiddle: true,
    namesFile: true,
    tokens: { ...QWEN_TOKENS, file: "<|file_sep|>" },
    stopTokens: STARTER_STOPS,
    head: "none",
    leavesBlank: true,
  },
  /** As `ghostlight`, for a starter that was trained with chunks of other files before its own. */
  ghostlight2: {
    id: "ghostlight2",
    layout: "suffixFirst",
    prefixAfterMiddle: true,
    namesFile: true,
    tokens: { ...QWEN_TOKENS, file: "<|file_sep|>" },
    stopTokens: STARTER_STOPS,
    head: "fileToken",
    leavesBlank: true,
  },
  qwen: {
    id: "qwen",
    layout: "anchored",
    tokens: { ...QWEN_TOKENS, file: "<|file_sep|>", repository: "<|repo_name|>" },
    stopTokens: QWEN_STOPS,
    head: "fileToken",
  },
  codegemma: {
    id: "codegemma",
    layout: "anchored",
    tokens: { ...QWEN_TOKENS, file: "<|file_separator|>" },
    stopTokens: ["<|file_separator|>", "<end_of_turn>", "<eos>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
    head: "comments",
  },
  granite: {
    id: "granite",
    layout: "anchored",
    tokens: QWEN_TOKENS,
    stopTokens: ["<|end_of_text|>", "<|fim_pad|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
    head: "comments",
  },
  starcoder: {
    id: "starcoder",
    layout: "anchored",
    tokens: { prefix: "<fim_prefix>", suffix: "<fim_suffix>", middle: "<fim_middle>", file: "<file_sep>" },
    stopTokens: ["<file_sep>", "<|endoftext|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>"],
    head: "fileToken",
  },
  mellum: {
    id: "mellum",
    layout: "suffixFirst",
    namesFile: true,
    tokens: { prefix: "<fim_prefix>", suffix: "<fim_suffix>", middle: "<fim_middle>", file: "<filename>" },
    stopTokens: ["<|endoftext|>", "<filename>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>"],
    head: "fileToken",
  },
  seed: {
    id: "seed",
    layout: "suffixFirst",
    tokens: { prefix: "<[fim-prefix]>", suffix: "<[fim-suffix]>", middle: "<[fim-middle]>" },
    stopTokens: ["<[end▁of▁sentence]>", "<[PAD▁TOKEN]>", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"],
    head: "comments",
  },
  deepseek: {
    id: "deepseek",
    layout: "anchored",
    tokens: { prefix: "<｜fim▁begin｜>", suffix: "<｜fim▁hole｜>", middle: "<｜fim▁end｜>" },
    stopTokens: ["<｜end▁of▁sentence｜>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
    head: "comments",
  },
  codestral: {
    id: "codestral",
    layout: "suffixFirst",
    tokens: { prefix: "[PREFIX]", suffix: "[SUFFIX]" },
    stopTokens: ["</s>", "[PREFIX]", "[SUFFIX]"],
    head: "comments",
  },
  codellama: {
    id: "codellama",
    layout: "anchored",
    tokens: { prefix: "▁<PRE>", suffix: "▁<SUF>", middle: "▁<MID>" },
    stopTokens: ["▁<EOT>", "</s>"],
    head: "comments",
  },
} as const satisfies Record<string, FimFamily>;

export type FimFamilyId = keyof typeof FIM_FAMILIES;

/** What a GGUF says about itself that tells its family. */
export interface VocabularyFacts {
  /** Value of the metadata key `ghostlight.fim`, where present. */
  readonly ghostlightFim?: string;
  readonly name: string;
  hasToken(text: string): boolean;
}

/** The values of `ghostlight.fim` that this version understands. */
export const GHOSTLIGHT_FIM_FORMATS: ReadonlyMap<string, FimFamily> = new Map<string, FimFamily>([
  ["suffix-first-1", FIM_FAMILIES.ghostlight],
  ["suffix-first-2", FIM_FAMILIES.ghostlight2],
]);

export type FamilyDecision = { readonly family: FimFamily } | { readonly family: null; readonly reason: string };

/** Decides the family from the vocabulary; spellings shared by several families are told apart by a further token. */
export function detectFimFamily(facts: VocabularyFacts): FamilyDecision {
  if (facts.ghostlightFim !== undefined) {
    const family = GHOSTLIGHT_FIM_FORMATS.get(facts.ghostlightFim);
    if (family !== undefined) return { family };
    return { family: null, reason: `its fill-in-the-middle format "${facts.ghostlightFim}" is newer than this version of Ghostlight` };
  }
  const has = (...tokens: string[]): boolean => tokens.every((token) => facts.hasToken(token));
  if (has("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")) {
    if (has("<|file_separator|>")) return { family: FIM_FAMILIES.codegemma };
    if (has("<|end_of_text|>")) return { family: FIM_FAMILIES.granite };
    if (has("<|file_sep|>", "<|repo_name|>")) return { family: FIM_FAMILIES.qwen };
  }
  if (has("<fim_prefix>", "<fim_suffix>", "<fim_middle>")) {
    return { family: /mellum/i.test(facts.name) ? FIM_FAMILIES.mellum : FIM_FAMILIES.starcoder };
  }
  if (has("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>")) return { family: FIM_FAMILIES.seed };
  if (has("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>")) return { family: FIM_FAMILIES.deepseek };
  if (has("▁<PRE>", "▁<SUF>", "▁<MID>")) return { family: FIM_FAMILIES.codellama };
  if (has("[PREFIX]", "[SUFFIX]")) return { family: FIM_FAMILIES.codestral };
  return { family: null, reason: "its vocabulary has no fill-in-the-middle tokens of a family that Ghostlight knows" };
}

/** Parts before the file's own text: repository files in the family's multi-file form, or as comment headers. */
export interface FimPrompt {
  /** Changes only when the person rests; the engine may drop its chunks from the end when the context is small. */
  readonly head: readonly (readonly PromptPart[])[];
  /** `first`: before everything. `beforePrefix`: comment headers belong to the prefix, after the family's own mark for it. */
  readonly headPlace: "first" | "beforePrefix";
  readonly opening: readonly PromptPart[];
  /** The part whose start may be cut in large hops when the context is small. */
  readonly prefix: string;
  readonly between: readonly PromptPart[];
  /** The part whose end may be cut. */
  readonly suffix: string;
  readonly closing: readonly PromptPart[];
  /** Which of the two long texts stands first. */
  readonly order: "prefixFirst" | "suffixFirst";
  /**
   * Text from the anchor to the cursor, never cut: after the closing tokens where the prefix stands first,
   * directly after the prefix where the suffix stands first.
   */
  readonly typed: string;
}

/** Lays a plan out for a family. Text of the user stays text: only parts made by `special` may become special tokens. */
export function layOutFimPrompt(family: FimFamily, plan: CompletionPlan): FimPrompt {
  const { tokens } = family;
  const head = family.head === "none" ? [] : plan.head.map((chunk) => headChunk(family, chunk.path, chunk.text));
  const fileHeader = tokens.file !== undefined && (family.namesFile === true || plan.head.length > 0)
    ? [special(tokens.file), userText(`${plan.path}\n`)]
    : [];
  const middle = tokens.middle === undefined ? [] : [special(tokens.middle)];
  const headPlace: FimPrompt["headPlace"] = family.head === "comments" ? "beforePrefix" : "first";
  const texts = { head, headPlace, prefix: plan.prefix, suffix: plan.suffix, typed: plan.typed };
  if (family.layout === "anchored") {
    return { ...texts, order: "prefixFirst", opening: [...fileHeader, special(tokens.prefix)], between: [special(tokens.suffix)], closing: middle };
  }
  // Our starter puts the whole prefix after the middle token; Mellum, Seed and Codestral after the prefix token.
  if (family.prefixAfterMiddle === true) {
    return { ...texts, order: "suffixFirst", opening: [...fileHeader, special(tokens.prefix), special(tokens.suffix)], between: middle, closing: [] };
  }
  return { ...texts, order: "suffixFirst", opening: [...fileHeader, special(tokens.suffix)], between: [special(tokens.prefix)], closing: middle };
}

function headChunk(family: FimFamily, path: string, text: string): readonly PromptPart[] {
  const ended = text.endsWith("\n") ? text : `${text}\n`;
  if (family.head === "fileToken" && "file" in family.tokens && family.tokens.file !== undefined) {
    return [special(family.tokens.file), userText(`${path}\n${ended}`)];
  }
  return [userText(`${lineComment(path)} ${path}\n${ended}`)];
}

/** What opens a line comment in a file of this name, for the languages whose mark is not two slashes. */
function lineComment(path: string): string {
  return /\.(py|rb|sh|bash|ya?ml|toml|pl|r|ex|exs)$/i.test(path) ? "#" : "//";
}
