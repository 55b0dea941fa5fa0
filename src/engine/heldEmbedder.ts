import type { LlamaEmbeddingContext, Token } from "node-llama-cpp";
import { EMBEDDING_CONTEXT } from "../core/models/memoryFit";
import type { LoadParams } from "../protocol/engine";
import type { Placement } from "../protocol/loadOptions";
import type { Embedder } from "./embeddingSession";
import { holdWeights, libraryFailure, type FittedWeights, type HoldFacts, type HoldParts } from "./heldModel";
import { EvaluationError, type Watch } from "./llamaSequence";

/** Weights and a context that makes vectors of texts. */
export interface HeldEmbedder extends Pick<FittedWeights, "notes"> {
  readonly model: FittedWeights["held"]["model"];
  readonly placement: Placement;
  readonly contextSize: number;
  readonly embedder: Embedder;
  /** As those of a `HeldModel`. */
  endContext(): Promise<void>;
  dispose(): Promise<void>;
}

/** Tokens that a model puts around a text: one before, one after, and one that the library keeps free. */
const AROUND = 3;

/**
 * Fits a model to free memory and makes its context. A text is evaluated in one go, whatever batch was wished for:
 * without causal attention every token looks at all others. Rejects as `holdModel` does.
 */
export async function holdEmbedder(parts: HoldParts, params: LoadParams, facts: HoldFacts, signal: AbortSignal): Promise<HeldEmbedder> {
  const contextSize = Math.min(EMBEDDING_CONTEXT, facts.trainContextSize);
  const { held, fit, placement, notes, watch } = await holdWeights(parts, { ...params, contextSize, batchSize: contextSize }, facts, signal);
  const { model } = held;
  try {
    const context = await model.createEmbeddingContext({ contextSize, batchSize: contextSize, threads: params.threads, createSignal: signal });
    return {
      model, placement, notes, contextSize, embedder: embedderOf(context, contextSize - AROUND, watch),
      endContext: async () => {
        held.rest();
        await context.dispose();
      },
      dispose: async () => {
        await context.dispose();
        await held.release();
      },
    };
  } catch (error) {
    await held.release();
    throw libraryFailure(error, parts.runtime.lastError(), fit);
  }
}

function embedderOf(context: LlamaEmbeddingContext, mostTokens: number, watch: Watch): Embedder {
  return {
    mostTokens,
    vectorOf: async (tokens) => {
      const embedding = await watch(() => context.getEmbeddingFor(tokens as Token[]), tokens.length).catch((error: unknown) => {
        throw new EvaluationError(error instanceof Error ? error.message : String(error), { cause: error });
      });
      return embedding.vector;
    },
  };
}
