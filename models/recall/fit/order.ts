import type { RandomNumbers } from "../../starter/train/random";

/** A random order of 0 to count - 1. */
export function shuffled(count: number, random: RandomNumbers): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    const kept = order[index] ?? 0;
    order[index] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
