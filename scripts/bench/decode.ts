import path from "node:path";
import { neverAborted } from "../../src/core/util/abort";
import { EngineMethod, type CompleteResult } from "../../src/protocol/engine";
import { projectRoot, runCommand } from "../project";
import { halfDepthModel, startBenchEngine } from "./engines";
import type { Figure } from "./table";

const TOKENS = 120;
const ROUNDS = 5;
const PREFIX = "function add(left: number, right: number): number {\n  return left + right;\n}\n".repeat(4);

/** Decode speed through the child against the same library called directly in one process, same file, alternating. */
export async function decodeFigures(): Promise<readonly Figure[]> {
  return [await compare("12 layers, 896 wide, 151,936 tokens", halfDepthModel())];
}

async function compare(name: string, model: string): Promise<Figure> {
  const through: number[] = [];
  const direct: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    direct.push(await directSpeed(model));
    through.push(await childSpeed(model));
  }
  const [ours, theirs] = [median(through), median(direct)];
  const ratio = ours / theirs;
  return { name: `decode through the child, ${name}`, measured: `${ours.toFixed(0)} tok/s, ratio ${ratio.toFixed(2)}`, goal: `at least 0.90 of the library alone (${theirs.toFixed(0)} tok/s)`, met: ratio >= 0.9 };
}

/** Tokens a second after the first one, as the session decodes them: greedy, with each token's probability. */
async function childSpeed(model: string): Promise<number> {
  const supervisor = await startBenchEngine("completion", model, 1_024);
  try {
    const params = {
      fresh: true, drafts: [],
      plan: { path: "add.ts", head: [], prefix: PREFIX, typed: "", suffix: "" },
      limits: { maxTokens: TOKENS, maxLines: 1_000, threshold: 0, timeBudgetMs: 600_000, leastDraft: 0 },
    };
    const result = await supervisor.request<CompleteResult>("completion", EngineMethod.complete, params, neverAborted);
    if (result.generatedTokens < TOKENS) throw new Error(`the model ended after ${String(result.generatedTokens)} tokens (${result.stop})`);
    return (result.generatedTokens - 1) / ((result.totalMs - (result.firstTokenMs ?? 0)) / 1_000);
  } finally {
    supervisor.dispose();
  }
}

async function directSpeed(model: string): Promise<number> {
  const script = path.join(projectRoot, "scripts", "bench", "directDecode.mjs");
  return Number(await runCommand(process.execPath, [script, model, PREFIX, String(TOKENS)], { quiet: true }));
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
