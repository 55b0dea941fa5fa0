/** Fits the weights of the vote: the likelihood of the unit that really came next, unit by unit along the true line. */
import { firstUnitTest, knownWords, withFresh, LATER_SEARCH } from "../../../src/core/recall/beam";
import { advanced, ExpertSearch, FIRST_SEARCH, proposal, type Expert } from "../../../src/core/recall/experts";
import { contextOf, queryOf } from "../../../src/core/recall/query";
import { eachFeature, LINE_END, NOTHING_BUCKETS, nothingBucket, VOTE_GROUPS, type VoteContext, type VoteGroup, type VoteWeights } from "../../../src/core/recall/votes";
import { votePlace } from "../../../src/core/recall/votePlace";
import { isLineBreak, scanWords, UnitList } from "../../../src/core/recall/words";
import { Adam } from "./adam";
import { eachCase, type FittingCase, type History } from "./caseData";
import { randomNumbers } from "../../starter/train/random";
import { shuffled } from "./order";
import type { RecallSnapshot } from "../../../src/core/recall/recall";

/** Features of one expert, padded with `NONE`. */
const FEATURES_EACH = 13;
const NONE = 65_535;
const MOST_STEPS = 14;

const groupStarts = startsOfGroups();
const NOTHING_START = Object.values(VOTE_GROUPS).reduce((sum, length) => sum + length, 0);
const PARAMETERS = NOTHING_START + NOTHING_BUCKETS;

/** Steps of true lines with everything that was proposed at them. */
export class VoteData {
  readonly features: number[] = [];
  readonly right: number[] = [];
  /** For each step: index of its first expert, and the weight of "something else". */
  readonly starts: number[] = [];
  readonly nothing: number[] = [];

  add(history: History): void {
    for (const { one, snapshot } of eachCase(history)) this.#addCase(one, snapshot, history);
  }

  #addCase(one: FittingCase, snapshot: RecallSnapshot, { corpus }: History): void {
    const { vocabulary } = corpus;
    const query = queryOf(snapshot, vocabulary);
    const search = new ExpertSearch(query, corpus, vocabulary);
    const words = knownWords(query);
    const truth = unitsOf(query.typedPart, one.expected, corpus);
    let experts: readonly Expert[] = [];
    for (let step = 0; step < Math.min(truth.length, MOST_STEPS); step++) {
      const context = contextOf(query.before, truth.slice(0, step));
      const fresh = search.find(context, step === 0 ? firstUnitTest(query.typedPart, vocabulary) : () => true, step === 0 ? FIRST_SEARCH : LATER_SEARCH);
      experts = step === 0 ? [...fresh, ...search.names(query.typedPart)] : withFresh(experts, fresh);
      const place = votePlace({ query, vocabulary, parts: search.parts, knownHere: (word) => words.has(word) }, truth.slice(0, step));
      const next = truth[step] ?? LINE_END;
      experts = this.#addStep(experts, next, place).map(advanced).filter((expert) => expert.place < expert.end);
      if (isLineBreak(next)) return;
    }
  }

  /** Returns the experts that were right. */
  #addStep(experts: readonly Expert[], next: number, place: VoteContext): Expert[] {
    this.starts.push(this.right.length);
    this.nothing.push(NOTHING_START + nothingBucket(experts.reduce((most, expert) => Math.max(most, expert.exact), 0), place.lineStart));
    return experts.filter((expert) => {
      const proposed = proposal(expert, place.parts);
      const right = isLineBreak(next) ? isLineBreak(proposed) : proposed === next;
      let count = 0;
      eachFeature(expert, proposed, place, (group, index) => {
        this.features.push(groupStarts[group] + index);
        count += 1;
      });
      for (; count < FEATURES_EACH; count++) this.features.push(NONE);
      this.right.push(right ? 1 : 0);
      return right;
    });
  }
}

/** Fits by stochastic gradient ascent of the log likelihood. Deterministic. Returns the weights and the mean log likelihood of a step. */
export function fitVotes(data: VoteData): { readonly weights: VoteWeights; readonly logLikelihood: number } {
  const steps = data.starts.length;
  const features = Uint16Array.from(data.features);
  const right = Uint8Array.from(data.right);
  const starts = Uint32Array.from([...data.starts, data.right.length]);
  const parameters = new Float64Array(PARAMETERS);
  const gradient = new Float64Array(PARAMETERS);
  const adam = new Adam(parameters);
  const random = randomNumbers(1);
  const batch = 256;
  const epochs = 14;
  let logLikelihood = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = epoch < 9 ? 0.05 : epoch < 12 ? 0.015 : 0.005;
    const order = shuffled(steps, random);
    logLikelihood = 0;
    for (let first = 0; first < steps; first += batch) {
      const end = Math.min(steps, first + batch);
      for (let index = 0; index < PARAMETERS; index++) gradient[index] = 1e-4 * (parameters[index] ?? 0);
      for (let index = first; index < end; index++) logLikelihood += addGradient(order[index] ?? 0, { features, right, starts, nothing: data.nothing, parameters, gradient, share: 1 / (end - first) });
      adam.step(gradient, rate);
    }
  }
  return { weights: namedWeights(parameters), logLikelihood: logLikelihood / steps };
}

interface Gradient {
  readonly features: Uint16Array;
  readonly right: Uint8Array;
  readonly starts: Uint32Array;
  readonly nothing: readonly number[];
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  readonly share: number;
}

/** Adds one step's gradient of the negative log likelihood; returns its log likelihood. */
function addGradient(step: number, { features, right, starts, nothing, parameters, gradient, share }: Gradient): number {
  const start = starts[step] ?? 0;
  const end = starts[step + 1] ?? 0;
  const masses = new Float64Array(end - start);
  const nothingIndex = nothing[step] ?? 0;
  const nothingMass = Math.exp(parameters[nothingIndex] ?? 0);
  let total = nothingMass;
  let hit = 0;
  for (let expert = start; expert < end; expert++) {
    let log = 0;
    for (let at = expert * FEATURES_EACH; at < (expert + 1) * FEATURES_EACH; at++) if (features[at] !== NONE) log += parameters[features[at] ?? 0] ?? 0;
    const mass = Math.exp(Math.min(30, log));
    masses[expert - start] = mass;
    total += mass;
    if (right[expert] === 1) hit += mass;
  }
  // Where nobody proposed what came, "something else" was right.
  const none = hit === 0;
  for (let expert = start; expert < end; expert++) {
    const mass = masses[expert - start] ?? 0;
    const slope = (mass / total - (right[expert] === 1 ? mass / hit : 0)) * share;
    for (let at = expert * FEATURES_EACH; at < (expert + 1) * FEATURES_EACH; at++) {
      const feature = features[at] ?? NONE;
      if (feature !== NONE) gradient[feature] = (gradient[feature] ?? 0) + slope;
    }
  }
  gradient[nothingIndex] = (gradient[nothingIndex] ?? 0) + (nothingMass / total - (none ? 1 : 0)) * share;
  return Math.log((none ? nothingMass : hit) / total);
}

function unitsOf(typedPart: string, rest: string, { vocabulary }: History["corpus"]): number[] {
  const list = new UnitList(64);
  // A bracket in front keeps a leading blank from being read as indentation.
  scanWords(`(${typedPart}${rest}\n`, vocabulary, list);
  return [...list.view().subarray(2)];
}

function namedWeights(parameters: Float64Array): VoteWeights {
  const part = (start: number, length: number): number[] => [...parameters.subarray(start, start + length)].map((value) => Math.round(value * 1_000) / 1_000);
  const groups = Object.fromEntries(Object.entries(VOTE_GROUPS).map(([group, length]) => [group, part(groupStarts[group as VoteGroup], length)])) as Record<VoteGroup, number[]>;
  return { ...groups, nothing: part(NOTHING_START, NOTHING_BUCKETS) };
}

function startsOfGroups(): Record<VoteGroup, number> {
  let start = 0;
  return Object.fromEntries(Object.entries(VOTE_GROUPS).map(([group, length]) => {
    const own = start;
    start += length;
    return [group, own];
  })) as Record<VoteGroup, number>;
}
