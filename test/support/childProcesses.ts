import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** A process as the system lists it. */
interface ListedProcess {
  readonly id: number;
  readonly parent: number;
  readonly state: string;
  readonly command: string;
}

/** Id, parent, state and command. Without -ww macOS cuts a command; Windows has no `ps`, and no state of this kind. */
const LISTING = process.platform === "win32"
  ? ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", "Get-CimInstance Win32_Process | ForEach-Object { '{0} {1} - {2}' -f $_.ProcessId, $_.ParentProcessId, $_.CommandLine }"] as const
  : ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="] as const;

function listProcesses(): ListedProcess[] {
  const [program, ...options] = LISTING;
  const lines = execFileSync(program, options, { encoding: "utf8", maxBuffer: 1 << 26, windowsHide: true }).trim().split(/\r?\n/);
  return lines.flatMap((line) => {
    const [, id, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return id === undefined ? [] : [{ id: Number(id), parent: Number(parent), state: state ?? "", command: command ?? "" }];
  });
}

/** Engine processes, real or stand-ins, that this process has started and that still live; with their own children. */
function livingEngines(): ListedProcess[] {
  const all = listProcesses().filter(({ state }) => !state.startsWith("Z"));
  const ours = new Set([process.pid]);
  for (const { id, parent } of all) if (ours.has(parent)) ours.add(id);
  return all.filter(({ id, command }) => ours.has(id) && id !== process.pid && /engine\.mjs|fixtures[\\/]engine[\\/]|node-llama-cpp/.test(command));
}

/** Processes that a process has started and that still live, by their ids. */
export function childrenOf(processId: number): number[] {
  return listProcesses().filter(({ parent, state }) => parent === processId && !state.startsWith("Z")).map(({ id }) => id);
}

/** Whether a process lives; one that has ended but was not yet collected does not. */
export function lives(processId: number): boolean {
  return process.platform === "win32" ? answersToItsId(processId) : listProcesses().some(({ id, state }) => id === processId && !state.startsWith("Z"));
}

/** The quick way where nothing is left of a process that has ended. */
function answersToItsId(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

/** Waits for a process of a command that another one starts, and gives its id. */
export async function startedBy(parent: number, command: string, limitMs = 10_000): Promise<number> {
  const found = (): number | undefined => listProcesses().find((one) => one.parent === parent && one.command.includes(command))?.id;
  await until(() => found() !== undefined, limitMs, `process ${String(parent)} starts no ${command}`);
  return found() ?? 0;
}

/** Waits until a process that is not our child has ended: nothing tells us, so this has to look. */
export async function ended(processId: number, limitMs = 10_000): Promise<void> {
  await until(() => !lives(processId), limitMs, `process ${String(processId)} lives`);
}

/** Registers the check that a suite leaves no engine process behind. */
export function leavesNoEngine(): void {
  after("no engine process is left", async () => {
    await until(() => livingEngines().length === 0, 10_000, "engine processes are left").catch(() => {
      assert.deepEqual(livingEngines(), []);
    });
  });
}

/** Waits until something holds that nobody tells of. */
export async function until(holds: () => boolean, limitMs: number, otherwise: string): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > deadline) assert.fail(otherwise);
    await delay(20);
  }
}
