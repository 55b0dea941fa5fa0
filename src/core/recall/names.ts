import { WordKind, type Vocabulary } from "./vocabulary";

/** Parts of a name: `getUserName`, `get_user_name` and `GET_USER_NAME` have three. Each begins where the one before it ends. */
export function nameParts(name: string): string[] {
  return name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^A-Za-z0-9]+/g) ?? [];
}

/** What stands for what where two names differ in one run of parts; undefined where they differ otherwise or have nothing in common. */
export function differingPart(there: string, here: string): { readonly there: string; readonly here: string } | undefined {
  const left = nameParts(there);
  const right = nameParts(here);
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1;
  const fromThere = left.slice(start, left.length - end).join("");
  const fromHere = right.slice(start, right.length - end).join("");
  const letters = /[A-Za-z]/;
  return letters.test(fromThere) && letters.test(fromHere) && fromThere.length > 1 ? { there: fromThere, here: fromHere } : undefined;
}

/** A name with one part replaced, in the case that the part has there; undefined where it does not hold the part. */
export function replacePart(name: string, there: string, here: string): string | undefined {
  const parts = nameParts(name);
  const wanted = nameParts(there);
  for (let start = 0; start + wanted.length <= parts.length; start++) {
    const run = parts.slice(start, start + wanted.length);
    if (run.join("").toLowerCase() !== there.toLowerCase()) continue;
    return parts.slice(0, start).join("") + inCaseOf(run.join(""), here) + parts.slice(start + wanted.length).join("");
  }
  return undefined;
}

function inCaseOf(model: string, text: string): string {
  if (model.length > 1 && model === model.toUpperCase()) return text.toUpperCase();
  const first = text[0] ?? "";
  return (model[0] === model[0]?.toUpperCase() ? first.toUpperCase() : first.toLowerCase()) + text.slice(1);
}

/** What stands for what inside names, with a number to remember results by. */
interface RenamedPart {
  readonly id: number;
  readonly there: string;
  readonly here: string;
}

/** Numbers of words stay below this (`vocabulary.ts` would hold a gigabyte before). */
const MOST_WORDS = 0x400_0000;

/** Renames names by the part in which other names differ. Remembers what it worked out: one for each query. */
export class PartRenames {
  readonly #parts = new Map<number, RenamedPart | undefined>();
  readonly #results = new Map<number, number>();

  constructor(private readonly vocabulary: Vocabulary) {}

  /** The word that a name becomes when one of the renamed pairs differs in a part that it holds too; the word itself otherwise. */
  rename(word: number, renamed: readonly number[]): number {
    if (this.vocabulary.kindOf(word) !== WordKind.identifier) return word;
    for (let index = 0; index < renamed.length; index += 2) {
      const part = this.#partOf(renamed[index] ?? 0, renamed[index + 1] ?? 0);
      const changed = part ? this.#replace(word, part) : word;
      if (changed !== word) return changed;
    }
    return word;
  }

  #partOf(there: number, here: number): RenamedPart | undefined {
    const key = there * MOST_WORDS + here;
    if (this.#parts.has(key)) return this.#parts.get(key);
    const part = differingPart(this.vocabulary.textOf(there), this.vocabulary.textOf(here));
    const numbered = part && { id: this.#parts.size, ...part };
    this.#parts.set(key, numbered);
    return numbered;
  }

  #replace(word: number, part: RenamedPart): number {
    const key = part.id * MOST_WORDS + word;
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const changed = replacePart(this.vocabulary.textOf(word), part.there, part.here);
    const found = changed === undefined ? -1 : this.vocabulary.find(changed);
    const result = found >= 0 ? found : word;
    this.#results.set(key, result);
    return result;
  }
}
