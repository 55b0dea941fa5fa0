import type { DownloadTrouble } from "../../core/models/downloadState";
import { bytesInWords } from "../../core/util/bytes";
import { failureOfStatus, type Failure } from "../network/failure";
import { serverText } from "../network/failureWords";
import type { NetworkError } from "../network/networkError";
import { failureOfNetwork } from "../network/networkFailure";
import { parseRetryAfter } from "../network/retry";
import type { OutgoingResponse } from "../network/transport";

/** A failed attempt before it is put into words. */
export interface AttemptFailure {
  readonly trouble: DownloadTrouble;
  /** Part of a sentence, or empty. */
  readonly found: string;
  /** For `services/network/retry.ts`; undefined where another attempt cannot help. */
  readonly passing: Failure | undefined;
}

/** Stopped sending, or nearly so. For a download that is a cut, and the next attempt goes on from here. */
export const stalled: AttemptFailure = { trouble: "stalled", found: "", passing: { kind: "cut" } };

/** What a failure of the transport is to a download. */
export function failureOfTransport(error: NetworkError): AttemptFailure {
  const passing = failureOfNetwork(error);
  switch (error.kind) {
    case "timeout": return stalled;
    case "cut": return { trouble: "cut", found: "", passing };
    case "unreachable": return { trouble: "unreachable", found: error.code ?? "", passing };
    case "tls": return { trouble: "tls", found: passing.found ?? "", passing: undefined };
    case "invalid": return { trouble: "badAnswer", found: error.message.replace(/\.$/, ""), passing: undefined };
    case "address": case "redirect": case "compressed": case "tooLarge": return { trouble: error.kind, found: error.message, passing: undefined };
  }
}

/** What a status is to a download. `clock` in milliseconds since 1970. */
export function failureOfAnswer({ status, headers }: Pick<OutgoingResponse, "status" | "headers">, clock: number): AttemptFailure {
  const failure = failureOfStatus(status, "", parseRetryAfter(headers.get("retry-after"), clock));
  // Model hubs put their words for a licence that was not accepted, and the like, into a header.
  const words = serverText(headers.get("x-error-message") ?? "", undefined);
  switch (failure.kind) {
    case "unauthorized": case "forbidden": case "notFound": return { trouble: failure.kind, found: words, passing: undefined };
    case "captivePortal": return { trouble: "notAModel", found: "the network wants a sign-in", passing: undefined };
    case "rateLimited": return { trouble: "rateLimited", found: `status ${String(status)}`, passing: failure };
    default: break;
  }
  if (status >= 500 || status === 408) return { trouble: "serverError", found: `status ${String(status)}`, passing: { ...failure, kind: "serverError" } };
  return { trouble: "status", found: `status ${String(status)}`, passing: undefined };
}

/** What an error of the file system is to a download; undefined for an error of another kind, which is a bug. */
export function failureOfDisk(error: unknown): AttemptFailure | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code !== "string" || (syscall === undefined && !/^E[A-Z0-9]+$/.test(code))) return undefined;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return { trouble: "diskFull", found: "", passing: undefined };
  if (code === "ENOENT") return { trouble: "vanished", found: "", passing: undefined };
  return { trouble: "disk", found: DISK_WORDS[code] ?? `the system says ${code}`, passing: undefined };
}

/** Not enough room: `missing` more bytes are needed. */
export function noRoom(missing: number): AttemptFailure {
  return { trouble: "noSpace", found: `${bytesInWords(missing)} more are needed, 1 GiB that stays free included`, passing: undefined };
}

const DISK_WORDS: Readonly<Record<string, string>> = {
  EACCES: "you may not write there", EPERM: "you may not write there, or the file is in use", EROFS: "the disk is read-only", ENAMETOOLONG: "its path is too long",
  EINVAL: "its path has a name that the disk cannot hold", EBUSY: "the file is in use", EISDIR: "a folder has its name", ENOTDIR: "a file stands where a folder should be", EIO: "the disk reports an error",
};
