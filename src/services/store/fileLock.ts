import { readdir } from "node:fs/promises";
import { batonIn, FREE_BATON, holderHasEnded, makeBaton, newBatonName, takeBaton } from "./baton";

/** One lock among the windows of a person, that outlives their crashes, for work of milliseconds. */
export interface FileLock {
  /** Runs while no other process has the lock. Rejects when it cannot be had in time, or with what `work` rejects with. */
  hold<T>(work: (stillHeld: () => Promise<boolean>) => Promise<T>): Promise<T>;
}

/** Milliseconds. The work takes a few of them. */
export interface LockPatience {
  /** A living process that has had the lock for so long hangs, and loses it. */
  readonly hangsAfterMs: number;
  /** Nobody waits longer. */
  readonly patienceMs: number;
}

/** `folder` is made with the first need; its parent must exist. `guarded` is what the lock is for, in the words of an error. */
export function createFileLock(folder: string, guarded: string, patience: LockPatience = { hangsAfterMs: 8_000, patienceMs: 15_000 }): FileLock {
  return {
    async hold(work) {
      const mine = await acquire(folder, guarded, patience);
      try {
        return await work(async () => (await readdir(folder)).includes(mine));
      } finally {
        await takeBaton(folder, mine, FREE_BATON).catch(() => false);
      }
    },
  };
}

async function acquire(folder: string, guarded: string, { hangsAfterMs, patienceMs }: LockPatience): Promise<string> {
  const mine = newBatonName();
  const started = performance.now();
  let holder = FREE_BATON;
  let holderSeen = started;
  for (let pause = 1; ; pause = Math.min(pause * 2, 25)) {
    if (await takeBaton(folder, FREE_BATON, mine)) return mine;
    const found = await batonIn(folder);
    if (found === undefined) await makeBaton(folder);
    else if (found !== holder) [holder, holderSeen] = [found, performance.now()];
    const hangs = performance.now() - holderSeen > hangsAfterMs;
    if (found !== undefined && found !== FREE_BATON && (holderHasEnded(found) || hangs) && (await takeBaton(folder, found, mine))) return mine;
    if (performance.now() - started > patienceMs) throw new Error(`another window holds ${guarded}`);
    await new Promise((resolve) => setTimeout(resolve, pause + Math.random() * pause));
  }
}
