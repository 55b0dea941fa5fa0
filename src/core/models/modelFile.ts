import type { CatalogRole } from "./catalog";
import { makesVectors, RANKING_POOLING } from "./embeddingFamilies";
import { chatFamilyOf, fimFamilyOf } from "./families";
import type { GgufHeader } from "./gguf";
import { readModelFacts } from "./modelFacts";
import { shapeFromHeader, type ModelShape } from "./modelShape";

/** What a person is told of a file that is there, and what a recommendation needs of it. Small, unlike its vocabulary. */
export interface ModelFileFacts {
  readonly name: string;
  readonly architecture: string;
  readonly contextLength: number;
  readonly roles: readonly CatalogRole[];
  readonly fimFamily: string | null;
  readonly chatFamily: string | null;
  readonly shape: ModelShape;
}

/** Why a sound file is of no use here: one sentence without its end. */
export type ModelFileResult = { readonly facts: ModelFileFacts } | { readonly reason: string };

/** What a file can be used for, from its header. Throws `GgufError` for a header that is not sound. */
export function describeModelFile(header: GgufHeader): ModelFileResult {
  const kind = header.metadata.get("general.type");
  const architecture = header.metadata.get("general.architecture");
  if (kind === "adapter") return { reason: "it is an adapter for another model (LoRA), not a model" };
  if (kind === "mmproj" || architecture === "clip") return { reason: "it holds the eyes of another model (an image projector), not a model" };
  const facts = readModelFacts(header);
  if (header.metadata.get(`${facts.architecture}.pooling_type`) === RANKING_POOLING) return { reason: "it ranks texts and writes none" };
  const embeds = makesVectors(header, facts.architecture);
  const vocabulary = new Set(facts.tokens);
  const fim = fimFamilyOf(facts, vocabulary);
  const chat = chatFamilyOf(facts, vocabulary);
  if (!embeds && !fim.family && !chat.family) return { reason: fim.reason === chat.reason ? fim.reason : `${fim.reason}, and ${chat.reason}` };
  const writes: CatalogRole[] = [...(fim.family ? ["completion" as const] : []), ...(chat.family ? ["chat" as const] : [])];
  return {
    facts: {
      name: facts.name, architecture: facts.architecture, contextLength: facts.trainContextSize, roles: embeds ? ["embedding"] : writes,
      fimFamily: embeds ? null : fim.family?.id ?? null, chatFamily: embeds ? null : chat.family?.id ?? null, shape: shapeFromHeader(header),
    },
  };
}
