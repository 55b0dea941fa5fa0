import type { Restorer } from "./gatekeeper";

/**
 * Words that stand in for a secret: `GHOSTLIGHT_SECRET_1_AWS_KEY`. They look like one constant of the program, because
 * models copy identifiers faithfully and split or "correct" other marks.
 */
const STEM = "GHOSTLIGHT_SECRET";
const LONGEST_KIND = 24;

/** Gives values their placeholders for one call: numbered from 1, the same value always the same one. */
export interface Placeholders {
  /** `kind` is in words; only its Latin letters and digits go into the placeholder. */
  of(value: string, kind: string): string;
  restorer(): Restorer;
}

/**
 * Placeholders that occur in none of `texts`, whatever stands there: each begins with a stem that no text contains.
 * None is the beginning of another, since the number comes before the kind.
 */
export function createPlaceholders(texts: readonly string[]): Placeholders {
  const stem = freeStem(texts);
  const byValue = new Map<string, string>();
  const byPlaceholder = new Map<string, string>();
  return {
    of(value, kind) {
      const known = byValue.get(value);
      if (known !== undefined) return known;
      const placeholder = `${stem}_${String(byValue.size + 1)}_${identifierOf(kind)}`;
      byValue.set(value, placeholder);
      byPlaceholder.set(placeholder, value);
      return placeholder;
    },
    restorer: () => createRestorer(new Map(byPlaceholder)),
  };
}

/**
 * Puts values back by placeholder. What is put back is not looked at again, so a value that reads like a placeholder
 * stays as it is. No placeholder may be the beginning of another.
 */
export function createRestorer(values: ReadonlyMap<string, string>): Restorer {
  const placeholders = [...values.keys()];
  // Only Latin capitals, digits and underscores: nothing in them means anything to a regular expression.
  const any = placeholders.length === 0 ? undefined : new RegExp(placeholders.join("|"), "g");
  const restore = (text: string): string => (any ? text.replace(any, (placeholder) => values.get(placeholder) ?? placeholder) : text);
  return {
    restore,
    stream() {
      let held = "";
      return {
        push(piece) {
          held += piece;
          // What is complete is taken first: its last letters may be the first ones of another placeholder.
          const complete = any ? endOfLastMatch(any, held) : 0;
          const ready = held.length - lengthOfBeginning(held.slice(complete), placeholders);
          const shown = restore(held.slice(0, ready));
          held = held.slice(ready);
          return shown;
        },
        end() {
          const rest = restore(held);
          held = "";
          return rest;
        },
      };
    },
  };
}

function endOfLastMatch(pattern: RegExp, text: string): number {
  let end = 0;
  for (const { 0: match, index } of text.matchAll(pattern)) end = index + match.length;
  return end;
}

/** How many characters at the end of a text may be the beginning of a placeholder that is not complete yet. */
function lengthOfBeginning(text: string, placeholders: readonly string[]): number {
  let longest = 0;
  for (const placeholder of placeholders) {
    for (let length = Math.min(placeholder.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(placeholder.slice(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}

function freeStem(texts: readonly string[]): string {
  let stem = STEM;
  for (let number = 2; texts.some((text) => text.includes(stem)); number++) stem = `${STEM.replace("_", `_${inLetters(number)}_`)}`;
  return stem;
}

/** 2 → `B`, 27 → `AA`: letters, so that the stem's number cannot be taken for the placeholder's. */
function inLetters(number: number): string {
  const letter = String.fromCharCode(65 + ((number - 1) % 26));
  return number <= 26 ? letter : inLetters(Math.floor((number - 1) / 26)) + letter;
}

function identifierOf(kind: string): string {
  // The stem's own word would let one placeholder stand inside another.
  const words = kind.toUpperCase().replaceAll("GHOSTLIGHT", "").replaceAll(/[^A-Z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "").slice(0, LONGEST_KIND).replace(/_+$/, "");
  return words === "" ? "VALUE" : words;
}
