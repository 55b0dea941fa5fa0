import type { CompletionEngine } from "../../core/completion/complete";
import { EngineMethod, type CompleteParams, type CompleteResult, type CompletionLimits, type CompletionPlan } from "../../protocol/engine";
import type { EngineSupervisor } from "./engineSupervisor";

/**
 * The supervised engine as the completion pipeline sees it. `fresh` forgets the cache before each request (batches, cold
 * measurements); `timeBudgetMs` is what was measured for the model in use, undefined where nothing was.
 */
export function createCompletionEngine(supervisor: EngineSupervisor, fresh: () => boolean = () => false, timeBudgetMs: () => number | undefined = () => undefined): CompletionEngine {
  return {
    contextSize: () => supervisor.loaded("completion")?.contextSize,
    timeBudgetMs,
    family: () => supervisor.loaded("completion")?.family,
    complete: (plan: CompletionPlan, limits: CompletionLimits, drafts: readonly string[], signal: AbortSignal) => {
      const params: CompleteParams = { plan, limits, fresh: fresh(), drafts };
      return supervisor.request<CompleteResult>("completion", EngineMethod.complete, params, signal);
    },
  };
}
