import { watch } from "node:fs";
import path from "node:path";
import type { Disposable } from "../../core/util/dispose";

/** Hears of changes of a file by anybody. Watches its folder, because the file may not be there yet; where watching fails, nothing is heard. */
export function watchFile(file: string, onChange: () => void): Disposable {
  try {
    const watcher = watch(path.dirname(file), { persistent: false }, (_, name) => { if (name === path.basename(file)) onChange(); });
    watcher.on("error", () => { watcher.close(); });
    return { dispose: () => { watcher.close(); } };
  } catch {
    return { dispose: () => undefined };
  }
}
