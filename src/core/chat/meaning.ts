import { intentOf, type IntentKind } from "./questionIntent";
import { subjectsOf } from "./questionSubjects";
import type { Question } from "./answer";
import { hitsToCompare } from "./searchHits";
import type { SearchHit, SymbolIndex } from "./symbolIndex";

/** A place that may answer a question, with the text that stands for it. `line` is the definition's, 0 for a file as a whole. */
export interface PlaceText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** How near a place is to the question in meaning, by an embedding model: more is nearer. */
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
/** Characters that stand for a place: more than the model reads of it. */
const TEXT_LENGTH = 1_200;
const BODY_LINES = 30;

/** Questions that ask for a list, or for exactly what is named: there meaning has no say. */
const EXACT: ReadonlySet<IntentKind> = new Set(["overview", "unused", "imports", "importers", "contents"]);

/**
 * The places that are worth comparing with a question by meaning, the best by words first. None where the question names
 * what it is about, or asks for a list: whoever names a thing wants that thing.
 */
export function placesToCompare(question: Question, index: SymbolIndex): PlaceText[] {
  const intent = intentOf(question.text).kind;
  if (EXACT.has(intent)) return [];
  const subjects = subjectsOf(question, index);
  // A name put together from plain words is likely, not sure: it suffices where the question asks about a name.
  const named = subjects.names.some(({ symbols, inferred }) => symbols.length > 0 && (inferred !== true || intent !== "concept"));
  if (named || subjects.files.length + subjects.folders.length > 0) return [];
  return hitsToCompare(question.text, index).map((hit) => ({ file: hit.file, line: lineOf(hit), text: textOf(hit, index) }));
}

/** Comment first: it speaks the question's language. Then the path, the names and the code as far as they fit. */
function textOf({ file, definition }: SearchHit, index: SymbolIndex): string {
  const lines = index.text(file)?.split("\n") ?? [];
  if (!definition) return `${file}\n${lines.slice(0, BODY_LINES).join("\n")}`.slice(0, TEXT_LENGTH);
  const name = definition.container === "" ? definition.name : `${definition.container}.${definition.name}`;
  const end = Math.min(definition.endLine, definition.startLine + BODY_LINES);
  return [definition.documentation, `${name} in ${file}`, ...lines.slice(definition.startLine - 1, end)].filter((part) => part !== "").join("\n").slice(0, TEXT_LENGTH);
}

function lineOf({ definition }: SearchHit): number {
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
