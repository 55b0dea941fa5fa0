import * as valibot from "valibot";
import { readJsonFile, writeJsonFile } from "../store/jsonFile";
import { factsOfModel, hashModel, sameContent, sameFiles } from "./modelFiles";

const facts = { size: valibot.number(), modified: valibot.number(), inode: valibot.number(), changed: valibot.optional(valibot.number()) };

/** A model by the content of its file or files, and by what tells cheaply that the content may have changed (`HashedFiles`). */
const knownModel = valibot.object({
  sha256: valibot.string(), ...facts,
  /** Of a model in parts. Absent in older stores, which knew the first part alone. */
  parts: valibot.optional(valibot.pipe(valibot.array(valibot.object({ sha256: valibot.string(), ...facts })), valibot.readonly())),
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
  /** `file` is not there: the path, or that of a part of the model. */
  | { readonly identity: "missing"; readonly file: string };

/** A hash together with sizes, times and inodes from before the file, or all parts, were read. */
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
    const there = await factsOfModel(path);
    if ("missing" in there) return { identity: "missing", file: there.missing };
    const known = this.#read()[path];
    if (known && sameFiles(known, there) && !changedJustBefore(known)) return { identity: "known", sha256: known.sha256 };
    const read = await hashModel(path, () => undefined, signal);
    if (typeof read === "string" || "missing" in read) return { identity: "changing" };
    const hashed: HashedFile = { ...read, checked: this.now() };
    const { sha256 } = hashed;
    if (!known) return { identity: "new", sha256, hashed };
    if (!sameContent(known, read)) return { identity: "changed", sha256, hashed, previous: known.sha256 };
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
    const known = this.#read()[path];
    if (!known) return { found: "unknown" };
    const read = await hashModel(path, pace, signal);
    // Written to meanwhile, or remembered anew: the next identification decides.
    if (typeof read === "string" || "missing" in read || this.#read()[path]?.sha256 !== known.sha256) return { found: "unknown" };
    if (!sameContent(known, read)) {
      this.accept(path, { ...known, modified: NO_TIME });
      return { found: "changed", sha256: read.sha256, previous: known.sha256 };
    }
    this.accept(path, { ...read, checked: this.now() });
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
