/** What good and bad endpoints do, to be played by `endpointServer.ts`. */
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { Play } from "./endpointServer.js";

/** One event of a stream: a delta of text, or an object as it is. */
export function event(value: string | object): string {
  return `data: ${JSON.stringify(typeof value === "string" ? { choices: [{ index: 0, delta: { content: value } }] } : value)}\n\n`;
}

/** The chunk that says why an answer ended. */
export const stop = event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
/** The last word of a stream. */
export const last = "data: [DONE]\n\n";

/** A good stream of these deltas. */
export function answers(...deltas: readonly string[]): Play {
  return streams([...deltas.map(event), stop, event({ choices: [], usage: { prompt_tokens: 12, completion_tokens: deltas.length } }), last]);
}

/** A stream of these pieces, each written on its own, ended as HTTP wants it. */
export function streams(pieces: readonly (string | Uint8Array)[], type = "text/event-stream; charset=utf-8"): Play {
  return async (response) => {
    response.writeHead(200, { "content-type": type });
    await writeAll(response, pieces);
    response.end();
  };
}

/** Sends these pieces and then nothing more, with the connection open. */
export function staysOpenAfter(...pieces: readonly string[]): Play {
  return async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    await writeAll(response, pieces);
  };
}

/** Sends these pieces and dies. */
export function diesAfter(...pieces: readonly string[]): Play {
  return async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    await writeAll(response, pieces);
    response.socket?.destroy();
  };
}

/** Sends this piece again and again until the connection ends or `most` bytes are out. */
export function repeats(piece: string, most = Infinity): Play {
  return async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let closed = false;
    response.on("close", () => { closed = true; });
    for (let bytes = 0; bytes < most && !closed; bytes += piece.length) await write(response, piece);
    response.end();
  };
}

/** A status with a body: an object is JSON. */
export function status(code: number, body: string | object = "", headers: Readonly<Record<string, string>> = {}): Play {
  return (response) => {
    response.writeHead(code, { "content-type": typeof body === "string" ? "text/html" : "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

/** An error as most servers write it. */
export function error(code: number, message: string, type = "error", headers: Readonly<Record<string, string>> = {}): Play {
  return status(code, { error: { message, type, code } }, headers);
}

/** A whole JSON body with status 200. */
export function json(value: unknown): Play {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
}

/** A body packed though nobody asked for it. */
export function gzipped(text: string): Play {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
    response.end(gzipSync(text));
  };
}

/** Bytes of no HTTP that make sense, or of HTTP without our server's manners; the connection is closed after them. */
export function raw(text: string): Play {
  return (response) => { response.socket?.end(text); };
}

/** Dies without a word. */
export const dies: Play = (response) => { response.socket?.destroy(); };

/** Resets the connection without a word. */
export const resets: Play = (response) => { response.socket?.resetAndDestroy(); };

/** Takes the request and says nothing. */
export const silent: Play = () => undefined;

/** The page that a network shows before it lets anybody through. */
export const signInPage = "<!DOCTYPE html>\n<html><head><title>Free Wi-Fi</title></head><body><form action=\"/login\">Please sign in</form></body></html>";

async function writeAll(response: ServerResponse, pieces: readonly (string | Uint8Array)[]): Promise<void> {
  for (const piece of pieces) await write(response, piece);
}

/** Resolves when the piece has been handed to the system, so that pieces arrive one by one. */
function write(response: ServerResponse, piece: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once("close", resolve);
    response.write(piece, (failure) => {
      response.off("close", resolve);
      if (failure) reject(failure);
      else resolve();
    });
  });
}
