import * as valibot from "valibot";
import type { Endpoint } from "../../core/outgoing/endpoint";
import { estimateCost } from "../../core/outgoing/endpoints";
import type { OutgoingFile, OutgoingRequest } from "../../core/outgoing/request";
import { estimateTokens } from "../../core/chat/tokens";
import { isErrorObject, parseJson, withoutControlCharacters } from "./chatChunk";
import { AnswerError, failureOfError, looksLikeMarkup } from "./failure";

/** What stands before and after the gap. */
export interface FimRequest {
  readonly prefix: string;
  readonly suffix: string;
  readonly maxTokens: number;
  readonly files: readonly OutgoingFile[];
}

/** Asks an endpoint to fill in the middle; undefined where it offers no way to. */
export function fimRequest(endpoint: Endpoint, request: FimRequest): OutgoingRequest | undefined {
  if (endpoint.fim === "none") return undefined;
  const { maxTokens } = request;
  const write = endpoint.fim === "infill" ? infillBody(maxTokens) : completionsBody(endpoint.model, maxTokens);
  return {
    purpose: "completion", endpoint: endpoint.name, model: endpoint.model, url: fimUrl(endpoint), method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    texts: [request.prefix, request.suffix], write: ([prefix = "", suffix = ""]) => write(prefix, suffix),
    files: request.files, conversation: null,
    estimatedCost: estimateCost(endpoint, estimateTokens(request.prefix) + estimateTokens(request.suffix), maxTokens),
  };
}

/** Text that fills the gap. Throws an `AnswerError` for anything else. */
export function parseFim(body: string): string {
  if (looksLikeMarkup(body)) throw new AnswerError({ kind: "captivePortal" });
  const value = parseJson(body);
  if (isErrorObject(value)) throw new AnswerError(failureOfError(value));
  const parsed = valibot.safeParse(answer, value);
  if (!parsed.success) throw new AnswerError({ kind: "malformed" });
  return withoutControlCharacters(parsed.output);
}

const answer = valibot.union([
  valibot.pipe(valibot.looseObject({ content: valibot.string() }), valibot.transform(({ content }) => content)),
  valibot.pipe(valibot.looseObject({ choices: valibot.looseTuple([valibot.looseObject({ text: valibot.string() })]) }), valibot.transform(({ choices: [first] }) => first.text)),
]);

/** llama-server has `/infill` beside `/v1`, not under it. */
function fimUrl({ url, fim }: Endpoint): string {
  return fim === "infill" ? `${url.replace(/\/v1$/, "")}/infill` : `${url}/completions`;
}

/** llama-server puts the model's own special tokens around both parts. `cache_prompt` keeps what it has evaluated for the next key. */
function infillBody(maxTokens: number) {
  return (prefix: string, suffix: string): string =>
    JSON.stringify({ input_prefix: prefix, input_suffix: suffix, n_predict: maxTokens, temperature: 0, cache_prompt: true, stream: false });
}

/** Ollama and some clouds take a suffix; vLLM and llama-server's own `/v1/completions` refuse it. */
function completionsBody(model: string, maxTokens: number) {
  return (prefix: string, suffix: string): string =>
    JSON.stringify({ model, prompt: prefix, suffix, max_tokens: maxTokens, temperature: 0, stream: false });
}
