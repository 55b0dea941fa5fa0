import type { Refusal } from "../outgoing/gatekeeper";

/** A file to get. Where it comes from in the catalog or in a link is told by `links.ts`. */
export interface DownloadSource {
  /** Unique among models; safe as a folder's name. */
  readonly id: string;
  readonly url: string;
  /** Name of the file on disk, safe on every system. */
  readonly fileName: string;
  /** 64 hexadecimal digits from the catalog; null for a link, whose file is hashed and reported as unverified. */
  readonly sha256: string | null;
  /** Bytes; null where only the server can tell. */
  readonly size: number | null;
  /** `owner/name` on the hub; null for any other address. */
  readonly repository: string | null;
  /** Commit or branch that `url` names; null outside of the hub. */
  readonly revision: string | null;
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
  | "wrongHash" | "wrongSize" | "extraBytes" | "lengthUnknown" | "notAModel" | "badAnswer" | "compressed" | "changing"
  | "stalled" | "cut" | "unreachable" | "tls" | "address" | "redirect" | "tooLarge"
  | "unauthorized" | "forbidden" | "notFound" | "rateLimited" | "serverError" | "status"
  | "noSpace" | "diskFull" | "disk" | "vanished";

/** A file that stands under its final name. */
export interface DownloadedFile {
  /** Absolute path. */
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
  /** Whether the hash is the catalog's. False for a link: the file is what the server sent, and nobody vouches for it. */
  readonly verified: boolean;
}

/** How a download ended. `kept` are the bytes that the next run need not get again. */
export type DownloadOutcome =
  | (DownloadedFile & { readonly outcome: "done"; /** It stood there before. */ readonly already: boolean })
  | { readonly outcome: "paused"; readonly kept: number }
  | { readonly outcome: "cancelled" }
  /** `because` is a sentence or two for the person; `retry`: the same may succeed later without anything being changed. */
  | { readonly outcome: "failed"; readonly trouble: DownloadTrouble; readonly because: string; readonly retry: boolean; readonly kept: number }
  | Refusal;

/** A download as a view shows it. */
export type DownloadState =
  | { readonly state: "running"; readonly step: DownloadStep; readonly progress: DownloadProgress }
  | { readonly state: "ended"; readonly outcome: DownloadOutcome };
