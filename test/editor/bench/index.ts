import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as vscode from "vscode";
import { closeEditors, readyEngine, showSampleFile, until, withSettings } from "../suite/extension";

/** Figures measured inside the extension host, in milliseconds; read by scripts/bench/editor.ts. */
export interface EditorBenchFigures {
  readonly activationMs: number;
  readonly readyMs: number;
  /** Longest and 99th percentile delay of the extension host's event loop while typing, with ghost text and without. */
  readonly typing: { readonly maxMs: number; readonly p99Ms: number };
  readonly typingWithout: { readonly maxMs: number; readonly p99Ms: number };
}

interface MeasuredApi {
  readonly timings: () => { readonly activationMs: number; readonly readyMs: number | undefined };
}

const TYPED = "const total = items.reduce((sum, item) => sum + item.count, 0); if (total > 10) { return total; } else { report(total); }";
const KEY_INTERVAL_MS = 60;

/** Runs in place of the suite; the result file has the suite's form with `figures` added. */
export async function run(): Promise<void> {
  const file = process.env["GHOSTLIGHT_SUITE_RESULT"];
  if (file === undefined) throw new Error("GHOSTLIGHT_SUITE_RESULT names no file");
  const api = (await readyEngine()) as unknown as MeasuredApi;
  await until(() => api.timings().readyMs !== undefined, () => "the first ready model");
  const typing = await typeAndMeasure();
  let typingWithout = typing;
  await withSettings({ "ghostlight.completion.enabled": { "*": false } }, async () => { typingWithout = await typeAndMeasure(); });
  const { activationMs, readyMs } = api.timings();
  const figures: EditorBenchFigures = { activationMs, readyMs: readyMs ?? Number.NaN, typing, typingWithout };
  writeFileSync(file, JSON.stringify({ done: true, passes: 1, failures: 0, pending: 0, figures }));
}

/** Types into a new document as a person would and watches this process's event loop. */
async function typeAndMeasure(): Promise<{ maxMs: number; p99Ms: number }> {
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
