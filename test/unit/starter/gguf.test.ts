import assert from "node:assert/strict";
import { float32, int32Array, uint32, writeGguf } from "../../../models/starter/train/gguf.js";
import { readGguf } from "../../../models/starter/train/ggufReader.js";
import { modelFamilies, type ModelFamily } from "../../../models/starter/train/modelFamilies.js";
import { syntheticModel } from "../../../models/starter/train/syntheticModel.js";
import { decodeTensor, encodeTensor, fromHalf, toHalf } from "../../../models/starter/train/tensorTypes.js";

const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => Math.sin(index) * (1 + index / 40));

describe("GGUF writer", () => {
  it("writes metadata of every kind so that it reads back equal", () => {
    const metadata = {
      text: "grüße", empty: "", yes: true, no: false, count: uint32(7), rate: float32(0.5),
      strings: ["a", "", "ж"], numbers: int32Array([-1, 0, 3]), none: [],
      wide: { type: "uint64", value: 2 ** 40 }, double: { type: "float64", value: Math.PI }, small: { type: "int8", value: -3 },
    } as const;
    const read = readGguf(writeGguf({ metadata, tensors: [] })).metadata;
    assert.deepEqual(Object.fromEntries(read), {
      text: "grüße", empty: "", yes: true, no: false, count: 7, rate: 0.5, strings: ["a", "", "ж"], numbers: [-1, 0, 3],
      none: [], wide: 2 ** 40, double: Math.PI, small: -3,
    });
  });

  it("aligns each tensor and keeps shapes and values", () => {
    const values = ramp(3 * 5);
    const bytes = writeGguf({
      metadata: { a: "x" },
      tensors: [{ name: "first", shape: [3, 5], type: "F32", values }, { name: "second", shape: [15], type: "F32", values }],
    });
    const { tensors } = readGguf(bytes);
    assert.deepEqual(tensors.get("first")?.shape, [3, 5]);
    for (const tensor of tensors.values()) {
      assert.equal(tensor.offset % 32, 0);
      assert.deepEqual(tensor.values, values);
    }
    assert.equal(bytes.length % 32, 0);
  });

  it("refuses a shape that does not hold its values, and rows that are no whole blocks", () => {
    const write = (shape: number[], length: number): Buffer =>
      writeGguf({ metadata: {}, tensors: [{ name: "t", shape, type: "Q8_0", values: new Float32Array(length) }] });
    assert.throws(() => write([32, 2], 63), RangeError);
    assert.throws(() => write([16, 4], 64), RangeError);
  });

  for (const [type, tolerance] of [["F32", 0], ["F16", 0.002], ["Q8_0", 0.03], ["Q4_0", 0.5]] as const) {
    it(`${type} keeps values within ${tolerance}`, () => {
      const values = ramp(128);
      const decoded = decodeTensor(type, encodeTensor(type, values), values.length);
      values.forEach((value, index) => assert.ok(Math.abs(value - (decoded[index] ?? NaN)) <= tolerance, `${value} became ${decoded[index]}`));
    });
  }

  it("encodes a block of zeros as zeros", () => {
    for (const type of ["Q8_0", "Q4_0"] as const) {
      assert.deepEqual(decodeTensor(type, encodeTensor(type, new Float32Array(32)), 32).map(Math.abs), new Float32Array(32));
    }
  });

  it("rounds to half precision and back without loss for every half", () => {
    for (let bits = 0; bits < 0x7c00; bits++) assert.equal(toHalf(fromHalf(bits)), bits);
    assert.equal(toHalf(65504), 0x7bff);
    assert.equal(toHalf(1e9), 0x7c00);
    assert.equal(toHalf(-0.5), 0xb800);
    assert.ok(Number.isNaN(fromHalf(toHalf(NaN))));
  });
});

describe("synthetic models", () => {
  const families = Object.keys(modelFamilies) as ModelFamily[];

  it("are the same for the same seed and different for another", () => {
    assert.ok(syntheticModel({ seed: 5 }).equals(syntheticModel({ seed: 5 })));
    assert.ok(!syntheticModel({ seed: 5 }).equals(syntheticModel({ seed: 6 })));
  });

  for (const family of families) {
    it(`name the special tokens of ${family}`, () => {
      const { metadata } = readGguf(syntheticModel({ family, vocabulary: 600 }));
      const tokens = metadata.get("tokenizer.ggml.tokens") as string[];
      const types = metadata.get("tokenizer.ggml.token_type") as number[];
      assert.equal(new Set(tokens).size, 600);
      for (const token of modelFamilies[family].special) assert.equal(types[tokens.indexOf(token)], 3);
      const fim: Record<string, string> = modelFamilies[family].fim;
      for (const [part, token] of Object.entries(fim)) {
        const id = metadata.get(`tokenizer.ggml.fim_${part}_token_id`);
        assert.equal(id, modelFamilies[family].fimKeys ? tokens.indexOf(token) : undefined);
      }
      assert.equal(metadata.get("ghostlight.fim"), family === "ghostlight" ? "suffix-first-1" : undefined);
    });
  }

  it("carry a chat template and replaced metadata", () => {
    const { metadata } = readGguf(syntheticModel({ architecture: "qwen2", chatTemplate: "{{ messages }}", metadata: { "general.name": "other" } }));
    assert.equal(metadata.get("tokenizer.chat_template"), "{{ messages }}");
    assert.equal(metadata.get("general.name"), "other");
    assert.equal(metadata.get("qwen2.block_count"), 2);
  });

  it("refuse a width without whole heads and a vocabulary without room", () => {
    assert.throws(() => syntheticModel({ width: 100 }), RangeError);
    assert.throws(() => syntheticModel({ vocabulary: 200 }), RangeError);
  });
});
