import assert from "node:assert/strict";
import { hasByteProducts, lacksWideInstructions, type MachineFacts } from "../../../../src/core/models/machine";

describe("what instructions a machine has", () => {
  const machine = (architecture: string, ...instructionSets: string[]): MachineFacts => ({ platform: "linux", architecture, instructionSets, totalMemory: 1, freeMemory: 1, physicalCores: 1 });
  const cases: readonly (readonly [machine: MachineFacts, bytes: boolean, narrow: boolean])[] = [
    [machine("x64", "sse4_2", "avx2", "avx512f", "avx512_vnni"), true, false], [machine("x64", "avx2", "avx512f"), false, false], [machine("x64", "avx2"), false, false],
    [machine("x64", "sse4_2"), false, true], [machine("x64"), false, false], [machine("arm64", "asimddp"), true, false], [machine("arm64"), true, false],
  ];
  for (const [one, bytes, narrow] of cases) it(`${one.architecture} ${one.instructionSets.join(" ")}`, () => assert.deepEqual([hasByteProducts(one), lacksWideInstructions(one)], [bytes, narrow]));
});
