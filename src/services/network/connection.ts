import dns from "node:dns";
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import type { TLSSocket } from "node:tls";
import { addressesRefused, askable, type Destination } from "../../core/outgoing/origin";
import { abortError } from "../../core/util/abort";
import { pathOf } from "./composition";
import { NetworkError, toNetworkError } from "./networkError";

/** All addresses of a name. The system's own answer, unless a test stands in for it. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** What goes over one connection. */
export interface Exchange {
  readonly method: "GET" | "POST";
  readonly destination: Destination;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
}

/** An answer whose head is there and whose body has not been read. */
export type AnswerStream = http.IncomingMessage;

/** Milliseconds. */
export interface ConnectLimits {
  /** Until a connection is there, encryption included. */
  readonly connectMs: number;
  /** From then until the head of the answer is there. */
  readonly firstByteMs: number;
}

/** Headers of an answer, in bytes. */
const HEADER_BYTES = 32 * 1024;

/** The system's resolver. */
export const resolveBySystem: Resolve = (host) =>
  new Promise((resolve, reject) => {
    dns.lookup(host, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve(found.map(({ address }) => address));
    });
  });

/**
 * Opens the one connection of a request, writes it and waits for the head of the answer. This is the only place of the
 * product that connects to anything. `onConnected` fires when bytes may have left. Rejects with a `NetworkError` or an
 * abort error. Node's own modules are used plainly, because VS Code brings proxies and certificates in through them;
 * behind a proxy it is the proxy that resolves names.
 */
export function exchange({ method, destination, headers, body }: Exchange, resolve: Resolve, limits: ConnectLimits, onConnected: () => void, signal: AbortSignal): Promise<AnswerStream> {
  return new Promise((done, reject) => {
    if (signal.aborted) {
      reject(abortError());
      return;
    }
    const request = (destination.scheme === "https" ? https : http).request({
      method,
      host: destination.host,
      port: destination.port,
      path: pathOf(destination),
      headers: headers.flat(),
      setHost: false,
      // A pool would keep connections open behind the person's back.
      agent: false,
      lookup: checkedLookup(destination, resolve),
      maxHeaderSize: HEADER_BYTES,
      insecureHTTPParser: false,
      // Said explicitly, because an environment variable could turn it off for the whole process.
      ...(destination.scheme === "https" ? { rejectUnauthorized: true } : {}),
    });
    const cut = (error: Error): void => { request.destroy(error); };
    const onAbort = (): void => { cut(abortError()); };
    let timer = setTimeout(() => { cut(new NetworkError("timeout", `${destination.host} did not take the connection in time.`)); }, limits.connectMs);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: Error): void => {
      settle();
      reject(error.name === "AbortError" ? error : toNetworkError(error, destination.host));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    request.on("error", fail);
    request.on("socket", (socket) => {
      whenConnected(socket as TLSSocket, () => {
        clearTimeout(timer);
        timer = setTimeout(() => { cut(new NetworkError("timeout", `${destination.host} did not answer in time.`)); }, limits.firstByteMs);
        onConnected();
      });
    });
    request.on("upgrade", (_, socket) => {
      socket.destroy();
      fail(new NetworkError("invalid", `${destination.host} answered in another protocol.`));
    });
    request.on("response", (response) => {
      settle();
      // What is wrong with the body is told here first, in Node's words; its stream would only say that it was cut.
      request.on("error", (error) => { response.destroy(error); });
      done(response);
    });
    request.end(body ?? undefined);
  });
}

/** Resolves a name and refuses the whole answer if a single address is outside of what was disclosed; connects only to what was checked. */
function checkedLookup(destination: Destination, resolve: Resolve): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname).then((addresses) => {
      const refused = addressesRefused(destination, addresses);
      if (refused !== undefined) throw new NetworkError("address", refused);
      return askable(destination, addresses).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    }).then((found) => {
      if (all) callback(null, found);
      else callback(null, found[0]?.address ?? "", found[0]?.family);
    }, (error: Error) => { callback(error, ""); });
  };
}

/** With TLS, no byte of the request is written before the certificate was accepted, which `authorized` says. */
function whenConnected(socket: TLSSocket, act: () => void): void {
  // A proxy's agent hands over a socket that is connected already.
  const waits = socket.encrypted ? !socket.authorized : socket.connecting;
  if (!waits) act();
  else socket.once(socket.encrypted ? "secureConnect" : "connect", act);
}
