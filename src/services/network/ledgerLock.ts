import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/**
 * One lock among the windows of a person, that outlives their crashes. It is a folder with one file in it, a baton,
 * whose name says who has it; taking it, giving it back and taking it from somebody dead are each one `rename`, which
 * exactly one process can win. Nothing is deleted, so nobody can delete what another one has just taken.
 */
export interface LedgerLock {
  /** Runs while no other process has the baton. Rejects when it cannot be had in time, or with what `work` rejects with. */
  hold<T>(work: (stillHeld: () => Promise<boolean>) => Promise<T>): Promise<T>;
}

const FREE = "free";

/** Milliseconds. A line is written within a few of them. */
export interface LockPatience {
  /** A living process that has had the baton for so long hangs, and loses it. */
  readonly hangsAfterMs: number;
  /** Nobody waits longer. */
  readonly patienceMs: number;
}

/** `folder` is made with the first need; its parent must exist. */
export function createLedgerLock(folder: string, patience: LockPatience = { hangsAfterMs: 8_000, patienceMs: 15_000 }): LedgerLock {
  return {
    async hold(work) {
      const mine = await acquire(folder, patience);
      const own = path.join(folder, mine);
      try {
        return await work(async () => (await readdir(folder)).includes(mine));
      } finally {
        await rename(own, path.join(folder, FREE)).catch(() => undefined);
      }
    },
  };
}

async function acquire(folder: string, { hangsAfterMs, patienceMs }: LockPatience): Promise<string> {
  const mine = `held-${hostHash()}-${String(process.pid)}-${processStart()}-${randomUUID()}`;
  const started = performance.now();
  let holder = FREE;
  let holderSeen = started;
  for (let pause = 1; ; pause = Math.min(pause * 2, 25)) {
    if (await take(folder, FREE, mine)) return mine;
    const [found] = await readdir(folder).catch(() => [] as string[]);
    if (found === undefined) await makeLock(folder);
    else if (found !== holder) [holder, holderSeen] = [found, performance.now()];
    const hangs = performance.now() - holderSeen > hangsAfterMs;
    if (found !== undefined && found !== FREE && (isDead(found) || hangs) && (await take(folder, found, mine))) return mine;
    if (performance.now() - started > patienceMs) throw new Error("another window holds the ledger");
    await new Promise((resolve) => setTimeout(resolve, pause + Math.random() * pause));
  }
}

async function take(folder: string, from: string, mine: string): Promise<boolean> {
  try {
    await rename(path.join(folder, from), path.join(folder, mine));
    return true;
  } catch (error) {
    // Windows says EPERM or EACCES while another process moves it.
    if (["ENOENT", "EPERM", "EACCES", "EBUSY"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** Made beside and moved into place with the baton in it: a folder that is not empty cannot be moved over. */
async function makeLock(folder: string): Promise<void> {
  const beside = `${folder}.${randomUUID()}`;
  await mkdir(beside, { mode: 0o700 });
  await writeFile(path.join(beside, FREE), "");
  await rename(beside, folder).catch(() => undefined);
  await rm(beside, { recursive: true, force: true });
  // Says why, where it could not be made.
  await readdir(folder);
}

/** Whether the process that took the baton has ended. Of another machine (a shared home) that cannot be told. */
function isDead(name: string): boolean {
  const [, host, pid, start] = name.split("-");
  if (host !== hostHash()) return false;
  if (Number(pid) === process.pid) return start !== processStart();
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function hostHash(): string {
  return Buffer.from(os.hostname()).toString("hex").slice(-24);
}

function processStart(): string {
  return String(Math.round(performance.timeOrigin));
}
