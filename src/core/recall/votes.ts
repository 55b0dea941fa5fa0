import { proposal, Source, type Expert } from "./experts";
import type { PartRenames } from "./names";
import { WordKind } from "./vocabulary";
import { isLineBreak } from "./words";

const EXACT_BUCKETS = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 32];
const FURTHER_BUCKETS = [0, 1, 3, 6, 12, 20];

/** Groups of weights: each expert takes one weight of each group that applies. */
export const VOTE_GROUPS = {
  exact: EXACT_BUCKETS.length + 1,
  exactOwn: EXACT_BUCKETS.length + 1,
  exactName: EXACT_BUCKETS.length + 1,
  distance: 8,
  survivorFurther: FURTHER_BUCKETS.length,
  exactAtLineStart: EXACT_BUCKETS.length + 1,
  further: FURTHER_BUCKETS.length,
  source: Object.keys(Source).length,
  renamed: 1,
  unknownHere: 1,
  survivor: 1,
  nameAge: 6,
  nameTyped: 6,
  kind: 100,
  balance: 6,
  typed: 6,
} as const;
export type VoteGroup = keyof typeof VOTE_GROUPS;

/** Weights of "something else": one for each bucket, then the same at the start of a line. */
export const NOTHING_BUCKETS = 2 * (EXACT_BUCKETS.length + 1);

/** Weights of the vote: natural logarithms, added up by what is known of an expert. Fitted by `models/recall`. */
export interface VoteWeights extends Readonly<Record<VoteGroup, readonly number[]>> {
  /** Mass of "something else", by the bucket of the best expert; the second half at the start of a line. */
  readonly nothing: readonly number[];
}

export function exactBucket(exact: number): number {
  let bucket = 0;
  while (bucket < EXACT_BUCKETS.length && exact >= (EXACT_BUCKETS[bucket] ?? 0)) bucket += 1;
  return bucket;
}

export function furtherBucket(further: number): number {
  let bucket = 0;
  while (bucket + 1 < FURTHER_BUCKETS.length && further >= (FURTHER_BUCKETS[bucket + 1] ?? 0)) bucket += 1;
  return bucket;
}

/** One proposed unit with what speaks for it. */
export interface Proposal {
  readonly unit: number;
  readonly probability: number;
  readonly experts: readonly Expert[];
}

/** The end of the line, whatever the next line's indentation. */
export const LINE_END = 2;

/** What a vote knows of the place. */
export interface VoteContext {
  /** Whether this is the first unit of a line. */
  readonly lineStart: boolean;
  /** Characters of the next word that are typed already. */
  readonly typedLength: number;
  readonly parts: PartRenames;
  /** Kind of a unit's word. */
  readonly kindOf: (unit: number) => number;
  /** Kind of the word before the place. */
  readonly previousKind: number;
  /** Brackets opened on this line and not closed. */
  readonly openBrackets: number;
  /** Whether a unit is a closing bracket. */
  readonly closes: (unit: number) => boolean;
  /** Whether a word stands anywhere in the document. */
  readonly knownHere: (word: number) => boolean;
}

/** What experts propose, the likeliest first. Probabilities add up to less than 1: the rest is "something else". */
export function vote(experts: readonly Expert[], context: VoteContext, weights: VoteWeights): Proposal[] {
  const groups = new Map<number, { mass: number; experts: Expert[] }>();
  let total = 0;
  let best = 0;
  for (const expert of experts) {
    const proposed = proposal(expert, context.parts);
    const unit = isLineBreak(proposed) ? LINE_END : proposed;
    const mass = Math.exp(logWeight(expert, proposed, context, weights));
    total += mass;
    best = Math.max(best, expert.exact);
    const group = groups.get(unit);
    if (group) {
      group.mass += mass;
      group.experts.push(expert);
    } else groups.set(unit, { mass, experts: [expert] });
  }
  total += Math.exp(weights.nothing[nothingBucket(best, context.lineStart)] ?? 0);
  return [...groups].map(([unit, group]) => ({ unit, probability: group.mass / total, experts: group.experts })).sort((left, right) => right.probability - left.probability);
}

/** The same sum that `eachFeature` names, without a call for each part: this runs a thousand times a key. */
function logWeight(expert: Expert, proposed: number, context: VoteContext, weights: VoteWeights): number {
  if (expert.age !== undefined) return (weights.nameAge[ageBucket(expert.age)] ?? 0) + (weights.nameTyped[Math.min(5, context.typedLength)] ?? 0);
  const exact = exactBucket(expert.exact);
  let sum = ((context.lineStart ? weights.exactAtLineStart : expert.source <= Source.ownAfter ? weights.exactOwn : weights.exact)[exact] ?? 0) + (weights.kind[context.previousKind * 10 + context.kindOf(proposed)] ?? 0) + (weights.balance[balanceOf(proposed, context)] ?? 0) + (weights.typed[Math.min(5, context.typedLength)] ?? 0) + (weights.further[furtherBucket(expert.further)] ?? 0) + (weights.source[expert.source] ?? 0);
  if (proposed !== expert.units[expert.place]) sum += weights.renamed[0] ?? 0;
  if (expert.survivor) sum += weights.survivor[0] ?? 0;
  if (!isLineBreak(proposed) && !context.knownHere(proposed >>> 1)) sum += weights.unknownHere[0] ?? 0;
  if (context.kindOf(proposed) === WordKind.identifier) sum += weights.exactName[exact] ?? 0;
  if (expert.source <= Source.ownFar) sum += weights.distance[distanceBucket(expert)] ?? 0;
  if (expert.survivor) sum += weights.survivorFurther[furtherBucket(expert.further)] ?? 0;
  return sum;
}

/** Which weight of "something else" counts where the best expert has so many equal units. */
export function nothingBucket(bestExact: number, lineStart: boolean): number {
  return exactBucket(bestExact) + (lineStart ? VOTE_GROUPS.exact : 0);
}

/** Closing brackets and line ends, by whether a bracket is open on this line; 0 for everything else. */
function balanceOf(proposed: number, { openBrackets, closes }: VoteContext): number {
  const open = openBrackets > 0 ? 1 : 0;
  if (isLineBreak(proposed)) return 1 + open;
  return closes(proposed) ? 3 + open : 0;
}

function distanceBucket(expert: Expert): number {
  return Math.min(7, Math.max(0, Math.floor(Math.log2((expert.end - expert.place) / 16))));
}

function ageBucket(age: number): number {
  return Math.min(5, Math.floor(Math.log2(age + 1)));
}

export function eachFeature(expert: Expert, proposed: number, context: VoteContext, take: (group: VoteGroup, index: number) => void): void {
  if (expert.age !== undefined) {
    take("nameAge", ageBucket(expert.age));
    take("nameTyped", Math.min(5, context.typedLength));
    return;
  }
  take(context.lineStart ? "exactAtLineStart" : expert.source <= Source.ownAfter ? "exactOwn" : "exact", exactBucket(expert.exact));
  take("kind", context.previousKind * 10 + context.kindOf(proposed));
  take("balance", balanceOf(proposed, context));
  take("typed", Math.min(5, context.typedLength));
  take("further", furtherBucket(expert.further));
  if (context.kindOf(proposed) === WordKind.identifier) take("exactName", exactBucket(expert.exact));
  if (expert.source <= Source.ownFar) take("distance", distanceBucket(expert));
  if (expert.survivor) take("survivorFurther", furtherBucket(expert.further));
  take("source", expert.source);
  if (proposed !== expert.units[expert.place]) take("renamed", 0);
  if (expert.survivor) take("survivor", 0);
  if (!isLineBreak(proposed) && !context.knownHere(proposed >>> 1)) take("unknownHere", 0);
}
