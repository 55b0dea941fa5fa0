/**
 * Byte-level BPE: the encoder and decoder that llama.cpp applies to a GGUF file with
 * `tokenizer.ggml.model = "gpt2"` and `tokenizer.ggml.pre = "qwen2"`. Special tokens are never read from text.
 */
import { byteCharacters, fromByteCharacters, toByteCharacters } from "./bytes.js";
import { ghostlightSpecialTokens } from "./modelFamilies.js";

/** What a tokenizer file holds. Ids: the 256 bytes, one token a merge, then the special tokens. */
export interface TokenizerData {
  /** Pairs in the order in which they are merged, in the byte alphabet, "left right". */
  readonly merges: readonly string[];
}

export type SpecialToken = (typeof ghostlightSpecialTokens)[number];

export interface Tokenizer {
  /** Every token's text, indexed by its id; byte alphabet for ordinary tokens. */
  readonly tokens: readonly string[];
  readonly merges: readonly string[];
  /** Ids of a text. Strings that look like special tokens are ordinary text. */
  encode(text: string): number[];
  /** The text of ordinary ids; special ids give nothing, bytes that are no UTF-8 give U+FFFD. */
  decode(ids: readonly number[]): string;
  /** Number of bytes that an ordinary id stands for; 0 for special ones. */
  byteLength(id: number): number;
  special(token: SpecialToken): number;
}

/**
 * The split of llama.cpp's `qwen2` pre-tokenizer. Its punctuation branch takes a blank before the punctuation,
 * not any white space: with `\s?` instead of ` ?`, tabs before punctuation would be split another way than there.
 */
const preTokenizer = new RegExp(
  "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
  + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", "gu");

/** Pieces of a text that are tokenized one by one; joined they give the text again. */
export function splitText(text: string): string[] {
  return text.match(preTokenizer) ?? [];
}

/** A tokenizer from its merges. Throws a RangeError where a merge joins tokens that do not exist. */
export function createTokenizer(data: TokenizerData): Tokenizer {
  const ordinary = [...byteCharacters, ...data.merges.map((merge) => merge.replace(" ", ""))];
  const tokens = [...ordinary, ...ghostlightSpecialTokens];
  const ids = new Map(ordinary.map((token, id) => [token, id]));
  const ranks = new Map<string, number>();
  data.merges.forEach((merge, rank) => {
    const [left = "", right = ""] = merge.split(" ");
    if (!ids.has(left) || !ids.has(right)) throw new RangeError(`merge of an unknown token: ${merge}`);
    ranks.set(merge, rank);
  });
  const cache = new Map<string, readonly number[]>();
  const encodePiece = (piece: string): readonly number[] => {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const result = mergePiece(toByteCharacters(piece), ranks).map((token) => ids.get(token) ?? 0);
    if (cache.size < 200_000) cache.set(piece, result);
    return result;
  };
  return {
    tokens, merges: data.merges,
    encode: (text) => splitText(text).flatMap((piece) => encodePiece(piece)),
    decode: (list) => Buffer.concat(list.filter((id) => id < ordinary.length).map((id) => fromByteCharacters(tokens[id] ?? ""))).toString("utf8"),
    byteLength: (id) => (id < ordinary.length ? (tokens[id] ?? "").length : 0),
    special: (token) => ordinary.length + ghostlightSpecialTokens.indexOf(token),
  };
}

/** Joins the pair with the lowest rank, leftmost first, until none is left. */
function mergePiece(characters: string, ranks: ReadonlyMap<string, number>): string[] {
  const parts = Array.from(characters);
  while (parts.length > 1) {
    let best = Infinity;
    let at = -1;
    for (let index = 0; index + 1 < parts.length; index++) {
      const rank = ranks.get(`${parts[index]} ${parts[index + 1]}`);
      if (rank !== undefined && rank < best) {
        best = rank;
        at = index;
      }
    }
    if (at < 0) break;
    parts.splice(at, 2, `${parts[at]}${parts[at + 1]}`);
  }
  return parts;
}
