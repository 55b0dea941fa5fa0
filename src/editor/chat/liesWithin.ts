import { realpath } from "node:fs/promises";
import { sep } from "node:path";

/** True where `path` exists and, with every symbolic link resolved, lies below `folder`. Both are absolute. */
export async function liesWithin(path: string, folder: string): Promise<boolean> {
  try {
    const [place, root] = await Promise.all([realpath(path), realpath(folder)]);
    return place.startsWith(root.endsWith(sep) ? root : root + sep);
  } catch {
    return false;
  }
}
