import * as valibot from "valibot";
import type { Endpoint } from "./endpoint";
import { readDestination } from "./origin";

/** What the setting `ghostlight.endpoints` gave: the entries that can be used, and a sentence for each that cannot. */
export interface ParsedEndpoints {
  readonly endpoints: readonly Endpoint[];
  /** For the person; never holds a value of an unknown key, which may be a secret in the wrong place. */
  readonly problems: readonly string[];
}

/** Tokens of context where the person gave none: small enough for what most servers are started with. */
export const DEFAULT_ENDPOINT_CONTEXT = 8_192;

const MOST_ENDPOINTS = 50;
const KEY_HINT = "keys do not belong in settings: there is a command that stores an endpoint's key";

const shortText = (most: number) => valibot.pipe(valibot.string(), valibot.trim(), valibot.minLength(1), valibot.maxLength(most), valibot.regex(/^[^\p{Cc}\p{Cf}]*$/u));
const price = valibot.nullish(valibot.pipe(valibot.number(), valibot.finite(), valibot.minValue(0), valibot.maxValue(100_000)), null);

const entry = valibot.strictObject({
  name: shortText(60),
  url: valibot.pipe(valibot.string(), valibot.trim(), valibot.maxLength(2_000)),
  model: shortText(200),
  fim: valibot.optional(valibot.picklist(["none", "infill", "completions"]), "none"),
  contextSize: valibot.optional(valibot.pipe(valibot.number(), valibot.integer(), valibot.minValue(512), valibot.maxValue(10_000_000)), DEFAULT_ENDPOINT_CONTEXT),
  inputPrice: price,
  outputPrice: price,
});

const wants: Readonly<Record<keyof Endpoint, string>> = {
  name: "a text of 1 to 60 characters",
  url: "an address such as http://192.168.1.20:8080/v1",
  model: "the model's name as the server lists it",
  fim: "none, infill or completions",
  contextSize: "a whole number of tokens from 512 to 10000000",
  inputPrice: "US dollars per million tokens, 0 or more",
  outputPrice: "US dollars per million tokens, 0 or more",
};

/** Checks the list of user settings. Entries that do not fit are left out and named; the others hold. Unset is an empty list. */
export function parseEndpoints(raw: unknown): ParsedEndpoints {
  if (raw === undefined || raw === null) return { endpoints: [], problems: [] };
  if (!Array.isArray(raw)) return { endpoints: [], problems: ["ghostlight.endpoints must be a list of objects with name, url and model."] };
  const endpoints: Endpoint[] = [];
  const problems: string[] = [];
  for (const [index, value] of (raw as unknown[]).slice(0, MOST_ENDPOINTS).entries()) {
    const parsed = parseEntry(value, endpoints);
    if (typeof parsed === "string") problems.push(`ghostlight.endpoints, entry ${String(index + 1)}: ${parsed}.`);
    else endpoints.push(parsed);
  }
  if (raw.length > MOST_ENDPOINTS) problems.push(`ghostlight.endpoints has ${String(raw.length)} entries; the first ${String(MOST_ENDPOINTS)} are read.`);
  return { endpoints, problems };
}

function parseEntry(value: unknown, earlier: readonly Endpoint[]): Endpoint | string {
  const parsed = valibot.safeParse(entry, value);
  if (!parsed.success) return issueInWords(parsed.issues[0]);
  const url = baseOf(parsed.output.url);
  if ("problem" in url) return url.problem;
  const { name } = parsed.output;
  if (earlier.some((other) => other.name.toLowerCase() === name.toLowerCase())) return `the name "${name}" is taken by an earlier entry`;
  return { ...parsed.output, url: url.base };
}

function issueInWords(issue: valibot.BaseIssue<unknown>): string {
  const key = valibot.getDotPath(issue)?.split(".")[0];
  if (key === undefined) return "must be an object with name, url and model";
  if (key in wants) return `"${key}" must be ${wants[key as keyof Endpoint]}`;
  const hint = /key|token|secret|auth|password/i.test(key) ? `; ${KEY_HINT}` : "";
  return `unknown key "${key.replace(/[\p{Cc}\p{Cf}]/gu, "").slice(0, 40)}"${hint}`;
}

/**
 * The base that paths are put behind. An address without a path gets `/v1`, which llama-server, vLLM, Ollama and LM Studio
 * all serve; one that was copied with a call's own path loses that.
 */
function baseOf(text: string): { base: string } | { problem: string } {
  const destination = readDestination(text);
  if ("refused" in destination) return { problem: `"url" cannot be used: ${destination.refused.replace(/\.$/, "")}` };
  // Even an empty query would stand in the middle of every address that is built on this one.
  if (text.includes("?") || text.includes("#")) return { problem: `"url" must hold no "?" or "#"; ${KEY_HINT}` };
  const url = new URL(destination.href);
  const path = url.pathname.replace(/\/+$/, "").replace(/\/(chat\/completions|completions|models)$/, "");
  return { base: url.origin + (path === "" ? "/v1" : path) };
}

/** US dollars that a request costs at most, from estimated tokens of the prompt and the answer's limit; null where prices are not known. */
export function estimateCost(endpoint: Pick<Endpoint, "inputPrice" | "outputPrice">, promptTokens: number, answerTokens: number): number | null {
  if (endpoint.inputPrice === null || endpoint.outputPrice === null) return null;
  return (promptTokens * endpoint.inputPrice + answerTokens * endpoint.outputPrice) / 1_000_000;
}

/** `$0.0042`; two significant digits below a cent, so that a small price does not read as none. */
export function costInWords(dollars: number): string {
  if (dollars === 0) return "$0";
  if (dollars >= 0.01) return `$${dollars.toFixed(2)}`;
  return dollars < 0.000_001 ? "less than $0.000001" : `$${Number(dollars.toPrecision(2)).toFixed(7).replace(/0+$/, "")}`;
}
