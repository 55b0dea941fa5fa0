import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TestCertificate } from "./testCertificate.js";

/** A request as the server got it. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** How a server answers one request. What it leaves open is closed with the server. */
export type Play = (response: http.ServerResponse, request: ReceivedRequest) => void | Promise<void>;

/** An endpoint that answers as it is told and remembers what it was asked. */
export interface EndpointServer {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Base of the interface: the origin and `/v1`. */
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** One play for each request in turn; the last one for all that follow. */
  play(...plays: readonly Play[]): void;
  /** Resolves when so many requests have come in whole. */
  received(count: number): Promise<void>;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1; with a certificate it speaks TLS. */
export async function startEndpointServer(certificate?: TestCertificate): Promise<EndpointServer> {
  const requests: ReceivedRequest[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let plays: readonly Play[] = [];
  let played = 0;
  const listener: http.RequestListener = (incoming, response) => {
    void received(incoming).then(async (request) => {
      requests.push(request);
      for (const one of waiting) if (requests.length >= one.count) one.resolve();
      const play = plays[Math.min(played++, plays.length - 1)];
      if (play === undefined) throw new Error("the server was not told what to play");
      await play(response, request);
    }).catch(() => { incoming.socket.destroy(); });
  };
  const server = certificate === undefined ? http.createServer(listener) : https.createServer(certificate, listener);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const origin = `${certificate === undefined ? "http" : "https"}://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    origin,
    url: `${origin}/v1`,
    requests,
    play: (...next) => {
      plays = next;
      played = 0;
    },
    received: (count) => new Promise((resolve) => {
      if (requests.length >= count) resolve();
      else waiting.push({ count, resolve });
    }),
    close: () => new Promise((resolve) => {
      server.close(() => { resolve(); });
      for (const socket of sockets) socket.destroy();
    }),
  };
}

async function received(incoming: http.IncomingMessage): Promise<ReceivedRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body: Buffer.concat(pieces).toString("utf8") };
}
