import type { MeaningComparer } from "../../core/chat/meaning";
import { isAbortError } from "../../core/util/abort";
import type { Log } from "../../core/util/log";
import { EngineMethod, type CompareParams, type CompareResult } from "../../protocol/engine";
import type { EngineSupervisor } from "./engineSupervisor";

/** Milliseconds that a question waits for its comparison at most, a text that is under way apart. */
export const COMPARE_BUDGET_MS = 2_500;

/** The supervised engine as whoever compares texts by meaning sees it. Where it fails, words alone decide, and the log says so. */
export function createMeaningComparer(supervisor: EngineSupervisor, log: Log): MeaningComparer {
  return {
    available: () => supervisor.loaded("embedding") !== undefined,
    compare: async (question, texts, signal) => {
      try {
        const params: CompareParams = { question, texts, timeBudgetMs: COMPARE_BUDGET_MS };
        const { similarities, computed, totalMs } = await supervisor.request<CompareResult>("embedding", EngineMethod.compare, params, signal);
        const compared = similarities.filter((similarity) => similarity !== null).length;
        log.info(`search by meaning: ${String(compared)} of ${String(texts.length)} places compared, ${String(computed)} vectors computed, ${totalMs.toFixed(0)} ms`);
        return similarities;
      } catch (error) {
        if (signal.aborted || isAbortError(error)) throw error;
        log.warn(`search by meaning: ${error instanceof Error ? error.message : String(error)}`);
        return texts.map(() => null);
      }
    },
  };
}
