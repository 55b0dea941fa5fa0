import type { ChildProcess } from "node:child_process";

/**
 * Whether a process that looks at a driver is started as the leader of a group: the library tries its binaries in a
 * further process, and one that hangs in the driver heeds nobody. Windows has no groups and needs none: there each
 * process of Node's holds those that it starts in a job, and the system ends them with it, however it ends.
 */
export const OWN_GROUP = process.platform !== "win32";

/** Ends a process that was started with `detached: OWN_GROUP`, with whatever it started; harmless where they are gone. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (!OWN_GROUP) {
    child.kill("SIGKILL");
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}
