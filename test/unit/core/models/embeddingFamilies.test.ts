import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseCatalog } from "../../../../src/core/models/catalog";
import { embeddingFamilyOf, makesVectors } from "../../../../src/core/models/embeddingFamilies";
import { readGgufHeader } from "../../../../src/core/models/gguf";
import { uint32 } from "../../../../models/starter/train/gguf";
import { BytesSource, ggufWith } from "../../../support/ggufFiles";

describe("families of embedding models", () => {
  const cases: readonly (readonly [architecture: string, name: string, family: string])[] = [
    ["nomic-bert", "nomic-embed-text-v1.5", "nomic"], ["nomic-bert-moe", "nomic-embed-text-v2-moe", "nomic"], ["qwen2", "nomic embed code", "nomic"],
    ["gemma-embedding", "", "gemma"], ["gemma3", "Embeddinggemma 300M", "gemma"],
    ["qwen3", "Qwen3 Embedding 0.6B", "qwen3"], ["bert", "e5-small-v2", "e5"], ["bert", "multilingual-e5-large", "e5"],
    ["bert", "bge-small-en-v1.5", "bge"], ["bert", "bge-m3", "plain"], ["jina-bert-v2", "Jina Bert Implementation", "plain"], ["bert", "granite-embedding-125m-english", "plain"], ["bert", "", "plain"],
  ];
  for (const [architecture, name, family] of cases) it(`${architecture} "${name}": ${family}`, () => assert.equal(embeddingFamilyOf({ architecture, name }).id, family));

  it("a family writes something else before a question than before a passage", () => {
    for (const [architecture, name, family] of cases) {
      const { before } = embeddingFamilyOf({ architecture, name });
      assert.equal(before.question !== before.passage, family !== "plain", name);
    }
  });

  it("every embedding model of the catalog has its family by its name", () => {
    const catalog = parseCatalog(readFileSync("models/catalog.json", "utf8"));
    const names = "models" in catalog ? catalog.models.filter(({ roles }) => roles.includes("embedding")).map(({ name, id }) => [id, embeddingFamilyOf({ architecture: id.startsWith("qwen3") ? "qwen3" : "bert", name }).id]) : [];
    assert.deepEqual(Object.fromEntries(names), { "bge-small-en-v1.5-q8_0": "bge", "nomic-embed-text-v1.5-q8_0": "nomic", "jina-embeddings-v2-base-code-q8_0": "plain", "qwen3-embedding-0.6b-q8_0": "qwen3" });
  });

  it("vectors are made by models that pool or that look both ways, and by no others", () => {
    const vectors = (changes: Parameters<typeof ggufWith>[0]): boolean => makesVectors(readGgufHeader(new BytesSource(ggufWith(changes))), "llama");
    assert.deepEqual([vectors({}), vectors({ "llama.pooling_type": uint32(0) }), vectors({ "llama.pooling_type": uint32(1) }), vectors({ "llama.attention.causal": false })], [false, false, true, true]);
  });
});
