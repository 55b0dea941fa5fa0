import { open, statfs, type FileHandle } from "node:fs/promises";

/** A file that is written while it comes. */
export type PartHandle = Pick<FileHandle, "write" | "read" | "datasync" | "truncate" | "stat" | "close">;

/** What large files need of the system. The system's own, unless a test stands in for it to let a disk run full. */
export interface Disk {
  /** Bytes that this person may still write to the disk of a folder. */
  freeBytes(folder: string): Promise<number>;
  /** For reading and writing; made where it is missing, never emptied. */
  open(file: string): Promise<PartHandle>;
}

/** Room that stays free beside a file: an editor and a system that cannot write are worse than no model. */
export const SPARE_BYTES = 1024 ** 3;

/** The system's own. */
export const systemDisk: Disk = {
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  open: (file) => openForBoth(file),
};

/** Node has no flag that makes a missing file and reads and writes at given places without emptying it, so two are tried. */
async function openForBoth(file: string): Promise<FileHandle> {
  return open(file, "r+").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return open(file, "wx+", 0o644);
  });
}
