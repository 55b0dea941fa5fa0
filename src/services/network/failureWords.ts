import type { Failure, FailureKind } from "./failure";

/** What a sentence about a failure may name. */
export interface FailureSubject {
  /** Name of the endpoint, as the person gave it. */
  readonly endpoint: string;
  /** Scheme, host and port: nothing of the address beyond them is ever shown. */
  readonly origin: string;
  readonly model: string;
  /** The key that was sent, so that it can be taken out of what the server said; undefined where none is stored. */
  readonly key: string | undefined;
}

/** Characters of a server's own words that are shown. */
const MOST_SERVER_TEXT = 200;

/** A sentence or two for the person: what happened, and what to do next. What the server said comes last, cleaned and short. */
export function failureWords(failure: Failure, subject: FailureSubject): string {
  const words = SENTENCES[failure.kind](failure, subject);
  const said = SHOWS_SERVER_TEXT.includes(failure.kind) && failure.said !== undefined ? serverText(failure.said, subject.key) : "";
  return said === "" ? words : `${words} It said: “${said}”`;
}

/**
 * A server's text made fit to be shown: no control characters, the key and whatever looks like a credential masked,
 * addresses without their queries, on one line, at most 200 characters.
 */
export function serverText(text: string, key: string | undefined): string {
  // A hostile server may send megabytes here; the expressions below see only what could be shown, and a margin.
  const visible = text.slice(0, 4_000).replace(/\u001B\[[0-9;?]*[ -/]*[@-~]/g, "").replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").replace(/\s+/g, " ").trim();
  const masked = withoutKey(visible, key)
    .replace(/\b(bearer|basic)\s+\S+/gi, "$1 ***")
    .replace(/(https?:\/\/[^\s"'?#]*)[?#][^\s"']*/gi, "$1")
    .replace(/[?&][\w.%-]+=[^\s"']*/g, "")
    .replace(/[A-Za-z0-9_+/=.~-]{20,}/g, (word) => (/\d/.test(word) && /[A-Za-z]/.test(word) && !word.includes("://") ? "***" : word));
  const characters = [...masked];
  return characters.length > MOST_SERVER_TEXT ? `${characters.slice(0, MOST_SERVER_TEXT - 1).join("")}…` : masked;
}

/** Any case, and also as it stands in an address or in base64, which is how basic authorization would carry it. */
function withoutKey(text: string, key: string | undefined): string {
  if (key === undefined || key === "") return text;
  const forms = [key, encodeURIComponent(key), Buffer.from(key).toString("base64")];
  return forms.reduce((rest, form) => rest.replace(new RegExp(form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi"), "***"), text);
}

const SHOWS_SERVER_TEXT: readonly FailureKind[] = ["unauthorized", "forbidden", "notFound", "tooLong", "rateLimited", "serverError", "badRequest", "fimUnsupported"];

type Sentence = (failure: Failure, subject: FailureSubject) => string;

const SENTENCES: Readonly<Record<FailureKind, Sentence>> = {
  timeout: ({ seconds }, { endpoint }) => `${endpoint} did not answer ${seconds === undefined ? "in time" : `within ${spanInWords(seconds)}`}. It may be busy or asleep: ask again, or keep the local answer.`,
  stalled: ({ seconds }, { endpoint }) => `${endpoint} stopped in the middle of its answer and sent nothing for ${spanInWords(seconds ?? 0)}. What had come is kept; ask again for the rest.`,
  endless: ({ seconds }, { endpoint }) => `${endpoint} was still sending after ${spanInWords(seconds ?? 0)} and was stopped. What had come is kept; ask something narrower.`,
  nameUnknown: (_, { endpoint, origin }) => `The name of ${origin} could not be found. Check the network, and the address of ${endpoint} in ghostlight.endpoints.`,
  connectionRefused: (_, { endpoint, origin }) => `Nothing listens at ${origin}. Check that the server of ${endpoint} runs, and that it listens on that address and port.`,
  unreachable: (_, { endpoint, origin }) => `${endpoint} cannot be reached at ${origin}. Check the network, then ask again.`,
  tls: ({ found }, { origin }) => `The secure connection to ${origin} was not accepted: ${found ?? "its certificate could not be checked"}. Nothing was sent. Let this computer trust the certificate, or correct the address in ghostlight.endpoints.`,
  cut: (_, { endpoint }) => `The connection to ${endpoint} broke off before its answer was complete. What had come is kept; ask again for the rest.`,
  unauthorized: ({ status }, { endpoint, origin, key }) => key === undefined
    ? `${endpoint} wants a key${code(status)}, and none is stored for ${origin}. Set the endpoint's key, then ask again.`
    : `${endpoint} did not accept the key that is stored for ${origin}${code(status)}. Set the endpoint's key anew, then ask again.`,
  forbidden: ({ status }, { endpoint, model }) => `${endpoint} refused the request${code(status)}. The key may not be allowed to use ${quoted(model)}; ask whoever runs the server.`,
  proxy: ({ status }, { endpoint }) => `A proxy on the way to ${endpoint} wants a sign-in${code(status)}. Check the proxy settings of the editor, then ask again.`,
  notFound: ({ status }, { endpoint }) => `${endpoint} has nothing at that address${code(status)}. Check its address in ghostlight.endpoints: for most servers it ends with /v1.`,
  modelUnknown: (_, { endpoint, model }) => `${endpoint} does not have the model ${quoted(model)}. Choose one that it lists, and put its name into ghostlight.endpoints.`,
  tooLong: (_, { endpoint }) => `The request is longer than ${endpoint} takes. Ask about less, or start its server with a larger context.`,
  rateLimited: ({ status, seconds }, { endpoint }) => `${endpoint} takes no more requests for now${code(status)}${seconds === undefined ? "" : ` and asks to wait ${spanInWords(seconds)}`}. Ask again later, or keep the local answer.`,
  loading: (_, { endpoint }) => `${endpoint} is still loading its model. Ask again in a moment.`,
  serverError: ({ status }, { endpoint }) => `${endpoint} failed on its own side${code(status)}. Ask again; if it stays so, its server's log says why.`,
  badRequest: ({ status }, { endpoint }) => `${endpoint} did not take the request${code(status)}. Its settings in ghostlight.endpoints may not fit the server.`,
  captivePortal: (_, { endpoint }) => `A web page answered instead of ${endpoint}. On a public network you may have to sign in first: open a browser, sign in, then ask again. Otherwise check the address in ghostlight.endpoints.`,
  redirect: ({ found }, { endpoint }) => `${endpoint} pointed to another address, which was not followed.${after(found)} Put the server's own address into ghostlight.endpoints; on a public network, sign in with a browser first.`,
  malformed: (_, { endpoint }) => `${endpoint} answered with something that is not an answer of an OpenAI-compatible server. What could be read is kept. Check its address in ghostlight.endpoints, then ask again.`,
  tooLarge: (_, { endpoint }) => `${endpoint} sent more than an answer may have and was stopped. What could be read is kept; ask something narrower.`,
  empty: (_, { endpoint }) => `${endpoint} ended without a word of an answer. Its context may be too small for this request, or it spent all its tokens on thinking. Ask about less, or start its server with a larger context.`,
  filtered: (_, { endpoint }) => `${endpoint} stopped its answer by its own content filter. What had come is kept; ask in other words.`,
  fimUnsupported: (_, { endpoint }) => `${endpoint} does not fill in the middle this way. Set "fim" of this endpoint to "infill" for llama-server, or to "none".`,
  address: ({ found }, { endpoint }) => `${endpoint} was not asked, because its name leads elsewhere than was shown.${after(found)} Check the address in ghostlight.endpoints and the network you are in.`,
  invalid: ({ found }, { endpoint }) => `There was no sound exchange with ${endpoint}.${after(found)} Check its address in ghostlight.endpoints and its key.`,
};

function code(status: number | undefined): string {
  return status === undefined ? "" : ` (${String(status)})`;
}

function after(found: string | undefined): string {
  return found === undefined ? "" : ` ${found}`;
}

/** Settings may hold anything up to their length; a sentence shows the beginning. */
function quoted(model: string): string {
  return `"${model.length > 80 ? `${model.slice(0, 79)}…` : model}"`;
}

function spanInWords(seconds: number): string {
  if (seconds < 120) return `${String(Math.ceil(seconds))} second${Math.ceil(seconds) === 1 ? "" : "s"}`;
  return seconds < 7_200 ? `${String(Math.ceil(seconds / 60))} minutes` : `${String(Math.ceil(seconds / 3_600))} hours`;
}
