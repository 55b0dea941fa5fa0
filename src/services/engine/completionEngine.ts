import type { CompletionEngine } from "../../core/completion/complete";
import { EngineMethod, type CompleteParams, type CompleteResult, type CompletionLimits, type CompletionPlan } from "../../protocol/engine";
import type { EngineSupervisor } from "./engineSupervisor";

/** The supervised engine as the completion pipeline sees it. `fresh` forgets the cache before each request (batches, cold measurements). */
export function createCompletionEngine(supervisor: EngineSupervisor, fresh: () => boolean = () => false): CompletionEngine {
  return {
    contextSize: () => supervisor.loaded("completion")?.contextSize,
    family: () => supervisor.loaded("completion")?.family,
    complete: (plan: CompletionPlan, limits: CompletionLimits, drafts: readonly string[], signal: AbortSignal) => {
      const params: CompleteParams = { plan, limits, fresh: fresh(), drafts };
      return supervisor.request<CompleteResult>("completion", EngineMethod.complete, params, signal);
    },
  };
}
