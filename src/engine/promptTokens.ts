import type { FimPrompt } from "../core/models/fimFamilies";
import type { PromptPart } from "../core/models/promptPart";
import type { Tokenizer } from "./tokenSequence";

/** A prompt in tokens, and in words what had to be left out of it (design §4: never a silent cut). */
export interface TokenizedPrompt {
  readonly tokens: readonly number[];
  readonly leftOut: readonly string[];
}

/** The window's start moves in steps of this many tokens, so that a full context is not evaluated anew on each key. */
const CUT_STEP = 128;

/** Part of the budget that the text after the cursor may take when not everything fits. */
const SUFFIX_SHARE = 0.3;

/** Turns a laid out prompt into at most `budget` tokens: head chunks go first, then the suffix's end, then the prefix's start. */
export function tokenizeFimPrompt(prompt: FimPrompt, tokenizer: Tokenizer, budget: number): TokenizedPrompt {
  const leftOut: string[] = [];
  const fixed = [prompt.opening, prompt.between, prompt.closing].map((parts) => encodeParts(parts, tokenizer));
  const [opening = [], between = [], closing = []] = fixed;
  const typed = keepEnd(tokenizer.encodeText(prompt.typed), Math.floor(budget / 2), "start of the current line", leftOut);
  const prefix = tokenizer.encodeText(prompt.prefix);
  const suffix = tokenizer.encodeText(prompt.suffix);
  // Room for what is typed is set aside in whole steps: otherwise each key would move the cuts and lose the cache behind them.
  const typedRoom = Math.ceil((typed.length + 1) / CUT_STEP) * CUT_STEP;
  let room = budget - tokenizer.start.length - opening.length - between.length - closing.length - Math.max(typed.length, Math.min(typedRoom, Math.floor(budget / 2)));
  const suffixRoom = Math.max(Math.floor(room * SUFFIX_SHARE), room - prefix.length);
  const keptSuffix = keepStart(suffix, Math.max(0, suffixRoom), leftOut);
  room -= keptSuffix.length;
  const keptPrefix = keepEnd(prefix, Math.max(0, room), "lines at the top of the file's window", leftOut);
  room -= keptPrefix.length;
  const head = keepHead(prompt.head, tokenizer, room, leftOut);
  const first = prompt.headPlace === "first" ? head : [];
  const beforePrefix = prompt.headPlace === "first" ? [] : head;
  const body = prompt.order === "prefixFirst"
    ? [...beforePrefix, ...keptPrefix, ...between, ...keptSuffix, ...closing, ...typed]
    : [...keptSuffix, ...between, ...beforePrefix, ...keptPrefix, ...typed, ...closing];
  return { tokens: [...tokenizer.start, ...first, ...opening, ...body], leftOut };
}

/** Encodes parts in order; a special token that the vocabulary lacks is an error of the family table. */
export function encodeParts(parts: readonly PromptPart[], tokenizer: Tokenizer): number[] {
  return parts.flatMap((part) => {
    if (part.kind === "text") return [...tokenizer.encodeText(part.text)];
    const id = tokenizer.specialToken(part.token);
    if (id === undefined) throw new Error(`the vocabulary lacks the special token ${part.token}`);
    return [id];
  });
}

function keepHead(head: FimPrompt["head"], tokenizer: Tokenizer, room: number, leftOut: string[]): number[] {
  const kept: number[] = [];
  for (const [index, chunk] of head.entries()) {
    const tokens = encodeParts(chunk, tokenizer);
    if (kept.length + tokens.length > room) {
      leftOut.push(`${String(head.length - index)} related places: no room in the context`);
      break;
    }
    kept.push(...tokens);
  }
  return kept;
}

function keepStart(tokens: readonly number[], most: number, leftOut: string[]): readonly number[] {
  if (tokens.length <= most) return tokens;
  leftOut.push(`${String(tokens.length - most)} tokens after the cursor: no room in the context`);
  return tokens.slice(0, most);
}

function keepEnd(tokens: readonly number[], most: number, what: string, leftOut: string[]): readonly number[] {
  if (tokens.length <= most) return tokens;
  const cut = Math.min(tokens.length, Math.ceil((tokens.length - most) / CUT_STEP) * CUT_STEP);
  leftOut.push(`${String(cut)} tokens, ${what}: no room in the context`);
  return tokens.slice(cut);
}
