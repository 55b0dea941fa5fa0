import { complete, freshMemory, type CompletionEngine, type CompletionPorts, type Engines } from "../completion/complete";
import type { Outcome } from "../completion/outcome";
import { READ_AFTER, READ_BEFORE, type Snapshot } from "../completion/snapshot";
import type { CompleteResult } from "../../protocol/engine";
import type { CaseAnswer, ShownText } from "./judge";
import type { ReplayCase } from "./replayCase";
import type { ReportPreset } from "./report";
import { resultAtThreshold } from "./thresholdResult";

/** A case as the editor would hand it to the pipeline. */
export function snapshotOf({ path, before, after }: ReplayCase, languageId: string): Snapshot {
  return { path, languageId, offset: before.length, line: before.split("\n").length - 1, before: before.slice(-READ_BEFORE), after: after.slice(0, READ_AFTER) };
}

/**
 * Asks the pipeline what it shows at one place with the gate off and at each preset. Every gate goes through the whole
 * pipeline, because a gate does more than hide: it ends the text where it becomes unsure. The engine is asked once, with
 * the gate off; its answer at a preset is a beginning of that one. Both voices are waited for. Each gate starts from a fresh memory, and the
 * debounce is not waited for. Rejects with the signal's reason only.
 */
export async function askCase(snapshot: Snapshot, presets: readonly ReportPreset[], engines: Engines, ports: CompletionPorts, signal: AbortSignal): Promise<Omit<CaseAnswer, "id">> {
  const askedOnce: CompletionPorts = { ...ports, engine: rememberingEngine(ports.engine), wait: () => Promise.resolve() };
  const ask = async (threshold: number): Promise<Outcome> => {
    const outcome = await complete(snapshot, { explicit: false, threshold, engines, settle: true }, freshMemory(), askedOnce, signal);
    signal.throwIfAborted();
    return outcome;
  };
  const startedAt = ports.clock();
  const free = await ask(0);
  const milliseconds = ports.clock() - startedAt;
  const gated: Record<string, ShownText | null> = {};
  for (const { name, threshold } of presets) gated[name] = shownOf(await ask(threshold));
  return { ungated: shownOf(free), gated, reason: reasonOf(free), milliseconds, firstTokenMs: free.counts.firstTokenMs };
}

/** Asks the engine with the gate off and once for each prompt; answers of other thresholds are cut from that answer. */
function rememberingEngine(engine: CompletionEngine): CompletionEngine {
  const answers = new Map<string, Promise<CompleteResult>>();
  return {
    contextSize: () => engine.contextSize(),
    family: () => engine.family(),
    async complete(plan, limits, drafts, signal) {
      const free = { ...limits, threshold: 0 };
      const key = JSON.stringify([plan, free, drafts]);
      const answer = answers.get(key) ?? engine.complete(plan, free, drafts, signal);
      answers.set(key, answer);
      return resultAtThreshold(await answer, limits.threshold);
    },
  };
}

function shownOf(outcome: Outcome): ShownText | null {
  return outcome.outcome === "shown" ? { text: outcome.text, confidence: outcome.confidence } : null;
}

function reasonOf(outcome: Outcome): string {
  switch (outcome.outcome) {
    case "shown": return "";
    case "nothing": return outcome.detail === undefined ? outcome.reason : `${outcome.reason}: ${outcome.detail}`;
    case "cancelled": return "cancelled";
    case "failed": return `failed: ${outcome.cause}`;
  }
}
