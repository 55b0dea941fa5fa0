import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import * as valibot from "valibot";
import { abortError } from "../../core/util/abort";
import { readJsonFile, writeJsonFile } from "../store/jsonFile";

/** A model file by its content, and by what tells cheaply that the content may have changed. */
const knownModel = valibot.object({
  sha256: valibot.string(), size: valibot.number(), modified: valibot.number(), inode: valibot.number(),
  /** When content, name or rights changed last, in milliseconds since 1970: unlike `modified` no program sets it. Absent in older stores. */
  changed: valibot.optional(valibot.number()),
  /** When the whole file was last read and had this hash, in milliseconds since 1970. */
  checked: valibot.optional(valibot.number()),
});
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

/** What reading a remembered file again found. */
export type Recheck =
  | { readonly found: "same" }
  /** Other bytes under the same size, time and inode, or a change that nobody has asked about yet. */
  | { readonly found: "changed"; readonly sha256: string; readonly previous: string }
  | { readonly found: "unknown" };

/** A whole day may pass until a silent flip is found; the check begins early enough for that. */
const DUE_AFTER_MS = 20 * 3_600_000;

/**
 * The hashes of the model files in use, in one small file. A file is hashed when it is first used and whenever its
 * size, time or inode changed (design §4.9); `accept` remembers what the person agreed to. A disk that flips a bit
 * changes none of those: for that every file is read again within a day (`due`, `recheck`).
 */
export class ModelIdentities {
  constructor(private readonly storePath: string, private readonly now: () => number = Date.now) {}

  /** Identifies a file. Hashing reads it once, about 1 s a gigabyte; rejects with an abort error when the signal fires. */
  async identify(path: string, signal: AbortSignal): Promise<ModelIdentity> {
    const facts = await factsOf(path);
    if (!facts) return { identity: "missing" };
    const known = this.#read()[path];
    if (known && sameFile(known, facts) && !changedJustBefore(known)) return { identity: "known", sha256: known.sha256 };
    const sha256 = await hashFile(path, signal);
    const afterwards = await factsOf(path);
    if (!afterwards || !sameFile(facts, afterwards)) return { identity: "changing" };
    const hashed: HashedFile = { ...facts, sha256, checked: this.now() };
    if (!known) return { identity: "new", sha256, hashed };
    if (known.sha256 !== sha256) return { identity: "changed", sha256, hashed, previous: known.sha256 };
    this.accept(path, hashed);
    return { identity: "known", sha256 };
  }

  /** Remembers the file, as it was when it was hashed, as one that the person uses. */
  accept(path: string, hashed: HashedFile): void {
    writeJsonFile(this.storePath, { ...this.#read(), [path]: hashed });
  }

  /** Remembered files that have not been read as a whole for most of a day. */
  due(): readonly string[] {
    return Object.entries(this.#read()).filter(([, known]) => this.now() - (known.checked ?? 0) >= DUE_AFTER_MS).map(([path]) => path);
  }

  /**
   * Reads a remembered file again, whatever its size and time say. One that is not what it was is no longer known: it
   * is asked about when it is identified next. `pace` is awaited after each megabyte. Rejects with an abort error.
   */
  async recheck(path: string, pace: () => Promise<void>, signal: AbortSignal): Promise<Recheck> {
    const [known, facts] = [this.#read()[path], await factsOf(path)];
    if (!known || !facts) return { found: "unknown" };
    const sha256 = await hashFileAtPace(path, pace, signal);
    const afterwards = await factsOf(path);
    // Written to meanwhile, or remembered anew: the next identification decides.
    if (!afterwards || !sameFile(facts, afterwards) || this.#read()[path]?.sha256 !== known.sha256) return { found: "unknown" };
    if (sha256 !== known.sha256) {
      this.accept(path, { ...known, modified: NO_TIME });
      return { found: "changed", sha256, previous: known.sha256 };
    }
    this.accept(path, { ...facts, sha256, checked: this.now() });
    return { found: "same" };
  }

  #read(): Record<string, KnownModel> {
    const parsed = valibot.safeParse(knownModels, readJsonFile(this.storePath));
    return parsed.success ? parsed.output : {};
  }
}

/** Clocks of file systems are coarse: a second change within their tick leaves no trace in the times. */
const COARSE_CLOCK_MS = 2_000;

/** Whether a file was read so soon after it had changed that a further change could look the same. It is read once more. */
function changedJustBefore({ changed, checked }: KnownModel): boolean {
  return changed !== undefined && checked !== undefined && checked - changed < COARSE_CLOCK_MS;
}

/** A time that no file has: what is remembered with it is hashed again. */
const NO_TIME = -1;

/** What tells cheaply that a file's content may have changed. `modified` in milliseconds since 1970. */
export type FileFacts = Omit<KnownModel, "sha256" | "checked">;

/** Undefined where there is no plain file. */
export async function factsOf(path: string): Promise<FileFacts | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true ? { size: facts.size, modified: facts.mtimeMs, inode: facts.ino, changed: facts.ctimeMs } : undefined;
}

/** Whether a file is, as far as size, times and inode can tell, the one that it was. */
export function sameFile(left: FileFacts, right: FileFacts): boolean {
  return left.size === right.size && left.modified === right.modified && left.inode === right.inode && (left.changed ?? right.changed) === (right.changed ?? left.changed);
}

/** SHA-256 of a file in hexadecimal. */
export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  return hashFileInSteps(path, () => undefined, signal);
}

/** As `hashFile`, at somebody else's pace: it is awaited after each megabyte. */
async function hashFileAtPace(path: string, pace: () => Promise<void>, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (signal.aborted) throw abortError();
    hash.update(chunk as Buffer);
    await pace();
  }
  return hash.digest("hex");
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
