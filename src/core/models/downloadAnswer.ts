/** What a request for the rest of a file asked for. */
export interface AskedRange {
  /** Bytes that are there already: 0 for the whole file, which is asked for without a range. */
  readonly offset: number;
  /** Strong tag of the file that those bytes are of; null where `offset` is 0. */
  readonly etag: string | null;
  /** The whole file's bytes as an earlier answer told them; null where `offset` is 0. */
  readonly total: number | null;
  /** The whole file's bytes as they must be; null where nobody but the server can tell. */
  readonly size: number | null;
}

/** Headers by their names in lower case. */
export type AnswerHeaders = ReadonlyMap<string, string>;

/** What may be done with the body of an answer. */
export type AnswerVerdict =
  /** It goes behind what is there (`from` is the offset asked for) or is the whole file (`from` is 0). */
  | { readonly verdict: "take"; readonly from: number; readonly total: number; readonly etag: string | null }
  /** It is no part of the file that is there: what is there is given up and the whole file asked for. */
  | { readonly verdict: "startOver" }
  /** It is of no use at all. `found` is a part of a sentence. */
  | { readonly verdict: "refused"; readonly reason: "wrongSize" | "lengthUnknown" | "notAModel" | "badAnswer"; readonly found: string }
  /** Another status than 200, 206 and 416. */
  | { readonly verdict: "status" };

/**
 * Judges the head of an answer. Bytes are only ever put behind others where status, range, length and tag all say that
 * they belong there; a server that sends the whole file to a request for its rest is taken at its word, from the start.
 */
export function judgeAnswer(asked: AskedRange, status: number, headers: AnswerHeaders): AnswerVerdict {
  if (status === 416) return asked.offset > 0 ? startOver : bad("it refused to send the file from its beginning");
  if (status !== 200 && status !== 206) return { verdict: "status" };
  if (/^\s*(text\/html|application\/xhtml)/i.test(headers.get("content-type") ?? "")) return { verdict: "refused", reason: "notAModel", found: "it answered with a web page" };
  return status === 206 ? judgePart(asked, headers) : judgeWhole(asked, headers);
}

/** `Content-Range: bytes first-last/total`; undefined for any other text, an unknown total included. */
export function parseContentRange(text: string | undefined): { readonly first: number; readonly last: number; readonly total: number } | undefined {
  const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(text?.trim() ?? "") ?? [];
  if (first === undefined) return undefined;
  const range = { first: Number(first), last: Number(last), total: Number(total) };
  return range.first <= range.last && range.last < range.total ? range : undefined;
}

/** The tag of an answer if it is strong (RFC 9110, 8.8.3): a weak one does not promise the same bytes. */
export function strongTag(headers: AnswerHeaders): string | null {
  const tag = headers.get("etag")?.trim() ?? "";
  return /^"[\x21\x23-\x7e]{1,200}"$/.test(tag) ? tag : null;
}

function judgePart({ offset, etag, total, size }: AskedRange, headers: AnswerHeaders): AnswerVerdict {
  if (offset === 0) return bad("it sent a part where the whole file was asked for");
  const range = parseContentRange(headers.get("content-range"));
  const fits = range !== undefined && range.first === offset && range.last === range.total - 1 && range.total === (size ?? total) && lengthFits(headers, range.total - offset);
  if (!fits || etag === null || strongTag(headers) !== etag) return startOver;
  return { verdict: "take", from: offset, total: range.total, etag };
}

function judgeWhole({ size }: AskedRange, headers: AnswerHeaders): AnswerVerdict {
  const said = parseLength(headers);
  if (said === undefined && headers.has("content-length")) return bad("it sent a length that is none");
  const total = said ?? size;
  if (total === null) return { verdict: "refused", reason: "lengthUnknown", found: "it does not say how long the file is" };
  if (size !== null && total !== size) return { verdict: "refused", reason: "wrongSize", found: `it has ${String(total)} bytes under that address, not ${String(size)}` };
  if (total === 0) return { verdict: "refused", reason: "notAModel", found: "it has an empty file under that address" };
  return { verdict: "take", from: 0, total, etag: strongTag(headers) };
}

function lengthFits(headers: AnswerHeaders, wanted: number): boolean {
  return !headers.has("content-length") || parseLength(headers) === wanted;
}

function parseLength(headers: AnswerHeaders): number | undefined {
  const text = headers.get("content-length")?.trim() ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function bad(found: string): AnswerVerdict {
  return { verdict: "refused", reason: "badAnswer", found };
}

const startOver: AnswerVerdict = { verdict: "startOver" };
