/** Seeded random numbers, so that a recipe and a test give the same result each time. */

export type RandomNumbers = () => number;

/** Uniform numbers in [0, 1) from a 32-bit seed (the "mulberry32" mixing function, public domain). */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number with mean 0 and variance 1 (Box-Muller). */
export function normalNumber(random: RandomNumbers): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A whole number in [0, limit). */
export function randomInteger(random: RandomNumbers, limit: number): number {
  return Math.floor(random() * limit);
}
