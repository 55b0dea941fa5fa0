import { FILE_EDGE } from "./words";
import { WordKind, type Vocabulary } from "./vocabulary";

/** How a place's past compares with the text before the cursor. */
export interface Alignment {
  /** Units that are equal without a gap. */
  readonly exact: number;
  /** Further equal units beyond names that differ. */
  readonly further: number;
  /** Names there and the names that stand in their place here, as pairs of words; empty where none differ. */
  readonly renamed: readonly number[];
}

const MOST_DIFFERENT_NAMES = 4;

/** Number of equal units directly before `place`. The edge of a file counts as one and ends the comparison. */
export function exactLength(units: Uint32Array, place: number, context: Uint32Array): number {
  let length = 0;
  for (; length < context.length && length < place; length++) {
    const unit = units[place - 1 - length];
    if (unit !== context[length]) return length;
    if (unit === FILE_EDGE) return length + 1;
  }
  return length;
}

/**
 * Goes on beyond the first difference as long as only names differ, each always in the same way: code that was
 * written after a pattern has other names in the same places.
 */
export function align(units: Uint32Array, place: number, context: Uint32Array, exact: number, vocabulary: Vocabulary): Alignment {
  let further = 0;
  let differences = 0;
  const renamed: number[] = [];
  for (let index = exact; index < context.length && index < place; index++) {
    const there = units[place - 1 - index] ?? FILE_EDGE;
    const here = context[index] ?? FILE_EDGE;
    if (there === FILE_EDGE || here === FILE_EDGE) break;
    if (there === here) {
      further += 1;
      continue;
    }
    if (!isNamePair(there, here, vocabulary) || !note(renamed, there >>> 1, here >>> 1)) break;
    differences += 1;
    if (differences > MOST_DIFFERENT_NAMES) break;
  }
  return { exact, further, renamed };
}

/** The name that stands here for a name there; the same word where nothing is known. */
export function renameWord(word: number, renamed: readonly number[]): number {
  for (let index = 0; index < renamed.length; index += 2) if (renamed[index] === word) return renamed[index + 1] ?? word;
  return word;
}

function isNamePair(there: number, here: number, vocabulary: Vocabulary): boolean {
  return (there & 1) === (here & 1) && vocabulary.kindOf(there >>> 1) === WordKind.identifier && vocabulary.kindOf(here >>> 1) === WordKind.identifier;
}

/** False where the same name was already seen to stand for another. */
function note(renamed: number[], there: number, here: number): boolean {
  const known = renameWord(there, renamed);
  if (known !== there) return known === here;
  renamed.push(there, here);
  return true;
}
