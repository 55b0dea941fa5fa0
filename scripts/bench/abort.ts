import { EngineMethod, type CompleteResult } from "../../src/protocol/engine";
import { halfDepthModel, startBenchEngine } from "./engines";
import { milliseconds, type Figure } from "./table";

const ROUNDS = 5;

/** How soon a request that nobody wants any more stops in a prompt of about 1,500 tokens, and how much it still evaluates. */
export async function abortFigures(): Promise<readonly Figure[]> {
  const model = halfDepthModel();
  const supervisor = await startBenchEngine("completion", model, 2_048);
  try {
    const stops: number[] = [];
    let promptTokens = 0;
    let whole = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const params = {
        fresh: true, drafts: [],
        plan: { path: "long.ts", head: [], prefix: `${"const value = index + length;\n".repeat(160)}${String(round)}`, typed: "", suffix: "" },
        limits: { maxTokens: 8, maxLines: 1, threshold: 0, timeBudgetMs: 1_000, leastDraft: 0 },
      };
      const stop = new AbortController();
      const answer = supervisor.request<CompleteResult>("completion", EngineMethod.complete, params, stop.signal);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const abortedAt = performance.now();
      stop.abort();
      const result = await answer;
      stops.push(performance.now() - abortedAt);
      promptTokens = result.promptTokens;
      whole = Math.max(whole, result.evaluatedTokens);
    }
    const worst = Math.max(...stops);
    return [{ name: `stopping in a prompt of ${String(promptTokens)} tokens, worst of ${String(ROUNDS)}`, measured: milliseconds(worst), goal: `at most 150 ms (the library's own abort: the whole prompt); ${String(whole)} tokens evaluated by then`, met: worst <= 150 }];
  } finally {
    supervisor.dispose();
  }
}
