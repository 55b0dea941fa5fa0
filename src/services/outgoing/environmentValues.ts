import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { environmentValues, isEnvironmentFileName, spellingsOf } from "../../core/outgoing/environmentFile";
import type { KnownValue } from "../../core/outgoing/redaction";

export interface EnvironmentValuesOptions {
  /** Absolute paths of the open folders; asked anew each time. */
  readonly folders: () => readonly string[];
  readonly limits?: Partial<EnvironmentLimits>;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

interface EnvironmentLimits {
  /** Folders below each open folder that are entered. */
  readonly mostFolders: number;
  readonly deepest: number;
  readonly mostFiles: number;
  /** Bytes that are read of one file. */
  readonly mostBytes: number;
}

/** The values of the workspace's environment files, to be masked wherever they stand. They are held in memory and never logged. */
export interface EnvironmentValues {
  /** Rejects when `signal` fires. Files that cannot be read give no values. */
  read(signal: AbortSignal): Promise<readonly KnownValue[]>;
  /** Looks for new files with the next question, whatever the last search cost: for a watcher of files. */
  lookAgain(): void;
}

const LIMITS: EnvironmentLimits = { mostFolders: 5_000, deepest: 12, mostFiles: 300, mostBytes: 1024 * 1024 };
/** Folders of other people's code and of build output. */
const SKIPPED = /^(?:\.git|\.hg|\.svn|node_modules|bower_components|__pycache__|\.venv|venv|site-packages|\.tox|\.gradle|\.cache|target|\.terraform)$/i;
/** A search for new files takes at most this share of the time: known files are looked at with every question. */
const SEARCH_SHARE = 0.05;

interface Known {
  readonly state: string;
  readonly values: readonly KnownValue[];
}

/** Finds and reads the files; what did not change (time and size) is not read again. */
export function createEnvironmentValues({ folders, limits, now = () => performance.now() }: EnvironmentValuesOptions): EnvironmentValues {
  const bounds = { ...LIMITS, ...limits };
  const known = new Map<string, Known>();
  let found: { readonly key: string; readonly files: readonly string[]; readonly again: number } | undefined;

  const filesOf = async (roots: readonly string[], signal: AbortSignal): Promise<readonly string[]> => {
    const key = roots.join("\n");
    const started = now();
    if (found?.key === key && started < found.again) return found.files;
    const files = (await Promise.all(roots.map((root) => search(root, bounds, signal)))).flatMap((list) => list.map(({ file }) => file));
    const took = now() - started;
    found = { key, files: [...new Set(files)], again: now() + took / SEARCH_SHARE };
    return found.files;
  };
  const valuesOf = async (file: string, roots: readonly string[]): Promise<readonly KnownValue[]> => {
    const state = await stat(file).then((it) => (it.isFile() ? `${String(it.mtimeMs)} ${String(it.ctimeMs)} ${String(it.size)}` : ""), () => "");
    const earlier = known.get(file);
    if (state !== "" && earlier?.state === state) return earlier.values;
    const values = state === "" ? [] : toKnown(await readStart(file, bounds.mostBytes), nameOf(file, roots));
    known.set(file, { state, values });
    return values;
  };
  return {
    async read(signal) {
      const roots = folders();
      const files = await filesOf(roots, signal);
      signal.throwIfAborted();
      for (const file of [...known.keys()]) if (!files.includes(file)) known.delete(file);
      return (await Promise.all(files.map((file) => valuesOf(file, roots)))).flat();
    },
    lookAgain() {
      found = undefined;
    },
  };
}

/** Breadth first, so that what lies near the root is found within the limits; in the order of names, links to folders not followed. */
async function search(root: string, { mostFolders, deepest, mostFiles }: EnvironmentLimits, signal: AbortSignal): Promise<{ file: string }[]> {
  const found: { file: string }[] = [];
  let level = [root];
  let entered = 0;
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    signal.throwIfAborted();
    const next: string[] = [];
    const taken = level.slice(0, Math.max(0, mostFolders - entered));
    entered += taken.length;
    for (let start = 0; start < taken.length; start += 32) {
      const listings = await Promise.all(taken.slice(start, start + 32).map(async (folder) => ({ folder, entries: await readdir(folder, { withFileTypes: true }).catch(() => []) })));
      for (const { folder, entries } of listings) {
        for (const entry of entries) {
          if (entry.isDirectory()) {
            if (!SKIPPED.test(entry.name)) next.push(path.join(folder, entry.name));
          } else if (isEnvironmentFileName(entry.name) && found.length < mostFiles) found.push({ file: path.join(folder, entry.name) });
        }
      }
    }
    level = next;
  }
  return found;
}

async function readStart(file: string, mostBytes: number): Promise<string> {
  const handle = await open(file, "r").catch(() => undefined);
  if (!handle) return "";
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(Math.min(size, mostBytes));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return new TextDecoder(utf16 ? "utf-16le" : "utf-8").decode(bytes.subarray(0, bytesRead));
  } catch {
    return "";
  } finally {
    await handle.close();
  }
}

function toKnown(text: string, name: string): KnownValue[] {
  const base64Of = (value: string): string => Buffer.from(value).toString("base64");
  return environmentValues(text).flatMap((value) => spellingsOf(value, base64Of)).map((value) => ({ value, kind: `value of ${name}` }));
}

function nameOf(file: string, roots: readonly string[]): string {
  const root = roots.find((one) => file.startsWith(one + path.sep));
  return (root === undefined ? path.basename(file) : path.relative(root, file)).replaceAll(path.sep, "/");
}
