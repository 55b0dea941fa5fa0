import { complete, freshMemory, type CompletionPorts } from "../../src/core/completion/complete";
import { READ_AFTER, READ_BEFORE } from "../../src/core/completion/snapshot";
import { percentile } from "../../src/core/evaluation/percentile";
import { neverAborted } from "../../src/core/util/abort";
import { createCompletionEngine } from "../../src/services/engine/completionEngine";
import { benchModel, readProjectFile, starterPath, startBenchEngine } from "./engines";
import { milliseconds, type Figure } from "./table";

/** Source files whose lines are typed again. */
const FILES = ["src/engine/engineService.ts", "src/core/completion/trim.ts", "src/services/engine/engineProcess.ts"];
/** Lines per file, spread over it. */
const LINES_PER_FILE = 8;

interface KeyCost {
  readonly evaluated: number;
  readonly firstTokenMs: number | null;
}

/** Tokens evaluated a key press while typing on one line, from the engine's own count: the starter and an anchored family. */
export async function typingFigures(): Promise<readonly Figure[]> {
  const anchored = benchModel("qwen-tiny", () => ({ architecture: "qwen2", family: "qwen", layers: 2, width: 128, vocabulary: 3_328, contextLength: 4_096 }));
  return [
    ...(await figuresFor("starter (suffix first)", starterPath, 0.5)),
    ...(await figuresFor("Qwen format, synthetic (anchored)", anchored, 0)),
  ];
}

async function figuresFor(name: string, model: string, threshold: number): Promise<Figure[]> {
  const supervisor = await startBenchEngine("completion", model, 2_048);
  try {
    const ports: CompletionPorts = {
      engine: createCompletionEngine(supervisor),
      heads: { head: () => [] },
      exclusions: { excludedBecause: () => Promise.resolve(undefined) },
      wait: () => Promise.resolve(),
      clock: () => performance.now(),
    };
    const costs: KeyCost[] = [];
    const cold: number[] = [];
    for (const file of FILES) await typeFile(readProjectFile(file), file, threshold, ports, costs, cold);
    const evaluated = costs.map((cost) => cost.evaluated);
    const [p50, p95] = [percentile(evaluated, 0.5) ?? 0, percentile(evaluated, 0.95) ?? 0];
    const times = costs.map((cost) => cost.firstTokenMs).filter((time) => time !== null);
    return [
      { name: `${name}: tokens a key, p50 of ${String(costs.length)}`, measured: String(p50), goal: "at most 2; floor 1; a peer's /infill 246", met: p50 <= 2 },
      { name: `${name}: tokens a key, p95`, measured: String(p95), goal: "at most 8; a peer's /infill 254", met: p95 <= 8 },
      { name: `${name}: tokens of a line's first key, p50`, measured: String(percentile(cold, 0.5)), goal: "" },
      { name: `${name}: key to first token, p50`, measured: milliseconds(percentile(times, 0.5) ?? 0), goal: "" },
    ];
  } finally {
    supervisor.dispose();
  }
}

/** Types chosen lines again, key by key, with the rest of the file after the cursor. */
async function typeFile(text: string, path: string, threshold: number, ports: CompletionPorts, costs: KeyCost[], cold: number[]): Promise<void> {
  const lines = text.split("\n");
  const memory = freshMemory();
  const long = [...lines.entries()].filter(([, line]) => line.trim().length > 20);
  const chosen = long.filter((_, index) => index % Math.ceil(long.length / LINES_PER_FILE) === 0);
  for (const [number, line] of chosen) {
    const above = `${lines.slice(0, number).join("\n")}\n`;
    const below = `\n${lines.slice(number + 1).join("\n")}`;
    for (let length = 1; length <= line.length; length++) {
      const before = above + line.slice(0, length);
      const snapshot = { path, languageId: "typescript", offset: before.length, line: number, before: before.slice(-READ_BEFORE), after: below.slice(0, READ_AFTER) };
      const outcome = await complete(snapshot, { explicit: false, threshold, engines: "model" }, memory, ports, neverAborted);
      if (length === 1) cold.push(outcome.counts.evaluatedTokens);
      else costs.push({ evaluated: outcome.counts.evaluatedTokens, firstTokenMs: outcome.counts.firstTokenMs });
    }
  }
}
