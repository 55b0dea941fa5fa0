/**
 * The words of a person's code, each with a number. Words lie in one typed array instead of a million strings: about
 * 30 bytes a word, and looking one up allocates nothing.
 */

/** Kinds of words, as matching needs them. */
export const WordKind = { boundary: 0, lineBreak: 1, identifier: 2, number: 3, operator: 4, bracket: 5, quote: 6, other: 7, blanks: 8 } as const;
export type WordKind = (typeof WordKind)[keyof typeof WordKind];

/** Numbers below this are not words of the text: 0 is a file's edge, the rest are line breaks (`lineBreak.ts`). */
export const FIRST_WORD = 512;

const FIRST_CAPACITY = 4_096;
const REMEMBERED_TEXTS = 8_192;

/** Numbers of words, by their text. Grows only; `wordCount` counts what was interned. */
export class Vocabulary {
  #characters = new Uint16Array(FIRST_CAPACITY * 8);
  #used = 0;
  #starts = new Uint32Array(FIRST_CAPACITY + 1);
  #kinds = new Uint8Array(FIRST_CAPACITY);
  #count = 0;
  /** Texts asked for lately: the same few hundred names are asked for over and over. */
  readonly #texts = new Map<number, string>();
  #table = new Int32Array(FIRST_CAPACITY * 2).fill(-1);

  get wordCount(): number {
    return this.#count;
  }

  /** Bytes held, for the index's memory cap. */
  get byteLength(): number {
    return this.#characters.byteLength + this.#starts.byteLength + this.#kinds.byteLength + this.#table.byteLength;
  }

  /** The number of `text[start, end)`; a new one where the word is unknown. */
  intern(text: string, start: number, end: number, kind: WordKind): number {
    let slot = this.#slotOf(text, start, end);
    const known = this.#table[slot] ?? -1;
    if (known >= 0) return known + FIRST_WORD;
    if (this.#count * 2 >= this.#table.length) {
      this.#growTable();
      slot = this.#slotOf(text, start, end);
    }
    this.#table[slot] = this.#count;
    this.#append(text, start, end, kind);
    return this.#count - 1 + FIRST_WORD;
  }

  /** The number of a known word, or -1. */
  find(text: string, start = 0, end = text.length): number {
    const known = this.#table[this.#slotOf(text, start, end)] ?? -1;
    return known < 0 ? -1 : known + FIRST_WORD;
  }

  /** The text of a word. Throws `RangeError` for a number that is none. */
  textOf(word: number): string {
    const index = word - FIRST_WORD;
    if (!(index >= 0 && index < this.#count)) throw new RangeError(`no word has the number ${String(word)}`);
    const known = this.#texts.get(word);
    if (known !== undefined) return known;
    const text = String.fromCharCode(...this.#characters.subarray(this.#starts[index], this.#starts[index + 1]));
    if (this.#texts.size >= REMEMBERED_TEXTS) this.#texts.clear();
    this.#texts.set(word, text);
    return text;
  }

  kindOf(word: number): WordKind {
    if (word < FIRST_WORD) return word === 0 ? WordKind.boundary : WordKind.lineBreak;
    return (this.#kinds[word - FIRST_WORD] ?? WordKind.other) as WordKind;
  }

  /** Whether the word begins with `part`. */
  startsWith(word: number, part: string): boolean {
    const start = this.#starts[word - FIRST_WORD] ?? 0;
    const end = this.#starts[word - FIRST_WORD + 1] ?? 0;
    if (end - start < part.length) return false;
    for (let index = 0; index < part.length; index++) if (this.#characters[start + index] !== part.charCodeAt(index)) return false;
    return true;
  }

  lengthOf(word: number): number {
    return word < FIRST_WORD ? 0 : (this.#starts[word - FIRST_WORD + 1] ?? 0) - (this.#starts[word - FIRST_WORD] ?? 0);
  }

  /** The arrays as they are, for storing. */
  snapshot(): { readonly characters: Uint16Array; readonly starts: Uint32Array; readonly kinds: Uint8Array } {
    return { characters: this.#characters.subarray(0, this.#used), starts: this.#starts.subarray(0, this.#count + 1), kinds: this.#kinds.subarray(0, this.#count) };
  }

  /** A vocabulary from stored arrays. The caller has checked that they belong together (`storedIndex.ts`). */
  static from(characters: Uint16Array, starts: Uint32Array, kinds: Uint8Array): Vocabulary {
    const vocabulary = new Vocabulary();
    vocabulary.#characters = characters.slice();
    vocabulary.#used = characters.length;
    vocabulary.#starts = starts.slice();
    vocabulary.#kinds = kinds.slice();
    vocabulary.#count = kinds.length;
    vocabulary.#rehash(powerOfTwo(Math.max(FIRST_CAPACITY * 2, kinds.length * 3)));
    return vocabulary;
  }

  #slotOf(text: string, start: number, end: number): number {
    const mask = this.#table.length - 1;
    let slot = hashText(text, start, end) & mask;
    for (;;) {
      const known = this.#table[slot] ?? -1;
      if (known < 0 || this.#equals(known, text, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(index: number, text: string, start: number, end: number): boolean {
    let position = this.#starts[index] ?? 0;
    if ((this.#starts[index + 1] ?? 0) - position !== end - start) return false;
    for (let at = start; at < end; at++) if (this.#characters[position++] !== text.charCodeAt(at)) return false;
    return true;
  }

  #append(text: string, start: number, end: number, kind: WordKind): void {
    if (this.#used + end - start > this.#characters.length) this.#characters = grown(this.#characters, Uint16Array, this.#used + end - start);
    for (let at = start; at < end; at++) this.#characters[this.#used++] = text.charCodeAt(at);
    if (this.#count + 2 > this.#starts.length) this.#starts = grown(this.#starts, Uint32Array, this.#count + 2);
    if (this.#count + 1 > this.#kinds.length) this.#kinds = grown(this.#kinds, Uint8Array, this.#count + 1);
    this.#kinds[this.#count] = kind;
    this.#count += 1;
    this.#starts[this.#count] = this.#used;
  }

  #growTable(): void {
    this.#rehash(this.#table.length * 2);
  }

  #rehash(size: number): void {
    this.#table = new Int32Array(size).fill(-1);
    const mask = size - 1;
    for (let index = 0; index < this.#count; index++) {
      let slot = hashCharacters(this.#characters, this.#starts[index] ?? 0, this.#starts[index + 1] ?? 0) & mask;
      while ((this.#table[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      this.#table[slot] = index;
    }
  }
}

/** FNV-1a over code units. */
function hashText(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function hashCharacters(characters: Uint16Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (characters[at] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array>(array: T, type: new (length: number) => T, needed: number): T {
  const larger = new type(Math.max(needed, Math.ceil(array.length * 1.5)));
  larger.set(array);
  return larger;
}

/** The least power of two that is not below `value`. */
export function powerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, value)));
}
