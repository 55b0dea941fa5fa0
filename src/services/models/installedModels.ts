import { unlink } from "node:fs/promises";
import path from "node:path";
import * as valibot from "valibot";
import { createFileLock } from "../store/fileLock";
import { readJsonFile, writeJsonFile } from "../store/jsonFile";

const installedModel = valibot.object({
  /** Id of the catalog; null for a file of a link. */
  id: valibot.nullable(valibot.string()),
  /** Absolute path. */
  file: valibot.string(),
  name: valibot.string(),
  sha256: valibot.string(),
  /** Whether the hash is the catalog's; false where nobody vouches for the file. */
  verified: valibot.boolean(),
  size: valibot.number(),
  licence: valibot.nullable(valibot.string()),
  /** Milliseconds since 1970. */
  installedAt: valibot.number(),
  /** Tokens a second on this machine. */
  measured: valibot.optional(valibot.object({ prefill: valibot.number(), decode: valibot.number() })),
});

/** A model that was installed by Ghostlight, or measured where it lies. */
export type InstalledModel = valibot.InferOutput<typeof installedModel>;

/** Which models were installed, in one small file that all windows share. */
export interface InstalledModels {
  /** As it was read last. */
  list(): readonly InstalledModel[];
  /** Adds an entry, or takes the place of the one of the same file. Resolves once it is on disk. */
  add(entry: Omit<InstalledModel, "installedAt">): Promise<void>;
  /** Remembers a measurement of a file, whether it was installed or not. */
  measured(file: string, facts: Pick<InstalledModel, "name" | "size">, measured: { readonly prefill: number; readonly decode: number }): Promise<void>;
  /** Forgets a file, and deletes it where it lies in Ghostlight's own folder: no other file is ever deleted. Rejects where it cannot be. */
  remove(file: string): Promise<void>;
}

/** Opens the file `store`. `folder` is Ghostlight's own folder for models. A damaged store begins anew: the files are found again where they lie. */
export function createInstalledModels(store: string, folder: () => string, now: () => number): InstalledModels {
  const lock = createFileLock(`${store}.lock`, "the list of models");
  const read = (): InstalledModel[] => {
    const parsed = valibot.safeParse(valibot.array(installedModel), readJsonFile(store));
    return parsed.success ? parsed.output : [];
  };
  const change = (how: (entries: InstalledModel[]) => InstalledModel[]): Promise<void> =>
    lock.hold(async () => { writeJsonFile(store, how(read())); });
  const without = (entries: readonly InstalledModel[], file: string): InstalledModel[] => entries.filter((entry) => entry.file !== file);
  return {
    list: read,
    add: (entry) => change((entries) => [...without(entries, entry.file), { ...entry, installedAt: now() }]),
    measured: (file, { name, size }, measured) => change((entries) => {
      const known = entries.find((entry) => entry.file === file) ?? { id: null, file, name, sha256: "", verified: false, size, licence: null, installedAt: now() };
      return [...without(entries, file), { ...known, measured }];
    }),
    remove: async (file) => {
      if (liesBelow(folder(), file)) await unlink(file).catch((error: NodeJS.ErrnoException) => { if (error.code !== "ENOENT") throw error; });
      await change((entries) => without(entries, file));
    },
  };
}

function liesBelow(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
}
