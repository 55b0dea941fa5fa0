import { advanced, FIRST_SEARCH, type Expert, type ExpertSearch } from "./experts";
import { contextOf, type RecallQuery } from "./query";
import type { Vocabulary } from "./vocabulary";
import { votePlace, type VotePlaces } from "./votePlace";
import { LINE_END, vote, type Proposal, type VoteWeights } from "./votes";
import { isLineBreak, unitText } from "./words";

/** A possible rest of the line. */
export interface Continuation {
  readonly text: string;
  readonly units: readonly number[];
  /** Natural logarithm of the vote's probability of the whole, the line's end included. */
  readonly logProbability: number;
  /** Least probability of one step. */
  readonly weakest: number;
  readonly first: Proposal;
  /** Experts that proposed every unit of it, up to the line's end. */
  readonly survivors: readonly Expert[];
}

/** Ways followed at once: fewer the longer the line gets, so that prose in comments costs no more than code. */
function widthAfter(votes: number): number {
  return votes < 24 ? 4 : votes < 48 ? 2 : 1;
}

/** Ways on from the cursor to the line's end, the likeliest first. */
export interface LineContinuations {
  readonly candidates: readonly Continuation[];
  /** The vote's probability that the line ends at the cursor. */
  readonly endsHere: number;
}

interface Hypothesis {
  readonly text: string;
  readonly units: readonly number[];
  readonly logProbability: number;
  readonly weakest: number;
  readonly first: Proposal | undefined;
  readonly experts: readonly Expert[];
}

const BRANCHES = 4;
const MOST_STEPS = 40;
const MOST_CHARACTERS = 160;
/** Places looked at in the corpus in a later step. */
export const LATER_SEARCH = 200;
const MOST_LATER_SEARCHES = 12;
/** Continuations less likely than this are not followed. */
const LEAST_LOG_PROBABILITY = Math.log(0.005);
/** Unfinished continuations that are this much less likely than a finished one are given up. */
const FAR_BEHIND = 2.5;

/** Follows the vote from unit to unit, several ways at once, to the end of the line. The likeliest first. */
export function continueLine(query: RecallQuery, search: ExpertSearch, vocabulary: Vocabulary, weights: VoteWeights, knownHere: (word: number) => boolean): LineContinuations {
  const places: VotePlaces = { query, vocabulary, parts: search.parts, knownHere };
  const { typedPart } = query;
  const acceptsFirst = firstUnitTest(typedPart, vocabulary);
  const finished: Continuation[] = [];
  let endsHere = 0;
  let searches = 0;
  let votes = 0;
  let open: Hypothesis[] = [{ text: "", units: [], logProbability: 0, weakest: 1, first: undefined, experts: [...search.find(contextOf(query.before, []), acceptsFirst, FIRST_SEARCH), ...search.names(typedPart)] }];
  for (let step = 0; step < MOST_STEPS && open.length > 0; step++) {
    const next: Hypothesis[] = [];
    for (const hypothesis of open) {
      votes += 1;
      const experts = step === 0 ? hypothesis.experts : withFresh(hypothesis.experts, search.find(contextOf(query.before, hypothesis.units), () => true, searches++ < MOST_LATER_SEARCHES ? LATER_SEARCH : 0));
      for (const proposal of vote(experts, votePlace(places, hypothesis.units), weights).slice(0, BRANCHES)) {
        const logProbability = hypothesis.logProbability + Math.log(proposal.probability);
        if (logProbability < LEAST_LOG_PROBABILITY) continue;
        const shared = { logProbability, weakest: Math.min(hypothesis.weakest, proposal.probability), first: hypothesis.first ?? proposal };
        if (proposal.unit === LINE_END) {
          if (hypothesis.text.trim() === "") endsHere += Math.exp(logProbability);
          else finished.push({ ...shared, text: hypothesis.text, units: hypothesis.units, survivors: proposal.experts });
          continue;
        }
        const text = hypothesis.text + unitText(proposal.unit, vocabulary).slice(step === 0 ? typedPart.length : 0);
        if (text.length > MOST_CHARACTERS) continue;
        next.push({ ...shared, text, units: [...hypothesis.units, proposal.unit], experts: proposal.experts });
      }
    }
    const best = finished.reduce((most, { logProbability }) => Math.max(most, logProbability), -Infinity);
    open = next.filter(({ logProbability }) => logProbability > best - FAR_BEHIND).sort((left, right) => right.logProbability - left.logProbability).slice(0, widthAfter(votes))
      .map((hypothesis) => ({ ...hypothesis, experts: hypothesis.experts.map(advanced).filter((expert) => expert.place < expert.end) }));
  }
  return { candidates: finished.sort((left, right) => right.logProbability - left.logProbability), endsHere };
}

/** Whether a unit can stand where a part of it has been typed. */
export function firstUnitTest(typedPart: string, vocabulary: Vocabulary): (unit: number) => boolean {
  if (typedPart === "") return () => true;
  const blank = typedPart.startsWith(" ");
  const rest = blank ? typedPart.slice(1) : typedPart;
  return (unit) => !isLineBreak(unit) && (unit & 1) === (blank ? 1 : 0) && vocabulary.startsWith(unit >>> 1, rest);
}

export function withFresh(survivors: readonly Expert[], fresh: readonly Expert[]): Expert[] {
  const known = new Set(survivors.map((expert) => placeKey(expert)));
  return [...survivors, ...fresh.filter((expert) => !known.has(placeKey(expert)))];
}

const arrays = new WeakMap<Uint32Array, number>();
const counter = { next: 0 };

function placeKey(expert: Expert): number {
  let id = arrays.get(expert.units);
  if (id === undefined) arrays.set(expert.units, (id = counter.next++));
  return id * 65_536 + expert.place;
}

export function knownWords(query: RecallQuery): Set<number> {
  const words = new Set<number>();
  for (const units of [query.before, query.after]) for (const unit of units) words.add(unit >>> 1);
  return words;
}
