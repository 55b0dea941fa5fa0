import type { GgufHeader } from "./gguf";
import type { ModelFacts } from "./modelFacts";

/** What is compared: what somebody asks, or a passage that may answer it. */
export type EmbeddedKind = "question" | "passage";

/** How a family of embedding models wants its texts; `before` stands before the text, as the model was trained. */
export interface EmbeddingFamily {
  readonly id: string;
  readonly before: Readonly<Record<EmbeddedKind, string>>;
}

/** Pooling types of llama.cpp: 0 makes a vector of each token, 4 ranks pairs of texts, the others make one vector of a text. */
export const RANKING_POOLING = 4;

const PLAIN: EmbeddingFamily = { id: "plain", before: { question: "", passage: "" } };

/**
 * Families by architecture or name, the more special first. The words are those of each model's card; a model that is
 * none of these gets its texts as they are, which costs some quality and is never wrong.
 */
const FAMILIES: readonly (EmbeddingFamily & { readonly matches: (facts: Pick<ModelFacts, "architecture" | "name">) => boolean })[] = [
  { id: "nomic", matches: ({ architecture, name }) => architecture.startsWith("nomic-bert") || /\bnomic[- ]?embed/i.test(name), before: { question: "search_query: ", passage: "search_document: " } },
  { id: "gemma", matches: ({ architecture, name }) => architecture === "gemma-embedding" || /embedding[- ]?gemma/i.test(name), before: { question: "task: search result | query: ", passage: "title: none | text: " } },
  { id: "qwen3", matches: ({ architecture }) => architecture === "qwen3", before: { question: "Instruct: Given a question about a program, retrieve the code that answers it\nQuery: ", passage: "" } },
  { id: "e5", matches: ({ name }) => /(^|[^a-z0-9])e5\b/i.test(name), before: { question: "query: ", passage: "passage: " } },
  { id: "bge", matches: ({ name }) => /\bbge\b.*\b(?:en|english)\b/i.test(name), before: { question: "Represent this sentence for searching relevant passages: ", passage: "" } },
];

/** Whether a model makes vectors of texts rather than texts: nothing looks back only, or its tokens are pooled. */
export function makesVectors({ metadata }: GgufHeader, architecture: string): boolean {
  const pooling = metadata.get(`${architecture}.pooling_type`);
  return metadata.get(`${architecture}.attention.causal`) === false || (typeof pooling === "number" && pooling > 0);
}

/** The family of a model that makes vectors. */
export function embeddingFamilyOf(facts: Pick<ModelFacts, "architecture" | "name">): EmbeddingFamily {
  const found = FAMILIES.find(({ matches }) => matches(facts));
  return found ? { id: found.id, before: found.before } : PLAIN;
}
