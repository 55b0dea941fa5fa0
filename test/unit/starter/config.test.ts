import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { likeness } from "../../../models/starter/train/compareGradients.js";
import { readCommandLine, readConfig, recipeFolder, withChanges } from "../../../models/starter/train/config.js";
import { trainerOptions, trainerSources } from "../../../models/starter/train/train.js";

describe("configuration of the recipe", () => {
  it("takes single values from another file and keeps the others", () => {
    const base = { model: { width: 1, layers: 2 }, list: [1, 2], name: "a" };
    assert.deepEqual(withChanges(base, { model: { width: 9 }, list: [3] }), { model: { width: 9, layers: 2 }, list: [3], name: "a" });
  });

  it("refuses names that it does not have, but takes those that it may leave out", () => {
    assert.throws(() => withChanges({ model: { width: 1 } }, { model: { wdith: 2 } }), /no model\.wdith/);
    assert.deepEqual(withChanges({ training: { minutes: 1 } }, { training: { tokens: 5 } }), { training: { minutes: 1, tokens: 5 } });
    assert.deepEqual(withChanges({ samples: { repeats: {} } }, { samples: { repeats: { go: 2 } } }), { samples: { repeats: { go: 2 } } });
  });

  it("reads its command line", () => {
    assert.deepEqual(readCommandLine(["work", "300"]).rest, ["work", "300"]);
    const { config, rest } = readCommandLine(["--config", "config.cuda.json", "work"]);
    assert.deepEqual(rest, ["work"]);
    assert.equal(config.training.backEnd, "cuda");
    assert.throws(() => readCommandLine(["--config"]), /needs the name/);
  });

  for (const file of [undefined, ...readdirSync(recipeFolder).filter((name) => /^config\..+\.json$/.test(name))]) {
    const config = readConfig(file);
    const { model, samples, tokenizer, training } = config;

    it(`${file ?? "config.json"}: a shape that the trainer and the file format take`, () => {
      assert.equal(model.keyValueHeads, 1);
      assert.equal(model.width % model.heads, 0);
      assert.equal(model.width / model.heads % 2, 0, "rotation needs pairs");
      assert.equal(model.context % 128, 0);
      assert.ok([model.width, model.feedForward].every((length) => length % 32 === 0), "Q8_0 has blocks of 32");
      assert.ok(tokenizer.vocabulary <= 0x4000, "two of a token's 16 bits are marks");
    });

    it(`${file ?? "config.json"}: shares that leave some samples plain`, () => {
      assert.ok(samples.restOfLine + samples.block + samples.span < 1);
      assert.ok(samples.restOfLine + samples.block > 0.6, "weighted to the rest of a line and the next block");
      assert.ok(samples.repositoryContext > 0 && samples.repositoryContext < 0.5 && samples.maximumContextShare < 0.6);
    });

    it(`${file ?? "config.json"}: options that the trainer knows`, () => {
      const program = readFileSync(join(recipeFolder, "trainer/main.cpp"), "utf8");
      const options = trainerOptions(config, { samples: "a", checkpoint: "b" });
      for (const name of options.filter((option) => option.startsWith("--"))) assert.ok(program.includes(`"${name}"`), name);
      assert.ok(!options.includes("NaN"));
      const names = trainerSources(training.backEnd).map((path) => basename(path));
      assert.ok(names.includes("main.cpp") && names.some((name) => /^backEnd\.(cpp|cu)$/.test(name)));
    });
  }
});

describe("configuration for a GPU", () => {
  const config = readConfig("config.cuda.json");

  it("has 12 to 40 million parameters and sees a thousand million tokens or more", () => {
    const { width, layers, heads, feedForward } = config.model;
    const layer = width * (width + 2 * (width / heads)) + width * width + 3 * width * feedForward + 2 * width;
    const parameters = config.tokenizer.vocabulary * width + layers * layer + width;
    assert.ok(parameters >= 12e6 && parameters <= 40e6, String(parameters));
    assert.ok((config.training.tokens ?? 0) >= 1e9);
  });

  it("allows 400 MB of text and more, in all eight languages", () => {
    const limits = config.corpus.maximumBytesPerLanguage;
    for (const language of ["typescript", "javascript", "python", "go", "rust", "java", "c", "cpp"]) assert.ok((limits[language] ?? 0) > 0, language);
    assert.ok(Object.values(limits).reduce((sum, bytes) => sum + bytes, 0) >= 400e6);
  });
});

describe("likeness of gradients", () => {
  it("is 1 and 1 for equal lists, and tells direction from length", () => {
    assert.deepEqual(likeness(Float32Array.of(3, 4), Float32Array.of(3, 4)), { cosine: 1, ratio: 1 });
    assert.deepEqual(likeness(Float32Array.of(3, 4), Float32Array.of(6, 8)), { cosine: 1, ratio: 2 });
    assert.equal(likeness(Float32Array.of(1, 0), Float32Array.of(0, 1)).cosine, 0);
  });
});
