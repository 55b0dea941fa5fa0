import { createHash } from "node:crypto";
import path from "node:path";
import { shardNames } from "../../core/models/shards";
import { factsOf, hashFileInSteps, sameFile, type FileFacts } from "./fileFacts";

/**
 * What tells cheaply of a model that its content may have changed. Of one in parts the size is that of all, the time of
 * the last change the latest one, `modified` and `inode` are the first part's; `parts` has each by itself, in order.
 */
export interface ModelFilesFacts extends FileFacts {
  readonly parts?: readonly FileFacts[] | undefined;
}

/** As `ModelFilesFacts`, with the content's hash: of a model in parts `hashOfParts`, and each part's own. */
export interface HashedFiles extends FileFacts {
  readonly sha256: string;
  readonly parts?: readonly (FileFacts & { readonly sha256: string })[] | undefined;
}

/** The files of a model, absolute: the one at that path, or all parts where its name is one of a part. */
export function modelFiles(file: string): readonly string[] {
  return shardNames(path.basename(file)).map((name) => path.join(path.dirname(file), name));
}

/** What tells of its files; of one that is not there, or no plain file, the path. */
export async function factsOfModel(file: string): Promise<ModelFilesFacts | { readonly missing: string }> {
  const parts: FileFacts[] = [];
  for (const part of modelFiles(file)) {
    const facts = await factsOf(part);
    if (!facts) return { missing: part };
    parts.push(facts);
  }
  return together(parts);
}

/** Whether all files are, as far as sizes, times and inodes can tell, those that they were. */
export function sameFiles(left: ModelFilesFacts, right: ModelFilesFacts): boolean {
  const [mine, others] = [left.parts ?? [], right.parts ?? []];
  return sameFile(left, right) && mine.length === others.length && mine.every((part, index) => others[index] !== undefined && sameFile(part, others[index]));
}

/** Facts with the hash, of a model in parts from the hashes of all. */
export function withHashes(facts: ModelFilesFacts, hashes: readonly string[]): HashedFiles {
  const { parts, ...whole } = facts;
  if (!parts) return { ...whole, sha256: hashes[0] ?? "" };
  return { ...whole, sha256: hashOfParts(hashes), parts: parts.map((part, index) => ({ ...part, sha256: hashes[index] ?? "" })) };
}

/** Hashes files that stay as they are meanwhile; `changing` where one did not. `onBytes` is told how far it is, as by `hashFileInSteps`; rejects as that does. */
export async function hashModel(file: string, onBytes: (bytes: number) => void | Promise<void>, signal: AbortSignal): Promise<HashedFiles | "changing" | { readonly missing: string }> {
  const before = await factsOfModel(file);
  if ("missing" in before) return before;
  const hashes: string[] = [];
  let read = 0;
  for (const [index, part] of modelFiles(file).entries()) {
    hashes.push(await hashFileInSteps(part, (bytes) => onBytes(read + bytes), signal));
    read += before.parts?.[index]?.size ?? 0;
  }
  const after = await factsOfModel(file);
  return "missing" in after || !sameFiles(before, after) ? "changing" : withHashes(before, hashes);
}

/**
 * Whether files hash as what is remembered. Of a model in parts that was remembered when only its first part was looked
 * at, that one decides: the others were never known.
 */
export function sameContent(known: Pick<HashedFiles, "sha256" | "parts">, found: HashedFiles): boolean {
  return known.sha256 === (found.parts && !known.parts ? found.parts[0]?.sha256 : found.sha256);
}

/**
 * The hash of a model in parts, over those of its parts: SHA-256 of their hexadecimal texts in order, each ended by a line
 * feed. `sha256sum NAME-*-of-*.gguf | cut -c1-64 | sha256sum` says the same.
 */
export function hashOfParts(hashes: readonly string[]): string {
  return createHash("sha256").update(hashes.map((hash) => `${hash}\n`).join("")).digest("hex");
}

function together(parts: readonly FileFacts[]): ModelFilesFacts {
  const [first] = parts;
  if (!first || parts.length === 1) return first ?? { size: 0, modified: 0, inode: 0 };
  return { ...first, size: parts.reduce((sum, { size }) => sum + size, 0), changed: Math.max(...parts.map(({ changed }) => changed ?? 0)), parts };
}
