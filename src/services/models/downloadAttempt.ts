import { judgeAnswer, type AnswerVerdict } from "../../core/models/downloadAnswer";
import type { DownloadSource } from "../../core/models/downloadState";
import type { Refusal } from "../../core/outgoing/gatekeeper";
import type { OutgoingRequest } from "../../core/outgoing/request";
import { isAbortError } from "../../core/util/abort";
import { NetworkError } from "../network/networkError";
import type { OutgoingResponse } from "../network/transport";
import { SPARE_BYTES, type Disk } from "./disk";
import { failureOfAnswer, failureOfDisk, failureOfTransport, noRoom, stalled, type AttemptFailure } from "./downloadFailure";
import type { DownloadParts } from "./downloadParts";
import type { PartFile } from "./partFile";

/** How one request for a file, or for its rest, ended. */
export type AttemptEnd =
  | { readonly end: "complete" }
  /** The server has another file now, or does not send parts as asked: what is there is of no use. */
  | { readonly end: "startOver" }
  /** `worthless`: what is there cannot be believed. */
  | { readonly end: "failed"; readonly failure: AttemptFailure; readonly worthless: boolean }
  | { readonly end: "refused"; readonly refusal: Refusal };

/** What an attempt works on. */
export interface AttemptOrder {
  readonly source: DownloadSource;
  readonly part: PartFile;
  readonly disk: Disk;
  /** Folder of the final file. */
  readonly folder: string;
  /** Called after each piece that was written. */
  readonly onBytes: () => void;
  /** Called where the server sends the file from its beginning although a part of it is there. */
  readonly onRestart: () => void;
}

/** Within so many milliseconds so many bytes have to come, or the attempt is over: a server that sends a byte a minute holds nobody up. */
const PATIENCE_MS = 60_000;
const LEAST_BYTES = 16 * 1024;

/** Asks once, through the gate, and writes what comes. Rejects with an abort error when `signal` fires. */
export async function attemptDownload(parts: DownloadParts, order: AttemptOrder, signal: AbortSignal): Promise<AttemptEnd> {
  const permitted = await parts.gate.request(requestFor(order.source, order.part), signal);
  if (permitted.outcome === "refused") return { end: "refused", refusal: permitted };
  const attempt = new AbortController();
  const stop = (): void => { attempt.abort(); };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const response = await parts.transport.send(permitted.permit, attempt.signal);
    const received = { bytes: 0 };
    void watch(parts, received, attempt);
    return await receive(parts, order, { ...response, body: counted(response.body, received) });
  } catch (error) {
    if (signal.aborted) throw error;
    // Only the watch fires the attempt's own signal.
    if (isAbortError(error)) return failed(stalled);
    const failure = error instanceof NetworkError ? failureOfTransport(error) : failureOfDisk(error);
    if (!failure) throw error;
    return failed(failure, failure.trouble === "vanished");
  } finally {
    signal.removeEventListener("abort", stop);
    // Ends the watch, and the connection of an attempt that was given up.
    attempt.abort();
  }
}

/** A file of a model as the gate knows it: nothing of the person's goes with it. */
export function downloadRequest(url: string, headers: Readonly<Record<string, string>>): OutgoingRequest {
  return { purpose: "download", endpoint: new URL(url).host, model: null, url, method: "GET", headers, texts: [], write: null, files: [], conversation: null, estimatedCost: null };
}

function requestFor({ url }: DownloadSource, { bytes, etag }: PartFile): OutgoingRequest {
  return downloadRequest(url, bytes === 0 ? {} : { range: `bytes=${String(bytes)}-`, "if-range": etag ?? "" });
}

async function receive(parts: DownloadParts, order: AttemptOrder, response: OutgoingResponse): Promise<AttemptEnd> {
  const { part, source } = order;
  const verdict = judgeAnswer({ offset: part.bytes, etag: part.etag, total: part.total, size: source.size }, response.status, response.headers);
  switch (verdict.verdict) {
    case "startOver": return { end: "startOver" };
    case "status": return failed(failureOfAnswer(response, parts.clock()));
    case "refused": return failed({ trouble: verdict.reason, found: verdict.found, passing: undefined });
    case "take": return take(order, verdict, response.body);
  }
}

async function take(order: AttemptOrder, { from, total, etag }: Extract<AnswerVerdict, { verdict: "take" }>, body: AsyncIterable<Uint8Array>): Promise<AttemptEnd> {
  const { part } = order;
  if (from === 0) {
    if (part.bytes > 0) order.onRestart();
    await part.reset();
    part.describe(total, etag);
  }
  const missing = await missingRoom(order.disk, order.folder, total - from);
  if (missing > 0) return failed(noRoom(missing));
  const magic = magicCheck(from);
  for await (const piece of body) {
    if (part.bytes + piece.byteLength > total) return failed({ trouble: "extraBytes", found: "", passing: undefined }, true);
    if (!magic(piece)) return failed({ trouble: "notAModel", found: "it does not begin as one", passing: undefined }, true);
    await part.write(piece);
    order.onBytes();
  }
  return part.complete ? { end: "complete" } : failed({ trouble: "cut", found: "", passing: { kind: "cut" } });
}

/** Bytes that are missing on the disk for so many more and the room that stays free; 0 where there is enough, or where the system does not tell. */
export async function missingRoom(disk: Disk, folder: string, bytes: number): Promise<number> {
  const free = await disk.freeBytes(folder).catch(() => Number.POSITIVE_INFINITY);
  return Math.max(0, bytes + SPARE_BYTES - free);
}

/** Looks at the first four bytes of a file, which may come one by one: a web page or an archive is told at once. */
function magicCheck(from: number): (piece: Uint8Array) => boolean {
  let position = from;
  return (piece) => {
    const beginning = piece.subarray(0, Math.max(0, 4 - position));
    const fits = beginning.every((byte, index) => byte === GGUF_MAGIC[position + index]);
    position += piece.byteLength;
    return fits;
  };
}

/** "GGUF". */
const GGUF_MAGIC = [0x47, 0x47, 0x55, 0x46];

async function* counted(body: AsyncIterable<Uint8Array>, received: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    received.bytes += piece.byteLength;
    yield piece;
  }
}

async function watch(parts: DownloadParts, received: { readonly bytes: number }, attempt: AbortController): Promise<void> {
  try {
    for (let before = 0; ; before = received.bytes) {
      await parts.wait(PATIENCE_MS, attempt.signal);
      if (received.bytes - before < LEAST_BYTES) attempt.abort();
    }
  } catch {
    // The attempt has ended.
  }
}

function failed(failure: AttemptFailure, worthless = false): AttemptEnd {
  return { end: "failed", failure, worthless };
}
