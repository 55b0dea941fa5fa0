import { createRandom, randomBelow } from "./random";

/** A figure of some cases; null where they do not say anything about it. */
export type Metric<Case> = (cases: readonly Case[]) => number | null;

/** A figure with its interval of 95 %; the ends are null where too few draws say anything. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface BootstrapOptions {
  readonly rounds: number;
  readonly seed: string;
}

const TAIL = 0.025;
/** Least share of the draws that must give a value. */
const LEAST_DRAWS = 0.5;

/**
 * Figures with percentile intervals from drawing files with replacement (cluster bootstrap: cases of one file resemble
 * each other, so drawing cases alone would give intervals that are too narrow). Drawn cases keep the given order.
 */
export function estimates<Case extends { readonly file: string }, Name extends string>(cases: readonly Case[], metrics: Readonly<Record<Name, Metric<Case>>>, options: BootstrapOptions): Record<Name, Estimate> {
  const names = Object.keys(metrics) as Name[];
  const draws = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (const drawn of resamples(cases, options)) {
    for (const name of names) {
      const value = metrics[name](drawn);
      if (value !== null) draws.get(name)?.push(value);
    }
  }
  return Object.fromEntries(names.map((name) => [name, { value: metrics[name](cases), ...ends(draws.get(name) ?? [], options.rounds) }])) as Record<Name, Estimate>;
}

function* resamples<Case extends { readonly file: string }>(cases: readonly Case[], { rounds, seed }: BootstrapOptions): Generator<Case[]> {
  const random = createRandom(seed);
  const numbers = new Map([...new Set(cases.map((each) => each.file))].map((file, index) => [file, index]));
  const fileOf = cases.map((each) => numbers.get(each.file) ?? 0);
  for (let round = 0; round < rounds && numbers.size > 0; round++) {
    const times = new Uint32Array(numbers.size);
    for (let draw = 0; draw < numbers.size; draw++) times[randomBelow(random, numbers.size)]! += 1;
    const drawn: Case[] = [];
    for (const [index, each] of cases.entries()) {
      for (let time = times[fileOf[index] ?? 0] ?? 0; time > 0; time--) drawn.push(each);
    }
    yield drawn;
  }
}

function ends(values: readonly number[], rounds: number): { low: number | null; high: number | null } {
  if (values.length < rounds * LEAST_DRAWS || values.length === 0) return { low: null, high: null };
  const sorted = [...values].sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { low: at(TAIL), high: at(1 - TAIL) };
}
