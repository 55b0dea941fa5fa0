import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it; one that is there is left as it is. Rejects with what the file system says: ENOTDIR
 * where a file stands above it, and EINVAL for a name that the disk cannot hold. Node's own recursive call goes round
 * without end for such a name on Windows, where the system says that the folder above is missing although it is there.
 */
export async function makeFolder(folder: string, make: (folder: string) => Promise<unknown> = mkdir): Promise<void> {
  if ((await tryToMake(folder, make)) !== "above is missing") return;
  const above = dirname(folder);
  if (above === folder) throw failure("EINVAL", folder);
  await makeFolder(above, make).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? failure("ENOTDIR", folder) : error;
  });
  if ((await tryToMake(folder, make)) === "above is missing") throw failure("EINVAL", folder);
}

async function tryToMake(folder: string, make: (folder: string) => Promise<unknown>): Promise<"there" | "above is missing"> {
  try {
    await make(folder);
    return "there";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "above is missing";
    // The top of a disk cannot be made either, and says so in other ways.
    if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true) throw error;
    return "there";
  }
}

function failure(code: string, folder: string): Error {
  return Object.assign(new Error(`${code}: mkdir '${folder}'`), { code, syscall: "mkdir", path: folder });
}
