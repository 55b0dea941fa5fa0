import { open } from "node:fs/promises";

/** Puts what a folder lists onto the disk, after a rename in it. Windows has no such call, and some network disks refuse it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
