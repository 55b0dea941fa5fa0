import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import type { BackendFinding } from "../../core/engine/backends";
import { tellsNoMemory } from "../../core/engine/memoryWords";
import { exitCodeWords, isCrashStatus } from "../../core/engine/processEnd";
import { abortError } from "../../core/util/abort";
import type { Log } from "../../core/util/log";
import { EXIT_NO_BACKEND, EXIT_NO_MEMORY, parseProbeReport } from "../../protocol/gpuProbe";
import type { GpuBackend } from "../../protocol/loadOptions";
import { endGroup, OWN_GROUP } from "./processGroup";
import type { Runtime } from "./runtimes";

/** How a probe is run. */
export interface ProbeOptions {
  readonly runtime: Runtime;
  /** Absolute path of `probe.mjs`. */
  readonly entry: string;
  /** A small model that is computed on the back end; without one it is only started. */
  readonly sampleModel?: string;
  readonly log: Log;
  /** Another limit than 20 seconds, for tests. */
  readonly limitMs?: number;
}

const LIMIT_MS = 20_000;
/** A report has a few hundred bytes; more than this is a console gone wild. */
const MOST_OUTPUT = 256 * 1024;

/** How a probe process ended. */
type ProbeEnd =
  | { readonly end: "exit"; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly end: "notStarted"; readonly message: string }
  | { readonly end: "hung" | "flooded" };

/**
 * Looks for a back end in a process of its own and classifies every way it may end. Rejects with an abort error only
 * when the signal fires. The process and what it started are gone afterwards.
 */
export async function probeBackend(backend: GpuBackend, options: ProbeOptions, signal: AbortSignal): Promise<BackendFinding> {
  if (signal.aborted) throw abortError();
  const child = startProbe(backend, options);
  if (child instanceof Error) return findingOf(backend, { end: "notStarted", message: child.message }, "", "");
  let output = "";
  let lastWords = "";
  const flooded = new Promise<ProbeEnd>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > MOST_OUTPUT) resolve({ end: "flooded" });
    });
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => { lastWords = (lastWords + text).slice(-2_000); });
  const end = await endOf(child, flooded, options.limitMs ?? LIMIT_MS, signal);
  const finding = findingOf(backend, end, output, lastWords);
  options.log.info(`${backend}: ${finding.outcome}${finding.outcome === "setAside" ? `, ${finding.how}` : finding.outcome === "unclear" ? `, ${finding.cause}` : ""}`);
  if (finding.outcome !== "works" && lastWords !== "") options.log.debug(`${backend}: the probe said: ${lastWords.trim()}`);
  return finding;
}

/** A file that the system cannot start at all throws at once, on Windows every file that is no program. */
function startProbe(backend: GpuBackend, { runtime, entry, sampleModel }: ProbeOptions): ChildProcessByStdio<null, Readable, Readable> | Error {
  try {
    return spawn(runtime.command, [entry, backend, ...(sampleModel === undefined ? [] : [sampleModel])], {
      env: { ...process.env, ...runtime.environment },
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      detached: OWN_GROUP,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function endOf(child: ChildProcess, flooded: Promise<ProbeEnd>, limitMs: number, signal: AbortSignal): Promise<ProbeEnd> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const closed = new Promise<ProbeEnd>((resolve) => {
    child.on("close", (code, exitSignal) => { resolve({ end: "exit", code, signal: exitSignal }); });
    child.on("error", (error) => { resolve({ end: "notStarted", message: error.message }); });
  });
  const late = new Promise<ProbeEnd>((resolve) => { timer = setTimeout(() => { resolve({ end: "hung" }); }, limitMs); });
  const aborted = new Promise<never>((_, reject) => {
    stop = () => { reject(abortError()); };
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([closed, flooded, late, aborted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    child.stdout?.destroy();
    child.stderr?.destroy();
    endGroup(child);
  }
}

function findingOf(backend: GpuBackend, end: ProbeEnd, output: string, lastWords: string): BackendFinding {
  switch (end.end) {
    case "hung": return { outcome: "unclear", cause: "slow" };
    case "flooded": return { outcome: "setAside", how: "it wrote without end when it was looked for" };
    case "notStarted": return { outcome: "setAside", how: `the process that looks for it did not start (${end.message})` };
    case "exit": {
      if (end.code === EXIT_NO_BACKEND) return { outcome: "absent" };
      // Where memory ends in the middle of an evaluation, the library ends the process with words.
      if (end.code === EXIT_NO_MEMORY || (end.code !== 0 && tellsNoMemory(lastWords))) return { outcome: "unclear", cause: "full" };
      if (end.signal !== null) return { outcome: "setAside", how: `it crashed when it was looked for (${end.signal})` };
      if (end.code !== 0) return { outcome: "setAside", how: codeWords(end.code ?? 1) };
      const report = parseProbeReport(output);
      if (report?.backend !== backend) return { outcome: "setAside", how: "what it told of itself could not be read" };
      if (report.computed === false) return { outcome: "setAside", how: "it computes nonsense" };
      return { outcome: "works", report };
    }
  }
}

function codeWords(code: number): string {
  return `it ${isCrashStatus(code) ? "crashed" : "failed"} when it was looked for (${exitCodeWords(code)})`;
}
