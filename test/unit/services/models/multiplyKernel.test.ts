import assert from "node:assert/strict";
import { multiplyKernel } from "../../../../src/services/models/multiplyKernel";
import { randomInteger, randomNumbers } from "../../../../models/starter/train/random";

const BYTES = 65_536;

describe("services/models/multiplyKernel", () => {
  const random = randomNumbers(1);
  const bytes = Int8Array.from({ length: BYTES }, () => randomInteger(random, 256) - 128);
  const multiply = multiplyKernel(BYTES, (memory) => { memory.set(new Uint8Array(bytes.buffer)); });
  for (const [at, end] of [[0, BYTES], [0, 32], [4_096, 8_192], [BYTES - 32, BYTES]] as const) {
    it(`multiplies from ${String(at)} to ${String(end)}`, () => assert.equal(multiply(at, end), firstSum(bytes, at, end)));
  }
  it("reads nothing past its memory", () => assert.throws(() => multiply(BYTES - 32, BYTES + 32), /out of bounds/));
});

/** Of each 32 bytes the products that the first of four sums takes: two of the lower eight, two of the upper. */
function firstSum(bytes: Int8Array, from: number, end: number): number {
  let sum = 0;
  for (let at = from; at < end; at += 32) for (const lane of [0, 1, 8, 9]) sum += (bytes[at + lane] ?? 0) * (bytes[at + 16 + lane] ?? 0);
  return sum;
}
