import type { Corpus } from "./corpus";
import type { ListedFile } from "./fileOrder";
import { Segment, SEGMENT_UNITS, type SegmentFile } from "./segment";
import { FIRST_WORD, Vocabulary, WordKind } from "./vocabulary";
import { scanWords, UnitList } from "./words";

/**
 * The corpus as bytes, for a reopened window. Little machines and big ones have one byte order today; on another the
 * magic number reads differently and the index is made anew.
 *
 *   header   magic, format version, fingerprint of the word scanner, number of sections, checksum of these
 *   section  length in bytes, checksum, content, zeros up to a multiple of 4
 *
 * Sections: a segment each (number of files, then file number, start and end of each, then the units), the words'
 * starts, their characters, their kinds, and the table of files as JSON. Words that no live file has are left out.
 */

/** An index read back; its segments are in their order and know only the files of `files`. */
export interface StoredIndex {
  readonly vocabulary: Vocabulary;
  readonly segments: readonly Segment[];
  readonly files: readonly ListedFile[];
}

const MAGIC = 0x4c_43_52_47;
const FORMAT_VERSION = 1;
const HEADER_WORDS = 5;
/** Sections after those of the segments. */
const OTHER_SECTIONS = 4;
/** Words handled between two pauses. */
const WORDS_A_SLICE = 8_192;

/**
 * Writes the corpus in pieces, each at most a segment long; `undefined` is a pause without a piece. What is written is
 * the corpus at the first step, whatever is done to it meanwhile. `files` are those to keep; call `settle` before.
 */
export function* encodeIndex(corpus: Pick<Corpus, "vocabulary" | "segments">, files: readonly ListedFile[], stamp: string): Generator<Uint8Array | undefined, void> {
  const numbers = new Map(files.map(({ path }, index) => [path, index]));
  const words = corpus.vocabulary.snapshot();
  const parts = corpus.segments
    .map((segment) => ({ units: segment.units, files: segment.files.filter(({ path }, index) => !segment.dead.has(index) && numbers.has(path)) }))
    .filter((part) => part.files.length > 0);
  const used = new UsedWords(words.kinds.length);
  yield headerOf(parts.length + OTHER_SECTIONS);
  let index = 0;
  for (const part of parts) yield sectionOf(index++, segmentBytes(part, numbers, used));
  const { starts, characters, kinds } = yield* usedWords(words, used.words);
  yield sectionOf(index++, bytesOf(starts));
  yield sectionOf(index++, bytesOf(characters));
  yield sectionOf(index++, kinds);
  yield sectionOf(index, new TextEncoder().encode(JSON.stringify({ stamp, files: files.map(({ path, bytes, modified }) => [path, bytes, modified]) })));
}

/**
 * Reads an index back in slices. Gives undefined for anything that is not exactly what `encodeIndex` wrote under the
 * same stamp: truncated, altered, of another version. Never throws for odd bytes.
 */
export function* decodeIndex(bytes: Uint8Array, stamp: string): Generator<undefined, StoredIndex | undefined> {
  const sections = yield* readSections(bytes);
  const segmentSections = sections?.slice(0, -OTHER_SECTIONS);
  const [startBytes, characterBytes, kinds, table] = sections?.slice(-OTHER_SECTIONS) ?? [];
  if (!segmentSections || !startBytes || !characterBytes || !kinds || !table) return undefined;
  const files = readFileTable(table, stamp);
  const starts = wordsOf(startBytes);
  const characters = characterBytes.length % 2 === 0 ? new Uint16Array(characterBytes.slice().buffer) : undefined;
  if (!files || !starts || !characters || !areWords(starts, characters, kinds)) return undefined;
  const segments: Segment[] = [];
  for (const section of segmentSections) {
    const segment = readSegment(section, files, FIRST_WORD + kinds.length);
    if (!segment) return undefined;
    segments.push(segment);
    yield undefined;
  }
  return { vocabulary: Vocabulary.from(characters, starts, kinds), segments, files };
}

/** New numbers for the words in use, in the order of their first use. */
class UsedWords {
  readonly words: number[] = [];
  readonly #numbers: Int32Array;

  constructor(count: number) {
    this.#numbers = new Int32Array(count).fill(-1);
  }

  renumbered(unit: number): number {
    const word = unit >>> 1;
    if (word < FIRST_WORD) return unit;
    let number = this.#numbers[word - FIRST_WORD] ?? -1;
    if (number < 0) {
      number = this.words.length;
      this.#numbers[word - FIRST_WORD] = number;
      this.words.push(word - FIRST_WORD);
    }
    return (number + FIRST_WORD) * 2 + (unit & 1);
  }
}

function segmentBytes({ units, files }: { readonly units: Uint32Array; readonly files: readonly SegmentFile[] }, numbers: ReadonlyMap<string, number>, used: UsedWords): Uint8Array {
  const length = files.reduce((sum, file) => sum + file.end - file.start, 0);
  const content = new Uint32Array(1 + files.length * 3 + length);
  content[0] = files.length;
  let table = 1;
  let start = 0;
  for (const file of files) {
    const count = file.end - file.start;
    content.set([numbers.get(file.path) ?? 0, start, start + count], table);
    table += 3;
    const at = 1 + files.length * 3 + start;
    for (let index = 0; index < count; index++) content[at + index] = used.renumbered(units[file.start + index] ?? 0);
    start += count;
  }
  return bytesOf(content);
}

type WordArrays = ReturnType<Vocabulary["snapshot"]>;

/** The arrays of a vocabulary with only some words, a step for each slice of them. */
function* usedWords(all: WordArrays, chosen: readonly number[]): Generator<undefined, WordArrays> {
  const starts = new Uint32Array(chosen.length + 1);
  for (const [index, word] of chosen.entries()) starts[index + 1] = (starts[index] ?? 0) + (all.starts[word + 1] ?? 0) - (all.starts[word] ?? 0);
  const characters = new Uint16Array(starts[chosen.length] ?? 0);
  const kinds = new Uint8Array(chosen.length);
  for (const [index, word] of chosen.entries()) {
    if (index % WORDS_A_SLICE === 0) yield undefined;
    characters.set(all.characters.subarray(all.starts[word], all.starts[word + 1]), starts[index]);
    kinds[index] = all.kinds[word] ?? WordKind.other;
  }
  return { starts, characters, kinds };
}

function headerOf(sections: number): Uint8Array {
  const words = Uint32Array.of(MAGIC, FORMAT_VERSION, scannerFingerprint(), sections);
  return bytesOf(Uint32Array.of(...words, checksum(words, 0)));
}

function sectionOf(index: number, content: Uint8Array): Uint8Array {
  const padded = new Uint8Array(8 + Math.ceil(content.length / 4) * 4);
  padded.set(content, 8);
  const head = new Uint32Array(padded.buffer, 0, 2);
  head[0] = content.length;
  head[1] = checksum(new Uint32Array(padded.buffer, 8), content.length + index);
  return padded;
}

/** The sections' contents, their checksums compared; undefined where anything differs. */
function* readSections(given: Uint8Array): Generator<undefined, Uint8Array[] | undefined> {
  // Not the array given: a subclass such as Node's Buffer has another `slice`.
  const bytes = given.byteOffset % 4 === 0 ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : Uint8Array.from(given);
  if (bytes.length % 4 !== 0 || bytes.length < HEADER_WORDS * 4) return undefined;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const count = words[3] ?? 0;
  if (headerOf(count).some((byte, index) => byte !== bytes[index])) return undefined;
  const sections: Uint8Array[] = [];
  let at = HEADER_WORDS;
  for (let index = 0; index < count; index++) {
    const length = words[at] ?? Number.MAX_SAFE_INTEGER;
    const end = at + 2 + Math.ceil(length / 4);
    if (end > words.length || checksum(words.subarray(at + 2, end), length + index) !== words[at + 1]) return undefined;
    sections.push(bytes.subarray((at + 2) * 4, (at + 2) * 4 + length));
    at = end;
    yield undefined;
  }
  return at === words.length ? sections : undefined;
}

function readFileTable(section: Uint8Array, stamp: string): ListedFile[] | undefined {
  let table: unknown;
  try {
    table = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(section));
  } catch {
    return undefined;
  }
  if (typeof table !== "object" || table === null || !("stamp" in table) || table.stamp !== stamp || !("files" in table) || !Array.isArray(table.files)) return undefined;
  const files: ListedFile[] = [];
  for (const row of table.files as unknown[]) {
    if (!Array.isArray(row)) return undefined;
    const [path, bytes, modified] = row as unknown[];
    if (typeof path !== "string" || typeof bytes !== "number" || typeof modified !== "number") return undefined;
    files.push({ path, bytes, modified });
  }
  return new Set(files.map(({ path }) => path)).size === files.length ? files : undefined;
}

/** Whether the arrays make a vocabulary: every word has a place, and the places follow each other. */
function areWords(starts: Uint32Array, characters: Uint16Array, kinds: Uint8Array): boolean {
  if (starts.length !== kinds.length + 1 || starts[0] !== 0 || starts[kinds.length] !== characters.length) return false;
  for (let index = 0; index < kinds.length; index++) {
    if ((starts[index] ?? 0) >= (starts[index + 1] ?? 0) || (kinds[index] ?? 0) > WordKind.blanks) return false;
  }
  return true;
}

function readSegment(section: Uint8Array, files: readonly ListedFile[], words: number): Segment | undefined {
  const content = wordsOf(section);
  const count = content?.[0];
  if (!content || count === undefined || 1 + count * 3 > content.length) return undefined;
  const units = content.slice(1 + count * 3);
  const own: SegmentFile[] = [];
  let last = 0;
  for (let at = 1; at < 1 + count * 3; at += 3) {
    const [number = 0, start = 0, end = 0] = content.subarray(at, at + 3);
    const file = files[number];
    if (!file || start < last || end <= start || end > units.length) return undefined;
    own.push({ path: file.path, start, end });
    last = end;
  }
  if (units.length > SEGMENT_UNITS) return undefined;
  for (const unit of units) if (unit >>> 1 >= words) return undefined;
  return new Segment(units, own);
}

/** Changes when the scanner reads the same text as other units: what was stored before is then of no use. */
function scannerFingerprint(): number {
  const units = new UnitList(64);
  const text = "// It's 1.5\n\tif (a_b => `c ${d9}`) {\r\n\n    x  +=  -0x1f; été\n  }\n";
  const vocabulary = new Vocabulary();
  scanWords(text, vocabulary, units);
  return checksum(Uint32Array.from([...units.view(), ...vocabulary.snapshot().kinds]), FIRST_WORD);
}

/** Mixes 32-bit words so that any change of a single one shows (each step is one to one); after MurmurHash3's finalizer. */
function checksum(words: Uint32Array, seed: number): number {
  let hash = seed ^ 0x9e3779b1;
  for (let index = 0; index < words.length; index++) {
    hash = Math.imul(hash ^ (words[index] ?? 0), 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  return hash >>> 0;
}

function bytesOf(array: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function wordsOf(bytes: Uint8Array): Uint32Array | undefined {
  return bytes.length % 4 === 0 ? new Uint32Array(bytes.slice().buffer) : undefined;
}
