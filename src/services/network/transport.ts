import type { KeyStore } from "../../core/outgoing/gatekeeper";
import type { Purpose } from "../../core/outgoing/request";
import { isAbortError } from "../../core/util/abort";
import type { Log } from "../../core/util/log";
import { exchange, type AnswerStream, type ConnectLimits, type Resolve } from "./connection";
import type { RedirectGate } from "./gate";
import type { Ledger } from "./ledger";
import { NetworkError } from "./networkError";
import type { Permit, PermitOffice, PreparedRequest } from "./permit";
import { readBody, type BodyEnd } from "./responseBody";

/** The head of an answer. */
export interface AnswerHead {
  /** Who said it. */
  readonly origin: string;
  readonly status: number;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
}

/** An answer, redirects already followed. Its connection ends when the body was read, left, or not read for `idleMs`. */
export interface OutgoingResponse extends AnswerHead {
  /** The answers that sent the request on, in order: a model hub tells there what it knows of the file, and the last server does not. */
  readonly redirects: readonly AnswerHead[];
  /** Can be read once. Throws `NetworkError`, or an abort error. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Sends what the gate let out. */
export interface Transport {
  /** One send for each permit. Rejects with a `NetworkError`, or with an abort error when `signal` fires; until the body ended, `signal` ends it. */
  send(permit: Permit, signal: AbortSignal): Promise<OutgoingResponse>;
}

/** How long and how much. */
export interface TransportLimits extends ConnectLimits {
  /** Between two pieces of the body, and the longest that nobody reads it. */
  readonly idleMs: number;
  /** Of the body. */
  readonly bodyBytes: number;
}

/** What a transport is made of. */
export interface TransportParts {
  readonly office: PermitOffice;
  readonly gate: RedirectGate;
  readonly keys: KeyStore;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly resolve: Resolve;
  readonly limits: (purpose: Purpose) => TransportLimits;
}

/** A large model on a slow machine may evaluate a long prompt for minutes before its first word; a key press does not wait that long. */
export function defaultLimits(purpose: Purpose): TransportLimits {
  const common = { connectMs: 15_000, idleMs: 60_000 };
  switch (purpose) {
    case "chat": return { ...common, firstByteMs: 300_000, idleMs: 120_000, bodyBytes: 32 * 1024 * 1024 };
    case "completion": return { ...common, connectMs: 5_000, firstByteMs: 30_000, idleMs: 30_000, bodyBytes: 4 * 1024 * 1024 };
    case "list": return { ...common, firstByteMs: 30_000, bodyBytes: 4 * 1024 * 1024 };
    case "download": return { ...common, firstByteMs: 60_000, bodyBytes: 256 * 1024 * 1024 * 1024 };
  }
}

/** Makes the transport. */
export function createTransport(parts: TransportParts): Transport {
  return { send: (permit, signal) => send(parts, permit, signal) };
}

async function send(parts: TransportParts, permit: Permit, signal: AbortSignal): Promise<OutgoingResponse> {
  const prepared = parts.office.redeem(permit);
  if (!prepared) throw new NetworkError("invalid", "This permit was not made by the gate, or it was used already.");
  const hop = new Hop(parts, permit, prepared);
  try {
    const response = await hop.begin(signal);
    const location = redirectIn(response);
    if (location !== undefined) return await follow(parts, hop, response, location, signal);
    checkEncoding(response, prepared);
    const body = readBody(response, { ...parts.limits(permit.purpose), host: prepared.destination.host, onEnd: (end) => hop.end(end) }, signal);
    return { ...headOf(response, permit), redirects: [], body };
  } catch (error) {
    await hop.end({ bytesIn: 0, error: error as Error });
    throw error;
  }
}

/** The answer of the redirect is recorded, its body is not read; the next place is asked of the gate like any other. */
async function follow(parts: TransportParts, hop: Hop, response: AnswerStream, location: string, signal: AbortSignal): Promise<OutgoingResponse> {
  response.destroy();
  await hop.end({ bytesIn: 0, error: undefined });
  const next = await parts.gate.follow(hop.permit, location, signal);
  if (next.outcome === "refused") throw new NetworkError("redirect", next.because);
  const last = await send(parts, next.permit, signal);
  return { ...last, redirects: [headOf(response, hop.permit), ...last.redirects] };
}

/** One request with its end in the ledger, which is written once. */
class Hop {
  readonly #started = performance.now();
  #connected = false;
  #status: number | null = null;
  #ended = false;

  constructor(private readonly parts: TransportParts, readonly permit: Permit, private readonly prepared: PreparedRequest) {}

  async begin(signal: AbortSignal): Promise<AnswerStream> {
    const { request, destination, body } = this.prepared;
    const headers = [...this.prepared.headers, ...(await this.#authorization())];
    const response = await exchange({ method: request.method, destination, headers, body }, this.parts.resolve, this.parts.limits(request.purpose), () => { this.#connected = true; }, signal);
    this.#status = response.statusCode ?? null;
    return response;
  }

  async end({ bytesIn, error }: BodyEnd): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const { disclosure: { origin, purpose, files, bytes } } = this.prepared;
    const entry = {
      id: this.permit.id, event: error === undefined ? "done" as const : "failed" as const, origin, purpose,
      files: files.map(({ path, startLine, endLine }) => ({ path, startLine, endLine })),
      bytesOut: this.#connected ? bytes : 0, bytesIn, status: this.#status,
      durationMs: Math.round(performance.now() - this.#started), reason: reasonOf(error),
    };
    // What is sent is sent; its line stays without an end, which reads as unknown.
    await this.parts.ledger.append(entry).catch(() => { this.parts.log.warn("transport: the end of a request could not be recorded"); });
  }

  async #authorization(): Promise<(readonly [string, string])[]> {
    const { keyed, destination } = this.prepared;
    const key = keyed ? await this.parts.keys.get(destination.origin).catch(() => { throw new NetworkError("invalid", `The key stored for ${destination.origin} could not be read.`); }) : undefined;
    if (key === undefined) return [];
    if (!/^[\x21-\x7e]+$/.test(key)) throw new NetworkError("invalid", `The key stored for ${destination.origin} holds characters that no key has; enter it again.`);
    return [["authorization", `Bearer ${key}`]];
  }
}

function redirectIn(response: AnswerStream): string | undefined {
  if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return undefined;
  return response.headers.location ?? "";
}

function checkEncoding(response: AnswerStream, { destination }: PreparedRequest): void {
  const { "content-encoding": encoding = "identity", "transfer-encoding": transfer = "chunked" } = response.headers;
  if (/^\s*identity\s*$/i.test(encoding) && /^\s*chunked\s*$/i.test(transfer)) return;
  response.destroy();
  throw new NetworkError("compressed", `${destination.host} sent a compressed answer that was not asked for.`);
}

function headOf({ statusCode, headers }: AnswerStream, { origin }: Permit): AnswerHead {
  const named = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")] as const);
  return { origin, status: statusCode ?? 0, headers: new Map(named) };
}

function reasonOf(error: Error | undefined): string | null {
  if (error === undefined) return null;
  if (isAbortError(error)) return "stopped";
  return error instanceof NetworkError ? error.message : "failed";
}
