import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { systemDisk, type Disk } from "../../src/services/models/disk.js";

/** A folder with so much room and no more. */
export interface SmallDisk {
  readonly folder: string;
  /** What downloads write with. It says that there is room, so that the disk runs full amid a write. */
  readonly disk: Disk;
  readonly real: boolean;
  /** Makes room. */
  grow(bytes: number): void;
  remove(): void;
}

/** A file system in memory where this process may mount one (root on Linux); undefined elsewhere. */
export function mountedDisk(bytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-small-"));
  const mount = (...options: string[]): boolean => spawnSync("mount", ["-t", "tmpfs", ...options, "tmpfs", folder]).status === 0;
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !mount("-o", `size=${String(bytes)}`)) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder, real: true, disk: { ...systemDisk, freeBytes: async () => 2 ** 50 },
    grow: (more) => { mount("-o", `remount,size=${String(more)}`); },
    remove() {
      spawnSync("umount", [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A folder whose files are written through an opener that stops at so many bytes, in the middle of a piece as a real disk does. */
export function countedDisk(bytes: number): SmallDisk {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-counted-"));
  const room = { bytes };
  return {
    folder, real: false,
    disk: {
      freeBytes: async () => 2 ** 50,
      async open(file) {
        const handle = await systemDisk.open(file);
        return {
          read: handle.read.bind(handle), datasync: handle.datasync.bind(handle), truncate: handle.truncate.bind(handle), stat: handle.stat.bind(handle), close: handle.close.bind(handle),
          write: (async (piece: Uint8Array, offset: number, length: number, position: number) => {
            const fits = Math.min(length, room.bytes - position);
            if (fits <= 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
            return handle.write(piece, offset, fits, position);
          }) as typeof handle.write,
        };
      },
    },
    grow: (more) => { room.bytes = more; },
    remove: () => { rmSync(folder, { recursive: true, force: true }); },
  };
}
