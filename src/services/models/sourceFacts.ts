import { parseContentRange } from "../../core/models/downloadAnswer";
import type { DownloadSource, FailedDownload } from "../../core/models/downloadState";
import { needsFacts, withFacts } from "../../core/models/links";
import { partsOf } from "../../core/models/sourceParts";
import type { Refusal } from "../../core/outgoing/gatekeeper";
import { abortError, isAbortError } from "../../core/util/abort";
import { NetworkError } from "../network/networkError";
import type { AnswerHead, OutgoingResponse } from "../network/transport";
import { downloadRequest } from "./downloadAttempt";
import { failureOfAnswer, failureOfTransport, type AttemptFailure } from "./downloadFailure";
import type { DownloadParts } from "./downloadParts";
import { failureOutcome } from "./downloadRun";

/** What a server says of a file before it is got. Shown to the person; none of it makes a file verified. */
export interface SourceFacts {
  readonly outcome: "known";
  /** Of the repository, 40 hexadecimal digits; null where the server is no hub. */
  readonly commit: string | null;
  readonly size: number | null;
  /** SHA-256 as the hub states it; null where it does not. */
  readonly sha256: string | null;
  /** Origin that the file itself comes from, which may be another one than was asked. */
  readonly origin: string;
}

/**
 * Asks for the first byte of a file, since only GET passes the gate, and reads the headers: those in which a hub names
 * commit, size and hash stand in the answer that sends the request on, and are believed from the server asked alone. A
 * source whose hash or size the server contradicts has failed. Rejects with an abort error when `signal` fires.
 */
export async function askForFacts(parts: Pick<DownloadParts, "gate" | "transport" | "clock">, source: DownloadSource, signal: AbortSignal): Promise<SourceFacts | Refusal | FailedDownload> {
  const permitted = await parts.gate.request(downloadRequest(source.url, { range: "bytes=0-0" }), signal);
  if (permitted.outcome === "refused") return permitted;
  const asking = new AbortController();
  const stop = (): void => { asking.abort(); };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const response = await parts.transport.send(permitted.permit, asking.signal);
    await readOneByte(response);
    if (response.status !== 200 && response.status !== 206) return failed(source, failureOfAnswer(response, parts.clock()));
    const facts = factsIn(response, permitted.permit.origin);
    const fault = faultOf(source, facts);
    return fault ? failed(source, fault) : facts;
  } catch (error) {
    if (signal.aborted || isAbortError(error)) throw abortError();
    if (!(error instanceof NetworkError)) throw error;
    return failed(source, failureOfTransport(error));
  } finally {
    signal.removeEventListener("abort", stop);
    asking.abort();
  }
}

/**
 * A source with commit, size and stated hash of each file, where only the server can tell: one request for each that is
 * not known yet, so that a part which is not there ends a download before it begins. Rejects as `askForFacts` does.
 */
export async function settleSource(parts: Pick<DownloadParts, "gate" | "transport" | "clock">, wanted: DownloadSource, signal: AbortSignal): Promise<DownloadSource | Refusal | FailedDownload> {
  let source = wanted;
  for (const index of partsOf(wanted).keys()) {
    const part = partsOf(source)[index];
    if (!part || !needsFacts(part)) continue;
    const facts = await askForFacts(parts, part, signal);
    if (facts.outcome !== "known") return facts;
    source = withFacts(source, facts, index);
  }
  return source;
}

/** A server that sends the whole file instead is left at its second byte. */
async function readOneByte({ body }: OutgoingResponse): Promise<void> {
  let bytes = 0;
  for await (const piece of body) if ((bytes += piece.byteLength) > 1) return;
}

function factsIn(response: OutgoingResponse, asked: string): SourceFacts {
  const heads: readonly AnswerHead[] = [...response.redirects, response].filter(({ origin }) => origin === asked);
  const said = (name: string, shape: RegExp): string | null => heads.map(({ headers }) => shape.exec(headers.get(name)?.trim() ?? "")?.[1]).find((found) => found !== undefined) ?? null;
  const linked = said("x-linked-size", /^(\d{1,15})$/);
  const served = response.status === 206 ? parseContentRange(response.headers.get("content-range"))?.total : lengthOf(response);
  return {
    outcome: "known",
    commit: said("x-repo-commit", /^([0-9a-f]{40})$/),
    size: served ?? (linked === null ? null : Number(linked)),
    sha256: said("x-linked-etag", /^"?([0-9a-f]{64})"?$/),
    origin: response.origin,
  };
}

function lengthOf({ headers }: OutgoingResponse): number | undefined {
  const text = headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function faultOf({ sha256, size }: DownloadSource, facts: SourceFacts): AttemptFailure | undefined {
  if (size !== null && facts.size !== null && facts.size !== size) return { trouble: "wrongSize", found: `it has ${String(facts.size)} bytes under that address, not ${String(size)}`, passing: undefined };
  if (sha256 !== null && facts.sha256 !== null && facts.sha256 !== sha256) return { trouble: "otherHash", found: "", passing: undefined };
  return undefined;
}

function failed(source: DownloadSource, failure: AttemptFailure): FailedDownload {
  return failureOutcome(source, failure, 0);
}
