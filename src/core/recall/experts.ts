import { align, exactLength, renameWord } from "./alignment";
import { placeOfPath, type Corpus, type FilePlace } from "./corpus";
import { PartRenames } from "./names";
import type { RecallQuery } from "./query";
import type { Segment, SegmentFile } from "./segment";
import { powerOfTwo, WordKind, type Vocabulary } from "./vocabulary";
import { isLineBreak, FILE_EDGE } from "./words";

/** Where an expert speaks from. */
export const Source = { ownNear: 0, ownMiddle: 1, ownFar: 2, ownAfter: 3, sameFile: 4, sameFolder: 5, sameKind: 6, other: 7, name: 8 } as const;
export type Source = (typeof Source)[keyof typeof Source];

/** A place whose past is like the text before the cursor: it says which unit comes next. */
export interface Expert {
  readonly units: Uint32Array;
  /** Index of the unit it proposes next. */
  readonly place: number;
  readonly end: number;
  readonly exact: number;
  readonly further: number;
  readonly renamed: readonly number[];
  readonly source: Source;
  /** Whether it has proposed every unit since the cursor. */
  readonly survivor: boolean;
  /** For a name of the document that the typed part begins: how many other such names were used since. */
  readonly age: number | undefined;
}

/** Places looked at in one search of the corpus. */
export const FIRST_SEARCH = 6_000;
const MOST_EXPERTS = 64;
const MOST_NAMES = 24;
const SHORT_MATCH = 3;
const MOST_SHORT_MATCHES = 24;

/** The unit that an expert proposes, in the names used here. */
export function proposal(expert: Expert, parts: PartRenames): number {
  const unit = expert.units[expert.place] ?? FILE_EDGE;
  if (expert.renamed.length === 0 || isLineBreak(unit)) return unit;
  const whole = renameWord(unit >>> 1, expert.renamed);
  const word = whole === unit >>> 1 ? parts.rename(whole, expert.renamed) : whole;
  return word * 2 + (unit & 1);
}

/** The same expert one unit later. */
export function advanced(expert: Expert): Expert {
  const { units, place, end, exact, further, renamed, source } = expert;
  return { units, place: place + 1, end, exact: exact + 1, further, renamed, source, survivor: true, age: undefined };
}

/** Collects experts for one context: from the open document and from the corpus, the best first. */
export class ExpertSearch {
  readonly parts: PartRenames;
  readonly #sources = new Map<SegmentFile, Source>();
  readonly #own: FilePlace;
  readonly #before: UnitPlaces;
  readonly #after: UnitPlaces;
  /** Places of the corpus taken after a short match in the search under way. */
  #shortMatches = 0;

  constructor(
    private readonly query: RecallQuery,
    private readonly corpus: Corpus,
    private readonly vocabulary: Vocabulary,
  ) {
    this.parts = new PartRenames(vocabulary);
    this.#own = placeOfPath(query.path);
    this.#before = new UnitPlaces(query.before);
    this.#after = new UnitPlaces(query.after);
  }

  /** `accepts` tells which units may come next; `mostPlaces` limits the work in the corpus. */
  find(context: Uint32Array, accepts: (unit: number) => boolean, mostPlaces: number): Expert[] {
    const found: Expert[] = [];
    this.#shortMatches = 0;
    this.#inDocument(context, accepts, found);
    if (mostPlaces > 0) this.#inCorpus(context, accepts, mostPlaces, found);
    if (found.length <= MOST_EXPERTS) return found;
    return found.sort((left, right) => quality(right) - quality(left)).slice(0, MOST_EXPERTS);
  }

  /** Names of the document that begin with what is typed, the latest used first. */
  names(typedPart: string): Expert[] {
    const blank = typedPart.startsWith(" ") ? 1 : 0;
    const part = typedPart.slice(blank);
    if (!/^[\p{L}_$]/u.test(part)) return [];
    const found: Expert[] = [];
    const seen = new Set<number>();
    const { before, after } = this.query;
    const look = (unit: number): void => {
      const word = unit >>> 1;
      if (found.length >= MOST_NAMES || seen.has(word) || !this.#isName(unit) || !this.vocabulary.startsWith(word, part)) return;
      seen.add(word);
      found.push({ units: Uint32Array.of(word * 2 + blank), place: 0, end: 1, exact: 0, further: 0, renamed: [], source: Source.name, survivor: false, age: found.length });
    };
    for (let index = before.length - 1; index >= 0; index--) look(before[index] ?? FILE_EDGE);
    for (const unit of after) look(unit);
    return found;
  }

  #inDocument(context: Uint32Array, accepts: (unit: number) => boolean, found: Expert[]): void {
    const last = context[0] ?? FILE_EDGE;
    const { before, after } = this.query;
    this.#before.eachAfter(last, (place) => {
      const distance = before.length - place;
      const source = distance < 100 ? Source.ownNear : distance < 800 ? Source.ownMiddle : Source.ownFar;
      this.#fromDocument(before, place, source, context, accepts, found);
    });
    this.#after.eachAfter(last, (place) => {
      this.#fromDocument(after, place, Source.ownAfter, context, accepts, found);
    });
  }

  #fromDocument(units: Uint32Array, place: number, source: Source, context: Uint32Array, accepts: (unit: number) => boolean, found: Expert[]): void {
    if (this.#maySpeak(units, place, accepts)) this.#add(units, place, units.length, exactLength(units, place, context), source, context, accepts, found);
  }

  #inCorpus(context: Uint32Array, accepts: (unit: number) => boolean, mostPlaces: number, found: Expert[]): void {
    const [last = FILE_EDGE, beforeLast = FILE_EDGE, third = FILE_EDGE] = context;
    if (context.length === 1) this.corpus.beginnings((segment, place) => { this.#fromCorpus(segment, place, context, accepts, found); });
    this.corpus.search(last, beforeLast, mostPlaces, (segment, place) => { this.#fromCorpus(segment, place, context, accepts, found); });
    if (!this.#isName(last)) return;
    // The last name may be new here: places where another name stands between the same two units.
    this.corpus.search(beforeLast, third, mostPlaces, (segment, place) => {
      const there = segment.units[place] ?? FILE_EDGE;
      if (there !== last && (there & 1) === (last & 1) && this.#isName(there)) this.#fromCorpus(segment, place + 1, context, accepts, found);
    });
  }

  /** The cheap tests come first: this runs for some thousand places a key. */
  #fromCorpus(segment: Segment, place: number, context: Uint32Array, accepts: (unit: number) => boolean, found: Expert[]): void {
    if (!this.#maySpeak(segment.units, place, accepts)) return;
    const exact = exactLength(segment.units, place, context);
    // Short matches are many and say little: the newest few stand for all.
    if (exact <= SHORT_MATCH && this.#shortMatches >= MOST_SHORT_MATCHES) return;
    const file = segment.files[segment.fileAt(place)];
    if (!file || (this.query.whole && file.path === this.query.path)) return;
    if (exact <= SHORT_MATCH) this.#shortMatches += 1;
    this.#add(segment.units, place, file.end, exact, this.#sourceOf(file), context, accepts, found);
  }

  /** Whether the unit at a place may come next, as it stands or renamed. The edge of the next file ends every file. */
  #maySpeak(units: Uint32Array, place: number, accepts: (unit: number) => boolean): boolean {
    const next = units[place] ?? FILE_EDGE;
    return next !== FILE_EDGE && (accepts(next) || this.#isName(next));
  }

  #add(units: Uint32Array, place: number, end: number, exact: number, source: Source, context: Uint32Array, accepts: (unit: number) => boolean, found: Expert[]): void {
    const { further, renamed } = align(units, place, context, exact, this.vocabulary);
    const expert = { units, place, end, exact, further, renamed, source, survivor: false, age: undefined };
    if (accepts(renamed.length === 0 ? units[place] ?? FILE_EDGE : proposal(expert, this.parts))) found.push(expert);
    if (found.length > MOST_EXPERTS * 8) {
      found.sort((left, right) => quality(right) - quality(left));
      found.length = MOST_EXPERTS * 2;
    }
  }

  #isName(unit: number): boolean {
    return !isLineBreak(unit) && this.vocabulary.kindOf(unit >>> 1) === WordKind.identifier;
  }

  /** The index's copy of a document that is larger than what is read around the cursor counts as the same file. */
  #sourceOf(file: SegmentFile): Source {
    const known = this.#sources.get(file);
    if (known !== undefined) return known;
    const { folder, kind } = this.corpus.placeOf(file);
    const source = file.path === this.query.path ? Source.sameFile : kind !== this.#own.kind ? Source.other : folder === this.#own.folder ? Source.sameFolder : Source.sameKind;
    this.#sources.set(file, source);
    return source;
  }
}

/** The places in a text by the unit before them, the last first. */
class UnitPlaces {
  readonly #heads: Int32Array;
  readonly #next: Int32Array;

  constructor(private readonly units: Uint32Array) {
    const mask = powerOfTwo(Math.max(64, units.length)) - 1;
    this.#heads = new Int32Array(mask + 1).fill(-1);
    this.#next = new Int32Array(units.length);
    for (let place = 1; place < units.length; place++) {
      const slot = Math.imul(units[place - 1] ?? 0, 0x9e3779b1) >>> 7 & mask;
      this.#next[place] = this.#heads[slot] ?? -1;
      this.#heads[slot] = place;
    }
  }

  eachAfter(unit: number, visit: (place: number) => void): void {
    const slot = Math.imul(unit, 0x9e3779b1) >>> 7 & (this.#heads.length - 1);
    for (let place = this.#heads[slot] ?? -1; place > 0; place = this.#next[place] ?? -1) if (this.units[place - 1] === unit) visit(place);
  }
}

function quality(expert: Expert): number {
  return expert.exact + expert.further * 0.7 + (expert.source < Source.sameKind ? 0.5 : 0);
}
