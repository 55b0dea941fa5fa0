import type { LlamaEmbeddingContext, Token } from "node-llama-cpp";
import { EMBEDDING_CONTEXT } from "../core/models/memoryFit";
import type { LoadParams } from "../protocol/engine";
import type { Embedder } from "./embeddingSession";
import { endsOf, holdWeights, libraryFailure, LoadFailure, messageOf, type HeldModel, type HoldFacts, type HoldParts } from "./heldModel";
import { EvaluationError, type Watch } from "./llamaSequence";

/** Weights and a context that makes vectors of texts. */
export interface HeldEmbedder extends Pick<HeldModel, "model" | "placement" | "notes" | "endContext" | "dispose"> {
  readonly contextSize: number;
  readonly embedder: Embedder;
}

/** Tokens that a model puts around a text: one before, one after, and one that the library keeps free. */
const AROUND = 3;
/** Fewer say nothing about a text. */
const LEAST_TOKENS = 8;

/**
 * Fits a model to free memory and makes its context. A text is evaluated in one go, whatever batch was wished for:
 * without causal attention every token looks at all others. Rejects as `holdModel` does.
 */
export async function holdEmbedder(parts: HoldParts, params: LoadParams, facts: HoldFacts, signal: AbortSignal): Promise<HeldEmbedder> {
  const contextSize = Math.min(EMBEDDING_CONTEXT, facts.trainContextSize);
  if (contextSize < LEAST_TOKENS + AROUND) throw new LoadFailure("notEmbedding", `its context of ${String(contextSize)} tokens has no room for a text`);
  const { held, fit, placement, notes, watch } = await holdWeights(parts, { ...params, contextSize, batchSize: contextSize }, facts, signal);
  const { model } = held;
  try {
    const context = await model.createEmbeddingContext({ contextSize, batchSize: contextSize, threads: params.threads, createSignal: signal });
    return { placement, notes, contextSize, embedder: embedderOf(context, contextSize - AROUND, placement.gpuLayers > 0 ? broken : failed, watch), model, ...endsOf(held, context) };
  } catch (error) {
    await held.release();
    throw libraryFailure(error, parts.runtime.lastError(), fit);
  }
}

/** A device that failed may be lost for every model: the process begins anew. */
function broken(error: unknown): never {
  throw new EvaluationError(messageOf(error), { cause: error });
}

/** On the processor a text that could not be evaluated harms nobody else. */
function failed(error: unknown): never {
  throw new Error(`a text could not be evaluated: ${messageOf(error)}`, { cause: error });
}

function embedderOf(context: LlamaEmbeddingContext, mostTokens: number, onFailure: (error: unknown) => never, watch: Watch): Embedder {
  return {
    mostTokens,
    vectorOf: async (tokens) => {
      const embedding = await watch(() => context.getEmbeddingFor(tokens as Token[]), tokens.length).catch(onFailure);
      return embedding.vector;
    },
  };
}
