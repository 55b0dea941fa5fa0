import type { Snapshot } from "../completion/snapshot";
import { continueLine, knownWords, type Continuation } from "./beam";
import { candidateContext, describeCandidates, type CandidateContext } from "./candidateFeatures";
import type { Corpus } from "./corpus";
import { ExpertSearch } from "./experts";
import { followingLines } from "./followingLines";
import { queryOf } from "./query";
import { logit, probabilityOf } from "./ranker";
import type { RecallAnswer, RecallCandidate, RecallLine } from "./suggestion";
import type { RecallWeights } from "./weights";

/** Candidates that are ranked. */
export const MOST_RANKED = 8;
/** Candidates that are answered. */
const MOST_ANSWERED = 5;
/** Lines below are looked for only where the first line is at least this likely. */
const LEAST_FOR_FOLLOWING = 0.3;

/** What recall reads of a snapshot. */
export type RecallSnapshot = Pick<Snapshot, "path" | "before" | "after" | "offset">;

/**
 * The rest of the current line, and lines below it, from the person's own code: the corpus and the open document.
 * Synchronous, a few milliseconds. Only the corpus's vocabulary grows by it, with words of the open document.
 */
export function recall(snapshot: RecallSnapshot, corpus: Corpus, weights: RecallWeights): RecallAnswer {
  const found = findContinuations(snapshot, corpus, weights);
  const probabilities = describeCandidates(found.line, found.context).map((features) => probabilityOf(features, weights.ranker));
  const ranked = found.line.candidates.map((continuation, index) => ({ continuation, probability: probabilities[index] ?? 0 }));
  ranked.sort((left, right) => right.probability - left.probability);
  return { candidates: ranked.slice(0, MOST_ANSWERED).map(({ continuation, probability }, rank) => answer(continuation, probability, rank === 0 && probability >= LEAST_FOR_FOLLOWING ? found.below(continuation) : [], weights)) };
}

/** Continuations with what is needed to rank them and to go on below; also used by the fitting scripts. */
export function findContinuations(snapshot: RecallSnapshot, corpus: Corpus, weights: Pick<RecallWeights, "votes">) {
  const { vocabulary } = corpus;
  const query = queryOf(snapshot, vocabulary);
  const words = knownWords(query);
  const knownHere = (word: number): boolean => words.has(word);
  const search = new ExpertSearch(query, corpus, vocabulary);
  const all = continueLine(query, search, vocabulary, weights.votes, knownHere);
  const line = { ...all, candidates: all.candidates.slice(0, MOST_RANKED) };
  const context: CandidateContext = candidateContext(query, snapshot.before, snapshot.after, vocabulary, knownHere);
  const below = (first: Continuation) => followingLines(query, first, search, vocabulary, weights.votes, context);
  return { line, context, below };
}

function answer(continuation: Continuation, probability: number, below: ReturnType<typeof followingLines>, weights: RecallWeights): RecallCandidate {
  const following: RecallLine[] = [];
  let least = probability;
  for (const line of below) {
    // What is right up to a line cannot be likelier than what is right up to the line before.
    least = Math.min(least, probabilityOf([logit(probability), ...line.features], weights.following));
    following.push({ text: line.text, probability: least });
  }
  return { text: continuation.text, probability, following };
}
