import type { Disclosure, Masked } from "../../core/outgoing/disclosure";
import type { Destination } from "../../core/outgoing/origin";
import type { OutgoingRequest } from "../../core/outgoing/request";

/** The final bytes of a request, and the disclosure that was made from them. */
export interface Composition {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
  readonly disclosure: Disclosure;
}

/** Headers that say who asks or how the connection is used: they are ours to set, or nobody's. */
const OWN_HEADERS = /^(host|authorization|cookie2?|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|user-agent|origin|referer|forwarded|via|(proxy|sec|x-forwarded)-.*)$/i;
/** A GET has no text of the person's; what is asked with it is in its address alone. */
const ALONE = ["download", "list"];

/** What is wrong with a request as a feature built it; undefined for a sound one. Such a fault is a bug of the feature. */
export function faultIn(request: OutgoingRequest): string | undefined {
  const { method, purpose, texts, files, write, headers } = request;
  if (method !== "GET" && method !== "POST") return "only GET and POST are known";
  if ((method === "POST") !== (write !== null)) return "a POST has a body and a GET has none";
  if (method === "GET" && (texts.length > 0 || files.length > 0)) return "a GET carries no text";
  if (ALONE.includes(purpose) && method !== "GET") return `a ${purpose} is a GET`;
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || OWN_HEADERS.test(name)) return `the header ${name} may not be set`;
    if (!/^[\t\x20-\x7e]*$/.test(value)) return `the header ${name} holds characters that do not belong there`;
  }
  return undefined;
}

/** Makes the bytes from texts that were checked, and says exactly what they are. `keyed`: the key of the origin will go with it. */
export function compose(request: OutgoingRequest, destination: Destination, texts: readonly string[], masked: readonly Masked[], keyed: boolean): Composition {
  const text = request.write?.(texts) ?? null;
  const body = text === null ? null : Buffer.from(text, "utf8");
  const headers = composeHeaders(destination, request.headers, body);
  const disclosure = {
    endpoint: request.endpoint,
    origin: destination.origin,
    hostClass: destination.hostClass,
    model: request.model,
    purpose: request.purpose,
    files: request.files,
    masked,
    bytes: bytesOf(request.method, destination, headers, body),
    estimatedCost: request.estimatedCost,
    exact: [
      `${request.method} ${destination.href}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(keyed ? [`authorization: Bearer [the key stored for ${destination.origin}]`] : []),
      "",
      // From the bytes, not from the text they were made of.
      ...(body === null ? [] : [body.toString("utf8")]),
    ].join("\n"),
    texts: [...texts],
    conversation: request.conversation,
  };
  return { headers, body, disclosure };
}

/** Every header that is sent but authorization, in order. A connection serves one request. */
export function composeHeaders(destination: Destination, wanted: Readonly<Record<string, string>>, body: Uint8Array | null): (readonly [string, string])[] {
  return [
    ["host", new URL(destination.href).host],
    ["user-agent", "Ghostlight"],
    ["accept-encoding", "identity"],
    ...Object.entries(wanted).map(([name, value]) => [name.toLowerCase(), value] as const),
    ...(body === null ? [] : [["content-length", String(body.byteLength)] as const]),
    ["connection", "close"],
  ];
}

/** Bytes of the request as it is written to the connection, without authorization. */
export function bytesOf(method: string, destination: Destination, headers: readonly (readonly [string, string])[], body: Uint8Array | null): number {
  const head = [`${method} ${pathOf(destination)} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
  return Buffer.byteLength(head) + (body?.byteLength ?? 0);
}

/** Path and query, as they stand in the request line. */
export function pathOf(destination: Destination): string {
  const { pathname, search } = new URL(destination.href);
  return `${pathname}${search}`;
}
