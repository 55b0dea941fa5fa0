import type { Definition, FileOutline } from "../../protocol/indexWorker";

/** A definition with the file it stands in (relative to the workspace, with `/`). */
export interface IndexedSymbol {
  readonly file: string;
  readonly definition: Definition;
}

/** A search result. Without a definition it is the file as a whole. Scores compare within one search only. */
export interface SearchHit {
  readonly file: string;
  readonly definition: Definition | undefined;
  readonly score: number;
}

/** What answers and contexts ask of an index. Implemented by `core/context/symbolStore.ts` over files that `services` reads. */
export interface SymbolIndex {
  /** Every indexed file, sorted. */
  files(): readonly string[];
  outline(file: string): FileOutline | undefined;
  /** Definitions of exactly this name. */
  named(name: string): readonly IndexedSymbol[];
  /** Definitions whose name is the same but for case, `_` and `-`. */
  namedLoosely(name: string): readonly IndexedSymbol[];
  /** BM25 over names split in words, signatures, comments and paths; best first. */
  search(words: string, limit: number): readonly SearchHit[];
  /** Files whose text may hold this word; a superset, sorted. */
  filesMentioning(name: string): readonly string[];
  /** The newest text of an indexed file; undefined when it cannot be read any more. */
  text(file: string): string | undefined;
  /** Why a file is not in the index, as far as known. */
  exclusionOf(file: string): string | undefined;
  /** What the index as a whole lacks (still being built, over its caps); empty when nothing. */
  shortfall(): string;
}
