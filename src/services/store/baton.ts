import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/*
 * What locks among the windows of a person are made of: a folder with one file in it, a baton, whose name says who has
 * it. Taking it, giving it back and taking it from somebody dead are each one `rename`, which exactly one process can
 * win. Nothing is deleted, so nobody can delete what another one has just taken.
 */

/** Name of the baton while nobody has it. */
export const FREE_BATON = "free";

/** A name for the baton that says which process has it; another one with each call. */
export function newBatonName(): string {
  return `held-${hostHash()}-${String(process.pid)}-${processStart()}-${randomUUID()}`;
}

/** Name of the baton in `folder`; undefined where there is no lock yet, or in the instant of its renaming. */
export async function batonIn(folder: string): Promise<string | undefined> {
  const [found] = await readdir(folder).catch(() => [] as string[]);
  return found;
}

/** Renames the baton; false where another process was faster. */
export async function takeBaton(folder: string, from: string, mine: string): Promise<boolean> {
  try {
    await rename(path.join(folder, from), path.join(folder, mine));
    return true;
  } catch (error) {
    // Windows says EPERM or EACCES while another process moves it.
    if (["ENOENT", "EPERM", "EACCES", "EBUSY"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** Makes a lock with a free baton where there is none. Made beside and moved into place: a folder that is not empty cannot be moved over. */
export async function makeBaton(folder: string): Promise<void> {
  const beside = `${folder}.${randomUUID()}`;
  await mkdir(beside, { mode: 0o700 });
  await writeFile(path.join(beside, FREE_BATON), "");
  await rename(beside, folder).catch(() => undefined);
  await rm(beside, { recursive: true, force: true });
  // Says why, where it could not be made.
  await readdir(folder);
}

/** Whether the process that took the baton has ended. Of another machine (a shared home) that cannot be told. */
export function holderHasEnded(name: string): boolean {
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
