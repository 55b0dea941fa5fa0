import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as vscode from "vscode";
import { closeEditors, readyEngine, showSampleFile, until, withSettings } from "../suite/extension";

/** Figures measured inside the extension host, in milliseconds; read by scripts/bench/editor.ts. */
export interface EditorBenchFigures {
  readonly activationMs: number;
  readonly readyMs: number;
  /** Longest and 99th percentile delay of the extension host's event loop while typing, with ghost text and without. */
  readonly typing: Delay;
  readonly typingWithout: Delay;
}

interface Delay {
  readonly maxMs: number;
  readonly p99Ms: number;
}

interface MeasuredApi {
  readonly timings: () => { readonly activationMs: number; readonly readyMs: number | undefined };
}

const TYPED = "const total = items.reduce((sum, item) => sum + item.count, 0); if (total > 10) { return total; } else { report(total); }";
const KEY_INTERVAL_MS = 60;
const ROUNDS = 5;

/** Runs in place of the suite; the result file has the suite's form with `figures` added. */
export async function run(): Promise<void> {
  const file = process.env["GHOSTLIGHT_SUITE_RESULT"];
  if (file === undefined) throw new Error("GHOSTLIGHT_SUITE_RESULT names no file");
  const api = (await readyEngine()) as unknown as MeasuredApi;
  await until(() => api.timings().readyMs !== undefined, () => "the first ready model");
  const { activationMs, readyMs } = api.timings();
  const figures: EditorBenchFigures = { activationMs, readyMs: readyMs ?? Number.NaN, ...(await typingDelays()) };
  writeFileSync(file, JSON.stringify({ done: true, passes: 1, failures: 0, pending: 0, figures }));
}

/** With ghost text and without in turn, because the machine's own noise is of the same size; medians of the rounds. */
async function typingDelays(): Promise<Pick<EditorBenchFigures, "typing" | "typingWithout">> {
  const withGhostText: Delay[] = [];
  const without: Delay[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    withGhostText.push(await typeAndMeasure());
    await withSettings({ "ghostlight.completion.enabled": { "*": false } }, async () => { without.push(await typeAndMeasure()); });
  }
  return { typing: medians(withGhostText), typingWithout: medians(without) };
}

function medians(delays: readonly Delay[]): Delay {
  const middle = (values: readonly number[]): number => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
  return { maxMs: middle(delays.map((delay) => delay.maxMs)), p99Ms: middle(delays.map((delay) => delay.p99Ms)) };
}

/** Types into a new document as a person would and watches this process's event loop. */
async function typeAndMeasure(): Promise<Delay> {
  const editor = await showSampleFile("src/totals.ts");
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  await vscode.commands.executeCommand("type", { text: "\n" });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (const key of TYPED) {
    await vscode.commands.executeCommand("type", { text: key });
    await new Promise((resolve) => setTimeout(resolve, KEY_INTERVAL_MS));
  }
  delay.disable();
  await closeEditors();
  return { maxMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 };
}
