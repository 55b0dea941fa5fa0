import type { Refusal } from "../outgoing/gatekeeper";

/** One file of a model that comes in several. */
export interface SourcePart {
  readonly url: string;
  /** Name of the file on disk, safe on every system. */
  readonly fileName: string;
  /** Bytes; null where only the server can tell. */
  readonly size: number | null;
  /** As `DownloadSource.stated`. */
  readonly stated?: string;
}

/** A file to get, or all files of a model in parts. Where it comes from in the catalog or in a link is told by `links.ts`. */
export interface DownloadSource {
  /** Unique among models; safe as a folder's name. */
  readonly id: string;
  readonly url: string;
  /** Name of the file on disk, safe on every system. */
  readonly fileName: string;
  /** 64 hexadecimal digits from the catalog; null for a link, whose file is hashed and reported as unverified. */
  readonly sha256: string | null;
  /** SHA-256 of a link's file as its own server states it: what comes must have it, and is no more verified for it. */
  readonly stated?: string;
  /** Whether two who do not copy from each other state the hash; where not, the server is asked for its own before (`needsFacts`). */
  readonly hashConfirmed: boolean;
  /** Bytes, of all parts together; null where only the server can tell. */
  readonly size: number | null;
  /** `owner/name` on the hub; null for any other address. */
  readonly repository: string | null;
  /** Commit or branch that `url` names; null outside of the hub. */
  readonly revision: string | null;
  /** Of a model in parts all of them in order, the first being the file named above (`sourceParts.ts`). */
  readonly parts?: readonly SourcePart[];
}

/** How far it is. */
export interface DownloadProgress {
  /** Bytes that are safe or on their way to the disk. */
  readonly bytes: number;
  /** Null until the server told. */
  readonly total: number | null;
  /** Over the last seconds; null at the beginning. */
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** What a download that is under way does right now. */
export type DownloadStep =
  /** Reading what is there already, from an earlier run or from the finished file. */
  | "checking"
  | "connecting"
  | "receiving"
  /** An attempt failed in passing; the next one comes by itself. */
  | "retrying"
  /** Another window gets the same file; the progress is that window's. */
  | "elsewhere";

/** Why a download failed. */
export type DownloadTrouble =
  | "wrongHash" | "notAsStated" | "notAPart" | "otherHash" | "wrongSize" | "extraBytes" | "lengthUnknown" | "notAModel" | "badAnswer" | "compressed" | "changing"
  | "stalled" | "cut" | "unreachable" | "tls" | "address" | "redirect" | "tooLarge"
  | "unauthorized" | "forbidden" | "notFound" | "rateLimited" | "serverError" | "status"
  | "noSpace" | "diskFull" | "disk" | "vanished";

/** A file, or all files of a model in parts, under the final name. */
export interface DownloadedFile {
  /** Absolute path; of parts the first one's. */
  readonly file: string;
  /** Of parts the hash over theirs (`services/models/modelFiles.ts`). */
  readonly sha256: string;
  /** Of all parts together. */
  readonly size: number;
  /** Of a model in parts each one's, in order. */
  readonly parts?: readonly { readonly sha256: string; readonly size: number }[];
  /** Whether the hash is the catalog's. False for a link: the file is what the server sent, and nobody vouches for it. */
  readonly verified: boolean;
}

/** A download that failed. `kept` are the bytes that the next run need not get again. */
export interface FailedDownload {
  readonly outcome: "failed";
  readonly trouble: DownloadTrouble;
  /** A sentence or two for the person. */
  readonly because: string;
  /** The same may succeed later without anything being changed. */
  readonly retry: boolean;
  readonly kept: number;
}

/** How a download ended. `kept` are the bytes that the next run need not get again. */
export type DownloadOutcome =
  | (DownloadedFile & { readonly outcome: "done"; /** It stood there before. */ readonly already: boolean })
  | { readonly outcome: "paused"; readonly kept: number }
  | { readonly outcome: "cancelled" }
  | FailedDownload
  | Refusal;

/** A download as a view shows it. */
export type DownloadState =
  | { readonly state: "running"; readonly step: DownloadStep; readonly progress: DownloadProgress }
  | { readonly state: "ended"; readonly outcome: DownloadOutcome };
