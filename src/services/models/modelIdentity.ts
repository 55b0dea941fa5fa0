import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import * as valibot from "valibot";
import { abortError } from "../../core/util/abort";
import { readJsonFile, writeJsonFile } from "../store/jsonFile";

/** A model file by its content, and by what tells cheaply that the content may have changed. */
const knownModel = valibot.object({ sha256: valibot.string(), size: valibot.number(), modified: valibot.number(), inode: valibot.number() });
const knownModels = valibot.record(valibot.string(), knownModel);
type KnownModel = valibot.InferOutput<typeof knownModel>;

/** What is known of a file before it is loaded. */
export type ModelIdentity =
  | { readonly identity: "known"; readonly sha256: string }
  | { readonly identity: "new"; readonly sha256: string; readonly hashed: HashedFile }
  | { readonly identity: "changed"; readonly sha256: string; readonly hashed: HashedFile; readonly previous: string }
  /** The file changed while it was read, a copy still running for one: there is nothing to decide about yet. */
  | { readonly identity: "changing" }
  | { readonly identity: "missing" };

/** A hash together with the file's size, time and inode from before it was read. */
export type HashedFile = KnownModel;

/**
 * The hashes of the model files in use, in one small file. A file is hashed when it is first used and whenever its
 * size, time or inode changed (design §4.9); `accept` remembers what the person agreed to.
 */
export class ModelIdentities {
  constructor(private readonly storePath: string) {}

  /** Identifies a file. Hashing reads it once, about 1 s a gigabyte; rejects with an abort error when the signal fires. */
  async identify(path: string, signal: AbortSignal): Promise<ModelIdentity> {
    const facts = await factsOf(path);
    if (!facts) return { identity: "missing" };
    const known = this.#read()[path];
    if (known && sameFile(known, facts)) return { identity: "known", sha256: known.sha256 };
    const sha256 = await hashFile(path, signal);
    const afterwards = await factsOf(path);
    if (!afterwards || !sameFile(facts, afterwards)) return { identity: "changing" };
    const hashed: HashedFile = { ...facts, sha256 };
    if (!known) return { identity: "new", sha256, hashed };
    if (known.sha256 !== sha256) return { identity: "changed", sha256, hashed, previous: known.sha256 };
    this.accept(path, hashed);
    return { identity: "known", sha256 };
  }

  /** Remembers the file, as it was when it was hashed, as one that the person uses. */
  accept(path: string, hashed: HashedFile): void {
    writeJsonFile(this.storePath, { ...this.#read(), [path]: hashed });
  }

  #read(): Record<string, KnownModel> {
    const parsed = valibot.safeParse(knownModels, readJsonFile(this.storePath));
    return parsed.success ? parsed.output : {};
  }
}

/** What tells cheaply that a file's content may have changed. `modified` in milliseconds since 1970. */
export type FileFacts = Omit<KnownModel, "sha256">;

/** Undefined where there is no plain file. */
export async function factsOf(path: string): Promise<FileFacts | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true ? { size: facts.size, modified: facts.mtimeMs, inode: facts.ino } : undefined;
}

/** Whether a file is, as far as size, time and inode can tell, the one that it was. */
export function sameFile(left: FileFacts, right: FileFacts): boolean {
  return left.size === right.size && left.modified === right.modified && left.inode === right.inode;
}

/** SHA-256 of a file in hexadecimal. */
export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  return hashFileInSteps(path, () => undefined, signal);
}

/** As `hashFile`, and tells how many bytes have been read so far. */
export async function hashFileInSteps(path: string, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (signal.aborted) throw abortError();
    hash.update(chunk as Buffer);
    onBytes(bytes += (chunk as Buffer).byteLength);
  }
  return hash.digest("hex");
}
