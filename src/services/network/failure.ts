/** What went wrong with an endpoint. `failureWords.ts` has the sentence of each. */
export type FailureKind =
  | "timeout" | "stalled" | "endless" | "nameUnknown" | "connectionRefused" | "unreachable" | "tls" | "cut"
  | "unauthorized" | "forbidden" | "proxy" | "notFound" | "modelUnknown" | "tooLong" | "rateLimited" | "loading" | "serverError" | "badRequest"
  | "captivePortal" | "redirect" | "malformed" | "tooLarge" | "empty" | "filtered" | "fimUnsupported" | "address" | "invalid";

/** A failure before it is put into words. */
export interface Failure {
  readonly kind: FailureKind;
  /** HTTP status, where one came. */
  readonly status?: number;
  /** What the server said, as it came: not fit to be shown before `failureWords.ts` has cleaned it. */
  readonly said?: string;
  /** Seconds that were waited in vain, or that the server asks to wait. */
  readonly seconds?: number;
  /** What the transport or the gate found, a sentence of ours that may be shown as it is. */
  readonly found?: string;
}

/** Carries a failure from where an answer is read to the edge of the attempt, where it becomes a value. */
export class AnswerError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
    this.name = "AnswerError";
  }
}

/** Kinds after which the same request may succeed without anybody changing anything. */
const PASSING: readonly FailureKind[] = ["timeout", "stalled", "endless", "nameUnknown", "connectionRefused", "unreachable", "cut", "proxy", "rateLimited", "loading", "serverError", "captivePortal", "malformed", "empty"];

/** Whether the person may be offered to ask again. */
export function askingAgainMayHelp(kind: FailureKind): boolean {
  return PASSING.includes(kind);
}

/** Failure of an answer with a status other than 2xx. `body` is its beginning, as text; markup says nothing to a person. */
export function failureOfStatus(status: number, body: string, retryAfterSeconds: number | null): Failure {
  if (status === 511) return { kind: "captivePortal", status };
  if (status >= 300 && status < 400) return { kind: "redirect", status };
  const seconds = retryAfterSeconds === null ? {} : { seconds: retryAfterSeconds };
  if (looksLikeMarkup(body)) return { kind: kindOfStatus(status), status, ...seconds };
  const { kind, said } = failureOfError(parsed(body), status);
  return { kind, status, ...(said === undefined ? {} : { said }), ...seconds };
}

/**
 * Failure of an error object, as servers put it into a body or into a stream: `{ error: { message, type, code } }`,
 * `{ error: "…" }` (Ollama), `{ object: "error", message }` (vLLM), `{ detail }` (FastAPI).
 */
export function failureOfError(value: unknown, status?: number): Failure {
  const { message, marks, code } = errorParts(value);
  const known = kindOfWords(`${marks} ${message}`.toLowerCase());
  const kind = known ?? kindOfStatus(status ?? code);
  return { kind, ...(message === "" ? {} : { said: message }), ...(status === undefined ? {} : { status }) };
}

/** Whether a text begins as a web page does. */
export function looksLikeMarkup(text: string): boolean {
  return /^\s*<(!doctype|html|head|body|script|meta|\?xml|!--)/i.test(text);
}

function kindOfStatus(status: number | undefined): FailureKind {
  switch (status) {
    case 401: return "unauthorized";
    case 403: return "forbidden";
    case 404: return "notFound";
    case 407: return "proxy";
    case 408: return "timeout";
    case 413: return "tooLong";
    case 429: return "rateLimited";
    default: return status !== undefined && status >= 400 && status < 500 ? "badRequest" : "serverError";
  }
}

/** Servers agree on no code for these, so their words are read: those of llama-server, vLLM, Ollama, LM Studio and OpenAI. */
function kindOfWords(text: string): FailureKind | undefined {
  if (/exceed_context|context[_ -](length|size|window)|maximum context|prompt is too long|too many tokens/.test(text)) return "tooLong";
  if (/loading model|model is loading/.test(text)) return "loading";
  if (/\b(suffix|insert|infill|fill-in-the-middle|fim)\b/.test(text) && /not (currently )?support|unsupported/.test(text)) return "fimUnsupported";
  if (/model/.test(text) && /not[ _]found|not exist|no such|unknown model/.test(text)) return "modelUnknown";
  return undefined;
}

function errorParts(value: unknown): { message: string; marks: string; code: number | undefined } {
  if (typeof value === "string") return { message: value, marks: "", code: undefined };
  if (typeof value !== "object" || value === null) return { message: "", marks: "", code: undefined };
  const fields = value as Readonly<Record<string, unknown>>;
  if (typeof fields.error === "object" || typeof fields.error === "string") return errorParts(fields.error);
  const message = [fields.message, fields.detail].find((text) => typeof text === "string") ?? "";
  const codes = [fields.code, fields.status, fields.status_code].filter((code) => typeof code === "number");
  const marks = [fields.type, fields.code].filter((mark) => typeof mark === "string").join(" ");
  return { message: message as string, marks, code: codes.find((code) => code >= 400 && code < 600) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
