import * as valibot from "valibot";
import type { Endpoint } from "../../core/outgoing/endpoint";
import type { OutgoingRequest } from "../../core/outgoing/request";
import { isErrorObject, parseJson } from "./chatChunk";
import { AnswerError, failureOfError, looksLikeMarkup } from "./failure";

const MOST_MODELS = 1_000;
const LONGEST_NAME = 200;

const listed = valibot.looseObject({ data: valibot.array(valibot.looseObject({ id: valibot.string() })) });

/** Asks which models a server has: `GET /models`. */
export function modelsRequest(endpoint: Endpoint): OutgoingRequest {
  return {
    purpose: "list", endpoint: endpoint.name, model: null, url: `${endpoint.url}/models`, method: "GET", headers: { accept: "application/json" },
    texts: [], write: null, files: [], conversation: null, estimatedCost: null,
  };
}

/** Names in the answer, at most 1,000, in the server's order. Throws an `AnswerError` for anything else. */
export function parseModels(body: string): string[] {
  if (looksLikeMarkup(body)) throw new AnswerError({ kind: "captivePortal" });
  const value = parseJson(body);
  if (isErrorObject(value)) throw new AnswerError(failureOfError(value));
  const parsed = valibot.safeParse(listed, value);
  if (!parsed.success) throw new AnswerError({ kind: "malformed" });
  // A name goes back into settings and dialogs: one that cannot be shown as it is cannot be asked for either.
  const names = parsed.output.data.map(({ id }) => id).filter((id) => id.length <= LONGEST_NAME && /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u.test(id));
  return [...new Set(names)].slice(0, MOST_MODELS);
}
