import { copyFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import * as valibot from "valibot";
import { createFileLock, type FileLock } from "../store/fileLock";
import { writeLastingJsonFile } from "../store/jsonFile";

const text = valibot.string();
const time = valibot.pipe(text, valibot.isoTimestamp());
const hash = valibot.pipe(text, valibot.regex(/^[0-9a-f]{64}$/));
const count = valibot.pipe(valibot.number(), valibot.finite(), valibot.minValue(0));

const installed = valibot.object({
  /** Unique. The catalog's id, a link's, or one given to a file that was there. */
  id: valibot.pipe(text, valibot.regex(/^[\w.-]+$/)),
  name: text,
  /** Absolute path; of a model in parts the first one's. */
  file: text,
  sha256: hash,
  /** Whether the hash is one that a catalog states. */
  verified: valibot.boolean(),
  /** Of the file when its hash was made: bytes, milliseconds since 1970, and the system's number of it. */
  size: count,
  modified: count,
  inode: count,
  /** Of a model in parts each one's, in order: the numbers above are as `HashedFiles` says. */
  parts: valibot.optional(valibot.pipe(valibot.array(valibot.object({ sha256: hash, size: count, modified: count, inode: count })), valibot.readonly())),
  source: valibot.object({
    /** How it came. */
    how: valibot.picklist(["download", "adopted", "kit"]),
    /** Without query; null where it came from no server. */
    url: valibot.nullable(text),
    repository: valibot.nullable(text),
    revision: valibot.nullable(text),
    /** Which program's folder an adopted one lies in, in words; null otherwise. */
    place: valibot.nullable(text),
  }),
  licence: valibot.nullable(text),
  /** When the person accepted a licence that limits use, ISO 8601; null where none was shown. */
  licenceAcceptedAt: valibot.nullable(time),
  /** What it is used for. */
  uses: valibot.array(valibot.picklist(["completion", "chat", "embedding"])),
  /** Tokens per second as measured with it; null before. `conditions` says for which machine, threads and layers it holds. */
  speeds: valibot.nullable(valibot.object({ prefill: count, decode: count, measuredAt: time, conditions: text })),
  installedAt: time,
});

/** A model that can be used, as the list remembers it. */
export type InstalledModel = Readonly<valibot.InferOutput<typeof installed>>;

/** The list on disk, shared by all windows of a person. */
export interface InstalledFile {
  read(): Promise<readonly InstalledModel[]>;
  /** Changes the list as no other window changes it meanwhile. Rejects with what the file system says. */
  change(step: (models: readonly InstalledModel[]) => readonly InstalledModel[]): Promise<readonly InstalledModel[]>;
}

/** Nothing is written before the first change. An entry that cannot be understood is left out, and the file it stood in kept beside. */
export function createInstalledFile(file: string): InstalledFile {
  const lock = createFileLock(`${file}.lock`, "the list of models");
  return { read: async () => (await readList(file)).models, change: (step) => change(file, lock, step) };
}

async function change(file: string, lock: FileLock, step: (models: readonly InstalledModel[]) => readonly InstalledModel[]): Promise<readonly InstalledModel[]> {
  await mkdir(path.dirname(file), { recursive: true });
  return lock.hold(async () => {
    const { models, damaged } = await readList(file);
    if (damaged) await copyFile(file, `${file}.damaged`);
    const changed = step(models);
    await writeLastingJsonFile(file, { version: 1, models: changed });
    return changed;
  });
}

const list = valibot.pipe(valibot.string(), valibot.parseJson(), valibot.object({ version: valibot.literal(1), models: valibot.array(valibot.unknown()) }));

async function readList(file: string): Promise<{ readonly models: readonly InstalledModel[]; readonly damaged: boolean }> {
  const found = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return { models: [], damaged: false };
  const parsed = valibot.safeParse(list, found);
  if (!parsed.success) return { models: [], damaged: true };
  const entries = parsed.output.models.map((entry) => valibot.safeParse(installed, entry));
  return { models: entries.flatMap((entry) => (entry.success ? [entry.output] : [])), damaged: entries.some(({ success }) => !success) };
}
