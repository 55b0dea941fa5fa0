import { existsSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { percentile } from "../../src/core/evaluation/percentile";
import { READ_AFTER, READ_BEFORE } from "../../src/core/completion/snapshot";
import { neverAborted } from "../../src/core/util/abort";
import { silentLog } from "../../src/core/util/log";
import { createRecallVoice, type FolderRecall } from "../../src/services/index/recallVoice";
import { cacheFolder, PlainError, projectRoot } from "../project";
import { makeRecallWorkspace, type BenchWorkspace } from "./recallWorkspace";
import { milliseconds, type Figure } from "./table";

/** Lines that are typed again for each size, and what they must cost. */
const LINES = 60;
const SIZES = [
  { megabytes: 10, buildSeconds: 3, keyMs: 5, reopenSeconds: 1 },
  { megabytes: 100, buildSeconds: 30, keyMs: 10, reopenSeconds: undefined },
] as const;
type Size = (typeof SIZES)[number];

/** Recall over synthetic workspaces of real source text: building, memory, answers through the worker, reopening. Needs `npm run build`. */
export async function recallFigures(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const size of SIZES) {
    const workspace = await makeRecallWorkspace(path.join(cacheFolder, "bench-recall"), size.megabytes * 1e6);
    try {
      figures.push(...(await figuresFor(size, workspace)));
    } finally {
      await rm(path.dirname(workspace.root), { recursive: true, force: true });
    }
  }
  return figures;
}

async function figuresFor(size: Size, workspace: BenchWorkspace): Promise<Figure[]> {
  const name = `${String(size.megabytes)} MB`;
  const storageFolder = path.join(path.dirname(workspace.root), "storage");
  const residentBefore = process.memoryUsage.rss();
  const voice = open(workspace, storageFolder);
  const startedAt = performance.now();
  const usedBefore = process.cpuUsage();
  const statistics = await voice.ready(neverAborted);
  const buildMs = performance.now() - startedAt;
  const buildCpu = cpuMs(usedBefore);
  if (statistics.state !== "ready") throw new PlainError(`recall: ${statistics.note}`);
  const resident = process.memoryUsage.rss() - residentBefore;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const usedBeforeKeys = process.cpuUsage();
  const keys = await typeLines(voice, workspace, LINES);
  const keyCpu = cpuMs(usedBeforeKeys) / keys.length;
  delay.disable();
  const saveAt = performance.now();
  voice.dispose();
  await voice.closed;
  const saveMs = performance.now() - saveAt;
  const stored = (await stat(path.join(storageFolder, "recall.index"))).size;
  const reopened = await reopen(workspace, storageFolder);
  const busy = await whileBuilding(workspace);
  const ratio = statistics.memoryBytes / statistics.sourceBytes;
  const key95 = percentile(keys, 0.95) ?? 0;
  return [
    { name: `${name} (${megabytes(statistics.sourceBytes)}, ${String(statistics.files)} files): index built`, measured: `${(buildMs / 1000).toFixed(2)} s`, goal: `at most ${String(size.buildSeconds)} s in the background; ${(buildCpu / 1000).toFixed(2)} s of processor time`, met: buildMs <= size.buildSeconds * 1000 },
    { name: `${name}: memory of the index a byte of source`, measured: ratio.toFixed(2), goal: "at most 2", met: ratio <= 2 },
    { name: `${name}: memory of the index`, measured: megabytes(statistics.memoryBytes), goal: `at most 200 MB; the process grew by ${megabytes(resident)}`, met: statistics.memoryBytes <= 200e6 },
    { name: `${name}: left out by the caps`, measured: `${String(statistics.overLimit)} files`, goal: "" },
    { name: `${name}: a key through the worker, p50 / p95 of ${String(keys.length)}`, measured: `${milliseconds(percentile(keys, 0.5) ?? 0)} / ${milliseconds(key95)}`, goal: `p95 at most ${String(size.keyMs)} ms; ${milliseconds(keyCpu)} of processor time on average`, met: key95 <= size.keyMs },
    { name: `${name}: the same while the index is built`, measured: `${milliseconds(percentile(busy, 0.5) ?? 0)} / ${milliseconds(percentile(busy, 0.95) ?? 0)}`, goal: "" },
    { name: `${name}: event-loop delay of the host's thread meanwhile, 99th percentile`, measured: milliseconds(delay.percentile(99) / 1e6), goal: "at most 16 ms", met: delay.percentile(99) / 1e6 <= 16 },
    { name: `${name}: stored when the window closes`, measured: `${megabytes(stored)} in ${milliseconds(saveMs)}`, goal: "at most 3 s" },
    { name: `${name}: ready when reopened (${String(reopened.files)} files taken over)`, measured: `${(reopened.ms / 1000).toFixed(2)} s`, goal: size.reopenSeconds === undefined ? "" : `at most ${String(size.reopenSeconds)} s`, ...(size.reopenSeconds === undefined ? {} : { met: reopened.ms <= size.reopenSeconds * 1000 }) },
  ];
}

function open(workspace: BenchWorkspace, storageFolder: string | null): FolderRecall {
  const workerPath = path.join(projectRoot, "dist", "recallWorker.js");
  if (!existsSync(workerPath)) throw new PlainError("dist/recallWorker.js is missing: npm run build makes it.");
  return createRecallVoice({ root: workspace.root, workerPath, weightsPath: path.join(projectRoot, "models", "recall", "weights.json"), storageFolder, version: "bench", editorExcludes: [], userGlobs: [], readAbove: false, openFiles: [], log: silentLog });
}

async function reopen(workspace: BenchWorkspace, storageFolder: string): Promise<{ ms: number; files: number }> {
  const startedAt = performance.now();
  const voice = open(workspace, storageFolder);
  const { storedFiles } = await voice.ready(neverAborted);
  const ms = performance.now() - startedAt;
  voice.dispose();
  await voice.closed;
  return { ms, files: storedFiles };
}

/** A second index, without a store, that is asked while it is built. */
async function whileBuilding(workspace: BenchWorkspace): Promise<number[]> {
  const voice = open(workspace, null);
  const built = voice.ready(neverAborted);
  const times = await typeLines(voice, workspace, 10);
  await built;
  voice.dispose();
  await voice.closed;
  return times;
}

/** Milliseconds of processor time, of all threads, since `before`. */
function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Types lines spread over the workspace again, key by key; the milliseconds of each answer. */
async function typeLines(voice: FolderRecall, workspace: BenchWorkspace, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const file = workspace.files[Math.floor((index / count) * workspace.files.length)];
    if (!file) continue;
    const text = await file.read();
    const lines = text.split("\n");
    const number = lines.findIndex((line, at) => at >= lines.length / 2 && line.trim().length > 15);
    const line = lines[number];
    if (line === undefined) continue;
    const above = lines.slice(0, number).map((other) => `${other}\n`).join("");
    const below = `\n${lines.slice(number + 1).join("\n")}`;
    for (let length = 1; length <= Math.min(line.length, 40); length++) {
      const before = above + line.slice(0, length);
      const startedAt = performance.now();
      await voice.suggest({ path: file.path, offset: before.length, before: before.slice(-READ_BEFORE), after: below.slice(0, READ_AFTER) }, neverAborted);
      times.push(performance.now() - startedAt);
    }
  }
  return times;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
