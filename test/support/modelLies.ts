/** Ways in which a server of model files goes wrong, by name, with what a download may make of each. */
import { gzipSync } from "node:zlib";
import type { Socket } from "node:net";
import type { DownloadTrouble } from "../../src/core/models/downloadState.js";
import { honest, modelBytes, said, type Behaviour, type ModelRequest, type ServedFile } from "./modelServer.js";

/** One way to lie. */
export interface Lie {
  readonly name: string;
  /** For how many requests, counted from the first that was asked after the lie began; then the server is honest. Endless where it is left out. */
  readonly times?: number;
  readonly answer: Behaviour;
  /** What a download that meets it comes to: `done`, or the trouble. Several where it depends on whether a part was there. */
  readonly ends: readonly ("done" | DownloadTrouble)[];
  /** Needs the catalog's hash to be caught: nobody could without. */
  readonly needsHash?: boolean;
  /** Shows only after the server was silent: short limits of the transport. */
  readonly silent?: boolean;
}

const body = ({ bytes }: ServedFile, { offset = 0 }: ModelRequest): Buffer => bytes.subarray(offset);
const size = ({ bytes }: ServedFile): number => bytes.length;
const whole = honest();

/** 206 with these headers; `of` gives the body. To a request without a range it is honest: the lie is about parts. */
function part(headers: (request: ModelRequest, file: ServedFile, first: number) => readonly string[], of: (file: ServedFile, request: ModelRequest) => Uint8Array = body): Behaviour {
  return (socket, request, file) => {
    if (request.offset === undefined) whole(socket, request, file);
    else said(socket, "206 Partial Content", [...headers(request, file, request.offset), "Connection: close"], of(file, request));
  };
}

/** 200 with these headers, whatever was asked. */
function ok(headers: (file: ServedFile) => readonly string[], of: (file: ServedFile) => Uint8Array = ({ bytes }) => bytes): Behaviour {
  return (socket, _, file) => { said(socket, "200 OK", [...headers(file), "Connection: close"], of(file)); };
}

const status = (text: string, headers: readonly string[] = [], content = ""): Behaviour => (socket) => { said(socket, text, [...headers, `Content-Length: ${String(content.length)}`, "Connection: close"], content); };
const sentOn = (location: string, code = "302 Found"): Behaviour => status(code, [`Location: ${location}`]);
const range = (first: number, last: number, total: number | string): string => `Content-Range: bytes ${String(first)}-${String(last)}/${String(total)}`;
const etag = (file: ServedFile): string => `ETag: ${file.etag}`;
const length = (count: number): string => `Content-Length: ${String(count)}`;

/** Pieces of a chunked body. */
function chunked(content: Uint8Array, last = "0\r\n\r\n"): Buffer {
  return Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from(`\r\n${last}`)]);
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const place = copy.length - 7;
  copy[place] = (copy[place] ?? 0) ^ 4;
  return copy;
}

/** Writes the head, then something of the body every few milliseconds. */
function dripping(socket: Socket, head: string): void {
  socket.write(head);
  const timer = setInterval(() => { socket.write("x"); }, 20);
  socket.on("close", () => { clearInterval(timer); });
}

const aboutParts: readonly Lie[] = [
  { name: "200 with the whole file for its rest", answer: ok((file) => [etag(file), length(size(file))]), ends: ["done"] },
  { name: "200 with only the rest", answer: (socket, request, file) => { said(socket, "200 OK", [etag(file), length(body(file, request).length), "Connection: close"], body(file, request)); }, ends: ["done", "wrongSize", "notAModel"] },
  { name: "200 with the length of all and the body of the rest", times: 1, answer: (socket, request, file) => { said(socket, "200 OK", [etag(file), length(size(file)), "Connection: close"], body(file, request)); }, ends: ["done", "notAModel"] },
  { name: "206 without Content-Range", answer: part((_, file) => [etag(file)]), ends: ["cut", "changing", "done"] },
  { name: "206 from another place", answer: part((_, file, first) => [etag(file), range(first + 1, size(file) - 1, size(file))]), ends: ["done"] },
  { name: "206 from the beginning", answer: part((_, file) => [etag(file), range(0, size(file) - 1, size(file))], (file) => file.bytes), ends: ["done"] },
  { name: "206 of a longer file", answer: part((_, file, first) => [etag(file), range(first, size(file), size(file) + 1)]), ends: ["done"] },
  { name: "206 of a shorter file", answer: part((_, file, first) => [etag(file), range(first, size(file) - 2, size(file) - 1)]), ends: ["done"] },
  { name: "206 of a file of unknown length", answer: part((_, file, first) => [etag(file), range(first, size(file) - 1, "*")]), ends: ["done"] },
  { name: "206 that ends early", answer: part((_, file, first) => [etag(file), range(first, size(file) - 2, size(file))]), ends: ["done"] },
  { name: "206 with a range that is none", answer: part((_, file) => [etag(file), `Content-Range: bytes */${String(size(file))}`]), ends: ["done"] },
  { name: "206 in another unit", answer: part((_, file, first) => [etag(file), `Content-Range: lines ${String(first)}-${String(size(file) - 1)}/${String(size(file))}`]), ends: ["done"] },
  { name: "206 with another length", answer: part((_, file, first) => [etag(file), range(first, size(file) - 1, size(file)), length(size(file))], (file) => file.bytes), ends: ["done"] },
  { name: "206 with numbers beyond all", answer: part((_, file) => [etag(file), "Content-Range: bytes 99999999999999999999-99999999999999999999/99999999999999999999"]), ends: ["done"] },
  { name: "206 in several parts", answer: part((_, file) => [etag(file), "Content-Type: multipart/byteranges; boundary=x"]), ends: ["done"] },
  { name: "206 of a file that changed, with its new tag", answer: part((_, file, first) => ['ETag: "new"', range(first, size(file) - 1, size(file))], (file, request) => body({ ...file, bytes: modelBytes(size(file), 9) }, request)), ends: ["done"] },
  { name: "206 without a tag", answer: part((_, file, first) => [range(first, size(file) - 1, size(file))]), ends: ["done"] },
  { name: "206 with a weak tag", answer: part((_, file, first) => [`ETag: W/${file.etag}`, range(first, size(file) - 1, size(file))]), ends: ["done"] },
  { name: "206 with two tags", answer: part((_, file, first) => [etag(file), 'ETag: "b"', range(first, size(file) - 1, size(file))]), ends: ["done"] },
  { name: "206 of another file under the old tag", answer: part((_, file, first) => [etag(file), range(first, size(file) - 1, size(file))], (file, request) => flipped(body(file, request))), ends: ["wrongHash", "done"], needsHash: true },
  { name: "206 with a bit more than the rest", answer: part((_, file, first) => [etag(file), range(first, size(file) - 1, size(file)), "Transfer-Encoding: chunked"], (file, request) => chunked(Buffer.concat([body(file, request), Buffer.from("more")]))), ends: ["extraBytes", "done"] },
  { name: "206 without being asked for a part", answer: (socket, request, file) => { said(socket, "206 Partial Content", [etag(file), range(0, size(file) - 1, size(file)), length(body(file, request).length), "Connection: close"], body(file, request)); }, ends: ["badAnswer"] },
  { name: "416 to whatever is asked", answer: (socket, _, file) => { said(socket, "416 Range Not Satisfiable", [`Content-Range: bytes */${String(size(file))}`, length(0), "Connection: close"]); }, ends: ["badAnswer"] },
  { name: "a new tag with each answer, and a cut", answer: (socket, request, file) => { said(socket, "200 OK", [`ETag: "${String(request.number)}"`, length(size(file)), "Connection: close"], file.bytes.subarray(0, 50_000)); }, ends: ["cut"] },
  { name: "no ranges, no tag, and a cut", answer: (socket, _, file) => { said(socket, "200 OK", [length(size(file)), "Connection: close"], file.bytes.subarray(0, 60_000)); }, ends: ["cut"] },
];

const aboutBodies: readonly Lie[] = [
  { name: "a body that ends early", times: 1, answer: (socket, request, file) => { honest({ cutAfter: () => 1_000 })(socket, request, file); }, ends: ["done"] },
  { name: "a chunked body that ends early as if it were whole", times: 1, answer: ok((file) => [etag(file), "Transfer-Encoding: chunked"], ({ bytes }) => chunked(bytes.subarray(0, 40_000))), ends: ["done", "lengthUnknown"] },
  { name: "a chunked body that is too long", answer: ok((file) => [etag(file), "Transfer-Encoding: chunked"], ({ bytes }) => chunked(Buffer.concat([bytes, bytes]))), ends: ["extraBytes", "lengthUnknown"] },
  { name: "a chunked body with a trailer", answer: ok((file) => [etag(file), "Transfer-Encoding: chunked"], ({ bytes }) => chunked(bytes, "0\r\nX-Trailer: 1\r\n\r\n")), ends: ["done", "lengthUnknown"] },
  { name: "a chunk that is none", answer: ok((file) => [etag(file), "Transfer-Encoding: chunked"], ({ bytes }) => Buffer.concat([chunked(bytes.subarray(0, 50_000), ""), Buffer.from("zz\r\n")])), ends: ["badAnswer", "lengthUnknown"] },
  { name: "a length that is too long", answer: ok((file) => [etag(file), length(size(file) + 4)], ({ bytes }) => Buffer.concat([bytes, Buffer.from("more")])), ends: ["wrongSize"] },
  { name: "a length that is too short", answer: ok((file) => [etag(file), length(size(file) - 4)], ({ bytes }) => bytes.subarray(0, -4)), ends: ["wrongSize"] },
  { name: "a length that is no number", answer: ok((file) => [etag(file), "Content-Length: many"]), ends: ["badAnswer"] },
  { name: "two lengths", answer: ok((file) => [etag(file), length(size(file)), length(4)]), ends: ["badAnswer"] },
  { name: "no length, the body whole", answer: ok((file) => [etag(file)]), ends: ["done", "lengthUnknown"] },
  { name: "no length, the body cut", answer: ok((file) => [etag(file)], ({ bytes }) => bytes.subarray(0, 70_000)), ends: ["cut", "lengthUnknown"] },
  { name: "no length, the body too long", answer: ok((file) => [etag(file)], ({ bytes }) => Buffer.concat([bytes, bytes])), ends: ["extraBytes", "lengthUnknown"] },
  { name: "gzip that was not asked for", answer: ok(() => ["Content-Encoding: gzip"], ({ bytes }) => gzipSync(bytes)), ends: ["compressed"] },
  { name: "brotli that was not asked for", answer: ok((file) => ["Content-Encoding: br", length(size(file))]), ends: ["compressed"] },
  { name: "gzip as a transfer coding", answer: ok(() => ["Transfer-Encoding: gzip, chunked"], ({ bytes }) => chunked(gzipSync(bytes))), ends: ["compressed"] },
  { name: "gzip that nobody mentions", answer: ok((file) => [etag(file), length(size(file))], ({ bytes }) => Buffer.concat([gzipSync(bytes), bytes]).subarray(0, bytes.length)), ends: ["notAModel"] },
  { name: "an empty file", answer: ok((file) => [etag(file), length(0)], () => new Uint8Array()), ends: ["wrongSize", "notAModel"] },
  { name: "one wrong bit", answer: ok((file) => [etag(file), length(size(file))], ({ bytes }) => flipped(bytes)), ends: ["wrongHash"], needsHash: true },
  { name: "zeros at the end", answer: ok((file) => [etag(file), length(size(file))], ({ bytes }) => Buffer.concat([bytes.subarray(0, -9_000), Buffer.alloc(9_000)])), ends: ["wrongHash"], needsHash: true },
  { name: "another model of the same size", answer: ok((file) => [etag(file), length(size(file))], ({ bytes }) => modelBytes(bytes.length, 5)), ends: ["wrongHash"], needsHash: true },
  { name: "a reset in the body", times: 2, answer: (socket, _, file) => { socket.write(`HTTP/1.1 200 OK\r\n${etag(file)}\r\n${length(size(file))}\r\n\r\n`); socket.write(file.bytes.subarray(0, 30_000), () => { socket.resetAndDestroy(); }); }, ends: ["done"] },
];

const aboutHeads: readonly Lie[] = [
  { name: "a redirect to plain http on the internet", answer: sentOn("http://models.example.com/m.gguf"), ends: ["redirect"] },
  { name: "a redirect to https on the internet from one's own network", answer: sentOn("https://models.example.com/m.gguf"), ends: ["redirect"] },
  { name: "a redirect to the cloud's own address", answer: sentOn("http://169.254.169.254/latest/meta-data"), ends: ["redirect"] },
  { name: "a redirect to a file", answer: sentOn("file:///etc/passwd"), ends: ["redirect"] },
  { name: "a redirect with a password", answer: sentOn("http://user:password@127.0.0.1/m.gguf"), ends: ["redirect"] },
  { name: "a redirect in a circle", answer: sentOn("/m.gguf", "307 Temporary Redirect"), ends: ["redirect"] },
  { name: "a redirect to nowhere", answer: status("301 Moved"), ends: ["redirect"] },
  { name: "a redirect that is sound", times: 1, answer: sentOn("/there.gguf", "308 Permanent Redirect"), ends: ["done"] },
  { name: "a storm of 503", answer: status("503 Unavailable"), ends: ["serverError"] },
  { name: "a short storm of 503", times: 2, answer: status("503 Unavailable", ["Retry-After: 1"]), ends: ["done"] },
  { name: "429 for an hour", answer: status("429 Too Many Requests", ["Retry-After: 3600"]), ends: ["rateLimited"] },
  { name: "500 with a page", answer: status("500 Oops", ["Content-Type: text/html"], "<html>oops</html>"), ends: ["serverError"] },
  { name: "404", answer: status("404 Not Found"), ends: ["notFound"] },
  { name: "401", answer: status("401 Unauthorized", ["WWW-Authenticate: Bearer"]), ends: ["unauthorized"] },
  { name: "403 with the hub's words", answer: status("403 Forbidden", ["X-Error-Message: Access to this model is restricted"]), ends: ["forbidden"] },
  { name: "304", answer: status("304 Not Modified"), ends: ["status"] },
  { name: "204", answer: (socket) => { said(socket, "204 No Content", ["Connection: close"]); }, ends: ["status"] },
  { name: "511 of a hotel", answer: status("511 Network Authentication Required"), ends: ["notAModel"] },
  { name: "a page instead of the file", answer: status("200 OK", ["Content-Type: text/html; charset=utf-8"], "<!doctype html><p>Sign in"), ends: ["notAModel"] },
  { name: "a page that says it is a file", answer: ok((file) => [etag(file), "Content-Type: application/octet-stream", length(size(file))], (file) => Buffer.from("<!doctype html>".padEnd(size(file)))), ends: ["notAModel"] },
  { name: "early hints before the file", answer: (socket, request, file) => { socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"); whole(socket, request, file); }, ends: ["done"] },
  { name: "another protocol", answer: (socket) => { socket.end("220 ready for mail\r\n"); }, ends: ["badAnswer"] },
  { name: "a switch of protocols", answer: (socket) => { socket.write("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: h9\r\n\r\n"); }, ends: ["badAnswer"] },
  { name: "endless headers", answer: (socket) => { said(socket, "200 OK", Array.from({ length: 2_000 }, (_, index) => `X-${String(index)}: ${"y".repeat(40)}`)); }, ends: ["tooLarge"] },
  { name: "a reset at once", answer: (socket) => { socket.resetAndDestroy(); }, ends: ["cut"] },
  { name: "a server that hangs up twice", times: 2, answer: (socket) => { socket.end(); }, ends: ["done"] },
];

const aboutTime: readonly Lie[] = [
  { name: "no answer at all", answer: () => undefined, ends: ["stalled"], silent: true },
  { name: "half a head", answer: (socket) => { socket.write("HTTP/1.1 200 OK\r\nETa"); }, ends: ["stalled"], silent: true },
  { name: "a head of one header in a while", answer: (socket) => { dripping(socket, "HTTP/1.1 200 OK\r\nX-Slow: "); }, ends: ["stalled"], silent: true },
  { name: "a body that stops", answer: (socket, _, file) => { said(socket, "200 OK", [etag(file), length(size(file))], file.bytes.subarray(0, 5_000), "open"); }, ends: ["stalled"], silent: true },
  { name: "a body of one byte in a while", answer: (socket, _, file) => { dripping(socket, `HTTP/1.1 200 OK\r\n${etag(file)}\r\n${length(size(file))}\r\n\r\nGGUF`); }, ends: ["stalled"] },
];

/** All of them. */
export const modelLies: readonly Lie[] = [...aboutParts, ...aboutBodies, ...aboutHeads, ...aboutTime];
