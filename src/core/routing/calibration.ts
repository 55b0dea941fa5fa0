import { DEFAULT_THRESHOLDS } from "./offer";

/** How unsure a local answer was (0 to 1), and whether the person then asked somebody else about it. */
export interface RoutingDecision {
  readonly unsure: number;
  readonly asked: boolean;
}

/** Fewer decisions than this say too little: the threshold stays where it was set. */
export const LEAST_DECISIONS = 20;
/** The threshold never moves further than this from where it was set, whatever the decisions say. */
export const FURTHEST_MOVE = 0.2;
/** Asking is offered where the person is at least as likely to take the offer as not. */
const WANTED = 0.5;
/** Places of the prior: 0, 0.05, … 1. */
const PRIOR_STEPS = 20;
/** How many decisions the whole prior counts as. */
const PRIOR_WEIGHT = 10;

/**
 * The unsureness from which on asking is offered, learnt from what the person did. The share of answers about which
 * somebody was asked is fitted as a function of unsureness that never falls (isotonic regression by pooling adjacent
 * violators: Ayer and others 1955; Barlow and others 1972), and the threshold is where it reaches one half.
 *
 * The prior is a straight line through one half at the default threshold, with a slope of 1, held at 0 and 1: it counts
 * as ten decisions spread evenly over the scale, so that a hundred real ones outweigh it and one does not.
 */
export function unsureThreshold(decisions: readonly RoutingDecision[]): number {
  const standard = DEFAULT_THRESHOLDS.unsure;
  if (decisions.length < LEAST_DECISIONS) return standard;
  const fitted = isotonicFit([...decisions.map(({ unsure, asked }) => ({ at: unsure, value: asked ? 1 : 0, weight: 1 })), ...prior(standard)]);
  const reached = fitted.find(({ value }) => value >= WANTED - 1e-9)?.at ?? 1;
  return Math.min(standard + FURTHEST_MOVE, Math.max(standard - FURTHEST_MOVE, reached));
}

/** A weighted observation `value` at the place `at`. */
export interface WeightedPoint {
  readonly at: number;
  readonly value: number;
  readonly weight: number;
}

/** The function that never falls and is nearest to the points (least squares), at each of their places in order. */
export function isotonicFit(points: readonly WeightedPoint[]): readonly { readonly at: number; readonly value: number }[] {
  const blocks: { places: number[]; sum: number; weight: number }[] = [];
  for (const { at, value, weight } of onePerPlace(points)) {
    blocks.push({ places: [at], sum: value * weight, weight });
    poolBack(blocks);
  }
  return blocks.flatMap(({ places, sum, weight }) => places.map((at) => ({ at, value: sum / weight })));
}

/** One place has one value, so points that share it are one before anything is pooled. In order of their places. */
function onePerPlace(points: readonly WeightedPoint[]): WeightedPoint[] {
  const places = new Map<number, WeightedPoint>();
  for (const { at, value, weight } of points) {
    const known = places.get(at) ?? { at, value: 0, weight: 0 };
    const together = known.weight + weight;
    places.set(at, { at, value: (known.value * known.weight + value * weight) / together, weight: together });
  }
  return [...places.values()].sort((left, right) => left.at - right.at);
}

/** Joins the last blocks for as long as one stands lower than the one before it. */
function poolBack(blocks: { places: number[]; sum: number; weight: number }[]): void {
  for (;;) {
    const [before, last] = blocks.slice(-2);
    if (!before || !last || before.sum / before.weight <= last.sum / last.weight) return;
    blocks.splice(-2, 2, { places: [...before.places, ...last.places], sum: before.sum + last.sum, weight: before.weight + last.weight });
  }
}

function prior(standard: number): WeightedPoint[] {
  return Array.from({ length: PRIOR_STEPS + 1 }, (_, step) => {
    const at = step / PRIOR_STEPS;
    return { at, value: Math.min(1, Math.max(0, 0.5 + at - standard)), weight: PRIOR_WEIGHT / (PRIOR_STEPS + 1) };
  });
}
