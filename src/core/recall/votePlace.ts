import type { PartRenames } from "./names";
import type { RecallQuery } from "./query";
import { WordKind, type Vocabulary } from "./vocabulary";
import type { VoteContext } from "./votes";
import { isLineBreak } from "./words";

/** What stays the same for all votes of one query. */
export interface VotePlaces {
  readonly query: RecallQuery;
  readonly vocabulary: Vocabulary;
  readonly parts: PartRenames;
  /** Whether a word stands anywhere in the document. */
  readonly knownHere: (word: number) => boolean;
}

/** What a vote knows of the place behind `units`, which are assumed to follow the text before the cursor. */
export function votePlace({ query, vocabulary, parts, knownHere }: VotePlaces, units: readonly number[]): VoteContext {
  const first = units.length === 0;
  const last = units.at(-1) ?? query.before.at(-1) ?? 0;
  const lineStart = first ? query.line.trim() === "" : isLineBreak(last);
  return {
    lineStart, parts, knownHere,
    typedLength: first ? query.typedPart.trimStart().length : 0,
    kindOf: (unit) => vocabulary.kindOf(unit >>> 1),
    previousKind: vocabulary.kindOf(last >>> 1),
    openBrackets: lineStart ? 0 : openOnLine(query.before, units, vocabulary),
    closes: (unit) => bracketStep(unit, vocabulary) < 0,
  };
}

/** Brackets opened since the last line break and not closed; negative where more were closed. */
function openOnLine(before: Uint32Array, units: readonly number[], vocabulary: Vocabulary): number {
  let open = 0;
  for (let index = units.length + before.length - 1; index >= 0; index--) {
    const unit = (index >= before.length ? units[index - before.length] : before[index]) ?? 0;
    if (unit === 0 || isLineBreak(unit)) return open;
    open += bracketStep(unit, vocabulary);
  }
  return open;
}

/** 1 for an opening bracket, -1 for a closing one, 0 for everything else. */
function bracketStep(unit: number, vocabulary: Vocabulary): number {
  if (vocabulary.kindOf(unit >>> 1) !== WordKind.bracket) return 0;
  return vocabulary.startsWith(unit >>> 1, "(") || vocabulary.startsWith(unit >>> 1, "[") || vocabulary.startsWith(unit >>> 1, "{") ? 1 : -1;
}
