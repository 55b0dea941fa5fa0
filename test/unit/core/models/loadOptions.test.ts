import assert from "node:assert/strict";
import fc from "fast-check";
import { AUTOMATIC_OPTIONS, describeCache, describePlacement, LOAD_OPTIONS, parseLoadOptions } from "../../../../src/core/models/loadOptions";
import { shapeFromParameters } from "../../../../src/core/models/modelShape";

const KEY = "ghostlight.chat.load";

describe("core/models/loadOptions", () => {
  it("nothing said: everything is automatic", () => {
    assert.deepEqual(parseLoadOptions(undefined, KEY), { options: AUTOMATIC_OPTIONS, problems: [] });
    assert.deepEqual(AUTOMATIC_OPTIONS, { contextSize: "auto", threads: 0, batchSize: 0, gpuLayers: "auto", cacheType: "f16", flashAttention: "auto", memoryMapping: "auto", adapters: [] });
  });

  it("good values are taken, absent ones stay automatic, and a scale not said is 1", () => {
    const { options, problems } = parseLoadOptions({ contextSize: 4_096, gpuLayers: 20, cacheType: "q8_0", memoryMapping: "off", adapters: [{ path: "/a.gguf" }, { path: "C:\\b.gguf", scale: 0.5 }] }, KEY);
    assert.deepEqual([problems, options], [[], { ...AUTOMATIC_OPTIONS, contextSize: 4_096, gpuLayers: 20, cacheType: "q8_0", memoryMapping: "off", adapters: [{ path: "/a.gguf", scale: 1 }, { path: "C:\\b.gguf", scale: 0.5 }] }]);
  });

  const BAD: readonly (readonly [key: string, value: unknown])[] = [
    ["contextSize", 128], ["contextSize", "large"], ["contextSize", 2_048.5], ["threads", -1], ["threads", Number.NaN], ["batchSize", 4], ["batchSize", 1_024], ["gpuLayers", -1], ["gpuLayers", "all"],
    ["cacheType", "q5_0"], ["flashAttention", true], ["memoryMapping", 1], ["adapters", "/a.gguf"], ["adapters", [{ path: "a.gguf" }]], ["adapters", [{ path: "/a", scale: Infinity }]], ["adapters", [{ path: "/a", scale: 11 }]],
    ["adapters", [{ path: "/a", url: "https://x" }]], ["adapters", new Array(9).fill({ path: "/a" })],
  ];
  for (const [key, value] of BAD) {
    it(`${key} ${JSON.stringify(value).slice(0, 40)}: the automatic value, and words`, () => {
      const { options, problems } = parseLoadOptions({ [key]: value }, KEY);
      assert.deepEqual(options, AUTOMATIC_OPTIONS);
      assert.match(problems.join(), new RegExp(`^${KEY.replaceAll(".", "\\.")}\\.${key} must be .+; the automatic value is used$`));
    });
  }

  it("what is no object, and keys that are no options, are said", () => {
    for (const raw of [null, [], "x", 3]) assert.match(parseLoadOptions(raw, KEY).problems.join(), /must be an object/);
    assert.deepEqual(parseLoadOptions({ gpu: 3, toString: 1 }, KEY).problems, [`${KEY}.gpu is not an option; it is ignored`, `${KEY}.toString is not an option; it is ignored`]);
  });

  it("the library refuses fewer bits without flash attention: it is left automatic, and said", () => {
    const { options, problems } = parseLoadOptions({ cacheType: "q4_0", flashAttention: "off" }, KEY);
    assert.deepEqual([options.flashAttention, problems.length], ["auto", 1]);
    assert.deepEqual(parseLoadOptions({ flashAttention: "off" }, KEY).problems, []);
  });

  it("property: any value whatever gives sound options", () => {
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...Object.keys(LOAD_OPTIONS)), fc.anything())), (raw) => {
      const { options } = parseLoadOptions(raw, KEY);
      assert.deepEqual(parseLoadOptions(options, KEY), { options, problems: [] });
    }), { numRuns: 300, seed: 6 });
  });

  it("every option says what it costs and what automatic means", () => {
    for (const [name, { cost }] of Object.entries(LOAD_OPTIONS)) assert.match(cost, name === "adapters" || name === "cacheType" ? /\.$/ : /Automatic: .+\.$/, name);
  });

  it("a cache's size in words", () => {
    const shape = shapeFromParameters({ parameters: 1.54e9, activeParameters: 1.54e9, quantization: "Q8_0", size: null, roles: ["completion"] });
    assert.equal(describeCache(shape, 8_192, "f16"), "235 MB for 8192 tokens of keys and values");
    assert.equal(describeCache(shape, 8_192, "q8_0"), "125 MB for 8192 tokens of keys and values, 110 MB less than with f16");
  });

  it("how a model is held, in lines", () => {
    const placement = { backend: "cuda", gpuLayers: 12, layers: 29, threads: 7, batchSize: 64, cacheType: "q8_0", memoryMapped: false, adapters: 2, shared: true } as const;
    assert.deepEqual(describePlacement({ contextSize: 4_096, placement, notes: ["One note."] }), ["4096 tokens of context, 12 of 29 layers on CUDA, keys and values in q8_0, held in memory as a whole, 2 adapters, weights shared with the other role", "One note."]);
    assert.deepEqual(describePlacement({ contextSize: 512, placement: { ...placement, gpuLayers: 0, cacheType: "f16", memoryMapped: true, adapters: 0, shared: false, threads: 1 }, notes: [] }), ["512 tokens of context, on the processor, 1 thread"]);
  });
});
