import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { whatToDo } from "../../core/engine/engineState";
import { describeModelFile, type ModelFileFacts } from "../../core/models/modelFile";
import { GgufError, readGgufHeader } from "../../core/models/gguf";
import { mergeShards, shardNames, shardOf } from "../../core/models/shards";
import { withFileSource } from "./fileSource";
import { FolderWalk, type WalkLimits } from "./folderWalk";
import type { ModelPlace, ModelProgram } from "./modelPlaces";
import { ollamaModels } from "./ollamaFiles";

/** A model file that is there already. It is used where it lies; nothing is copied, moved or written. */
export interface FoundModel {
  /** The file; of a split model its first part. */
  readonly path: string;
  readonly name: string;
  readonly program: ModelProgram;
  /** Bytes, of all parts together; 0 where the file is not there. */
  readonly size: number;
  readonly use: FoundUse;
}

/** What a file can be used for, or why it cannot be and what to do about it: whole sentences. */
export type FoundUse = { readonly usable: true; readonly facts: ModelFileFacts } | { readonly usable: false; readonly reason: string; readonly hint: string };

/** What was found, and whether limits left something out. */
export interface FoundModels {
  readonly models: readonly FoundModel[];
  readonly notes: readonly string[];
}

const LIMITS: FindLimits = { depth: 8, entries: 50_000, models: 1_000 };

/** How much is looked at. */
export interface FindLimits extends WalkLimits {
  /** Headers read. */
  readonly models: number;
}

/**
 * Looks for model files in places of other programs and of the person. Files that vanish, manifests that are broken,
 * links that lead in a circle and damaged headers become reasons; rejects with the signal's reason only. Reads every
 * header, up to 100 ms each: call it in a thread (`modelsThread.ts`).
 */
export async function findModels(places: readonly ModelPlace[], signal: AbortSignal, limits: FindLimits = LIMITS): Promise<FoundModels> {
  const walk = new FolderWalk(limits);
  const models: FoundModel[] = [];
  const known = new Set<string>();
  let full = false;
  for (const place of places) {
    for await (const { name, path, reason } of candidates(place, walk, signal)) {
      const real = await realpath(path).catch(() => path);
      if (known.has(real)) continue;
      known.add(real);
      full = models.length >= limits.models;
      if (full) break;
      models.push(reason === undefined ? await look(name, path, place.program) : { path, name, program: place.program, size: 0, use: unusable(reason, `Ask ${place.program} to get it again.`) });
    }
    if (full) break;
  }
  const notes = [...(full ? [`Only the first ${String(limits.models)} models are listed.`] : []), ...(walk.cut ? ["Some folders hold too much or lie too deep: name the model's own folder in the settings."] : [])];
  return { models, notes };
}

interface Candidate {
  readonly name: string;
  readonly path: string;
  readonly reason?: string;
}

async function* candidates(place: ModelPlace, walk: FolderWalk, signal: AbortSignal): AsyncGenerator<Candidate> {
  if (place.program === "Ollama") {
    yield* ollamaModels(place.folder, walk, signal);
    return;
  }
  for await (const path of walk.files(place.folder, signal)) {
    const isModel = /\.gguf$/i.test(path) && !basename(path).startsWith(".");
    if (isModel && !(await standsBehindFirstPart(path))) yield { name: nameOf(place, path), path };
  }
}

/** Parts after the first are no models of their own, unless the first is missing. */
async function standsBehindFirstPart(path: string): Promise<boolean> {
  const shard = shardOf(basename(path));
  if (!shard || shard.index === 1) return false;
  const names = shardNames(basename(path));
  const earlier = await Promise.all(names.slice(0, shard.index - 1).map((name) => isThere(join(dirname(path), name))));
  return earlier.includes(true);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** As the person knows it: the path below the program's folder, a repository of the Hugging Face cache by its owner and name. */
function nameOf(place: ModelPlace, path: string): string {
  const parts = relative(place.folder, path).split(sep);
  const name = (parts.at(-1) ?? "").replace(/\.gguf$/i, "").replace(/-\d{5}-of-\d{5}$/, "");
  const cached = place.program === "Hugging Face" ? /^models--(.+)$/.exec(parts[0] ?? "")?.[1] : undefined;
  if (cached !== undefined) return `${cached.replace("--", "/")}: ${name}`;
  return [...parts.slice(0, -1), name].join("/");
}

/** Reads what a file says of itself. Never rejects: whatever happens to a file is a reason. */
async function look(name: string, path: string, program: ModelProgram): Promise<FoundModel> {
  const parts = shardNames(basename(path)).map((part) => join(dirname(path), part));
  const sizes = await Promise.all(parts.map(async (part) => (await stat(part).catch(() => undefined))?.size));
  const size = sizes.reduce<number>((total, each) => total + (each ?? 0), 0);
  const missing = sizes.filter((each) => each === undefined).length;
  return { path, name, program, size, use: missing === 0 ? useOf(parts) : missingUse(missing, parts.length) };
}

function missingUse(missing: number, parts: number): FoundUse {
  if (parts === 1) return unusable("the file is not there: it was removed, or a link leads nowhere", whatToDo("missing"));
  return unusable(`of its ${String(parts)} parts ${String(missing)} ${missing === 1 ? "is" : "are"} missing`, whatToDo("truncated"));
}

function useOf(parts: readonly string[]): FoundUse {
  try {
    const [first, ...others] = parts.map((part) => withFileSource(part, readGgufHeader));
    if (!first) return missingUse(1, 1);
    const described = describeModelFile(mergeShards([first, ...others]));
    return "facts" in described ? { usable: true, facts: described.facts } : unusable(described.reason, whatToDo("unknownFamily"));
  } catch (error) {
    if (error instanceof GgufError) return unusable(error.message, whatToDo(error.code));
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return missingUse(1, 1);
    return unusable(code === "EACCES" || code === "EPERM" ? "it may not be read" : `it cannot be read (${error instanceof Error ? error.message : String(error)})`, whatToDo("unreadable"));
  }
}

/** Reasons come as the readers write them, without capital and end. */
function unusable(reason: string, hint: string): FoundUse {
  return { usable: false, reason: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`, hint };
}
