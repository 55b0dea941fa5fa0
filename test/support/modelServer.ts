/** A server of model files, honest or not. */
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { rawServer, type RawServer } from "./rawServer.js";

/** What a client asked for. */
export interface ModelRequest {
  /** 1 for the first request. */
  readonly number: number;
  readonly path: string;
  /** First byte of the range; undefined where the whole file was asked for. */
  readonly offset: number | undefined;
  /** Last byte of the range; undefined for up to the end. */
  readonly last?: number;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers a request. */
export type Behaviour = (socket: Socket, request: ModelRequest, file: ServedFile) => void;

/** The file as the server has it. */
export interface ServedFile {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface ModelServer extends RawServer {
  readonly requests: readonly ModelRequest[];
  /** From now on. */
  behave(behaviour: Behaviour): void;
}

/** Bytes that begin as a model does; the rest is noise, the same for the same seed. */
export function modelBytes(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = (seed * 2_654_435_761) >>> 0;
  for (let index = 0; index < size; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 0xff;
  }
  bytes.write("GGUF", 0, "latin1");
  return bytes;
}

/** SHA-256 in hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Listens on loopback. One file stands under any address; several are told apart by theirs, and any other has none. Without a behaviour it is honest. */
export async function modelServer(served: Buffer | ((path: string) => Buffer | undefined), first: Behaviour = honest()): Promise<ModelServer> {
  const files = new Map<Buffer, ServedFile>();
  const fileAt = (path: string): ServedFile | undefined => {
    const bytes = Buffer.isBuffer(served) ? served : served(path);
    if (bytes && !files.has(bytes)) files.set(bytes, { bytes, etag: `"${sha256Of(bytes).slice(0, 16)}"` });
    return bytes && files.get(bytes);
  };
  const requests: ModelRequest[] = [];
  let behaviour = first;
  const server = await rawServer((socket, text) => {
    const request = parse(text, requests.length + 1);
    requests.push(request);
    const file = fileAt(request.path);
    if (file) behaviour(socket, request, file);
    else said(socket, "404 Not Found", ["Content-Length: 0", "Connection: close"]);
  });
  return Object.assign(server, { requests, behave: (next: Behaviour) => { behaviour = next; } });
}

/** Sends what was asked for, as RFC 9110 says. With `cutAfter`, so many bytes of the body, and then nothing but a reset. */
export function honest(options: { readonly cutAfter?: (request: ModelRequest) => number | undefined; readonly headers?: readonly string[] } = {}): Behaviour {
  return (socket, request, { bytes, etag }) => {
    const matches = request.ifRange === undefined || request.ifRange === etag;
    const offset = matches ? (request.offset ?? 0) : 0;
    const last = matches ? (request.last ?? bytes.length - 1) : bytes.length - 1;
    const body = bytes.subarray(offset, last + 1);
    const part = offset > 0 || (request.offset !== undefined && matches);
    const head = part ? [`HTTP/1.1 206 Partial Content`, `Content-Range: bytes ${String(offset)}-${String(last)}/${String(bytes.length)}`] : ["HTTP/1.1 200 OK"];
    const cut = options.cutAfter?.(request);
    socket.write([...head, `ETag: ${etag}`, `Content-Length: ${String(body.length)}`, ...(options.headers ?? []), "Connection: close", "", ""].join("\r\n"));
    if (cut === undefined || cut >= body.length) socket.end(body);
    else socket.write(body.subarray(0, cut), () => { socket.destroySoon(); });
  };
}

/** Sends so many bytes of what was asked for, then waits. */
export function stopsAfter(count: number): Behaviour {
  return (socket, { offset = 0 }, { bytes, etag }) => {
    const range = [`Content-Range: bytes ${String(offset)}-${String(bytes.length - 1)}/${String(bytes.length)}`];
    said(socket, offset > 0 ? "206 Partial" : "200 OK", [...(offset > 0 ? range : []), `ETag: ${etag}`, `Content-Length: ${String(bytes.length - offset)}`], bytes.subarray(offset, offset + count), "open");
  };
}

/** A head and a body exactly as given. The connection is ended, or left open. */
export function said(socket: Socket, status: string, headers: readonly string[], body: Uint8Array | string = "", leave: "end" | "open" = "end"): void {
  const bytes = Buffer.concat([Buffer.from([`HTTP/1.1 ${status}`, ...headers, "", ""].join("\r\n")), Buffer.from(body as Uint8Array)]);
  if (leave === "end") socket.end(bytes);
  else socket.write(bytes);
}

function parse(text: string, number: number): ModelRequest {
  const header = (name: string): string | undefined => new RegExp(`\\r\\n${name}: ([^\\r]*)`, "i").exec(text)?.[1];
  const [, offset, last] = /^bytes=(\d+)-(\d*)/.exec(header("range") ?? "") ?? [];
  return { number, path: text.split(" ")[1] ?? "", offset: offset === undefined ? undefined : Number(offset), ...(last === undefined || last === "" ? {} : { last: Number(last) }), ifRange: header("if-range"), authorization: header("authorization") };
}
