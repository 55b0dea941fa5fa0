import { splitWords } from "../context/words";
import { byMeaning, MOST_COMPARED, type ComparedPlace } from "./meaning";
import type { SearchHit, SymbolIndex } from "./symbolIndex";

/** Hits under this share of the best one's score are noise. */
const WORTH_SHOWING = 0.3;
/** Hits of one file among those that are shown; among those that are compared more, so that meaning can choose. */
const CROWD = 3;
const COMPARED_CROWD = 6;

/** Words that ask and do not describe. */
const ASKING = new Set(
  "a an the is are was were be been do does did has have had of to in on at by for from with without and or not no it its this that these those there here what which who whom whose where when why how can could should would will shall may might must i you we they my your our their me us all any each some please tell show list find give explain describe mean means work works happen happens project repository repo function functions class classes method methods thing way place get gets got make makes done".split(" "),
);

/** The words of a question that a search should use; all of them when nothing else is left. */
export function searchWords(question: string): string {
  const words = splitWords(question.slice(0, 2_000));
  const telling = words.filter((word) => word.length > 1 && !ASKING.has(word.toLowerCase()));
  return (telling.length > 0 ? telling : words).join(" ");
}

/**
 * Search results without repeats: one for a definition, none for a file whose definition is there already. Where places
 * were compared with the question by meaning, words and meaning decide together.
 */
export function bestHits(question: string, index: SymbolIndex, limit: number, compared: readonly ComparedPlace[] = []): readonly SearchHit[] {
  const hits = index.search(searchWords(question), Math.max(limit * 6, MOST_COMPARED * 3));
  const worth = hits.filter(({ score }) => score >= (hits[0]?.score ?? 0) * WORTH_SHOWING);
  if (compared.length === 0) return distinct(worth.slice(0, limit * 6), limit, CROWD);
  const ordered = byMeaning(distinct(hits, MOST_COMPARED, COMPARED_CROWD), compared);
  return distinct(ordered.filter(({ hit, near }) => near || worth.includes(hit)).map(({ hit }) => hit), limit, CROWD);
}

/** What a comparison by meaning is worth: the best hits by words, the noise among them included. */
export function hitsToCompare(question: string, index: SymbolIndex): readonly SearchHit[] {
  return distinct(index.search(searchWords(question), MOST_COMPARED * 3), MOST_COMPARED, COMPARED_CROWD);
}

function distinct(hits: readonly SearchHit[], limit: number, crowd: number): SearchHit[] {
  const kept: SearchHit[] = [];
  for (const hit of hits) {
    if (kept.length >= limit) break;
    const inFile = kept.filter((other) => other.file === hit.file);
    const covered = inFile.some((other) => !hit.definition || other.definition?.name === hit.definition.name || covers(other, hit) || covers(hit, other));
    if (!covered && inFile.length < crowd) kept.push(hit);
  }
  return kept;
}

function covers(outer: SearchHit, inner: SearchHit): boolean {
  if (!outer.definition || !inner.definition) return false;
  return outer.definition.kind !== "section" && outer.definition.startLine <= inner.definition.startLine && outer.definition.endLine >= inner.definition.endLine;
}
