import type { SearchHit } from "./symbolIndex";

/** How near a place is to the question in meaning, by an embedding model: more is nearer. `line` as in `PlaceText`. */
export interface ComparedPlace {
  readonly file: string;
  readonly line: number;
  readonly similarity: number;
}

/** Compares a question with passages by meaning. Implemented over the engine. */
export interface MeaningComparer {
  /** Whether a model for it is loaded now. */
  available(): boolean;
  /** One number for each text in order, more is nearer; null where time did not suffice. Rejects with an abort error only. */
  compare(question: string, texts: readonly string[], signal: AbortSignal): Promise<readonly (number | null)[]>;
}

/** Best hits by words that are compared at most. */
export const MOST_COMPARED = 48;
/** The line by which a place is known: its definition's, 0 for a file as a whole. */
export function lineOf({ definition }: SearchHit): number {
  return definition?.startLine ?? 0;
}

/** Of the paper: large enough that no single list decides by its first places alone. */
const RANK_OFFSET = 60;
/**
 * Words have had their say when they chose the hits. With equal weights the nearest of 48 would stay behind 17 others
 * that words prefer; with this one it comes among the first. Set by that reckoning, not measured on a real model.
 */
const MEANING_WEIGHT = 2;
/** Hits of which words say that they are noise come along where they are among so many nearest. */
const NEAR = 6;

/**
 * Puts hits, best by words first, into the order of both rankings: reciprocal rank fusion (Cormack, Clarke and Büttcher,
 * SIGIR 2009), which needs no scale common to BM25 and cosines. A hit that was not compared has its words alone.
 * `near` says that a hit is among the nearest in meaning, whatever its words say.
 */
export function byMeaning(hits: readonly SearchHit[], compared: readonly ComparedPlace[]): { readonly hit: SearchHit; readonly near: boolean }[] {
  const nearest = [...compared].sort((left, right) => right.similarity - left.similarity);
  const ranks = new Map(nearest.map(({ file, line }, rank) => [keyOf(file, line), rank + 1]));
  const scored = hits.map((hit, at) => {
    const rank = ranks.get(keyOf(hit.file, lineOf(hit)));
    return { hit, near: rank !== undefined && rank <= NEAR, score: 1 / (RANK_OFFSET + at + 1) + (rank === undefined ? 0 : MEANING_WEIGHT / (RANK_OFFSET + rank)) };
  });
  return scored.sort((left, right) => right.score - left.score);
}

function keyOf(file: string, line: number): string {
  return `${String(line)}:${file}`;
}
