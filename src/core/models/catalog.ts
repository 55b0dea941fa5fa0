import * as valibot from "valibot";
import { chatFamilyById } from "./chatFamilies";
import { FIM_FAMILIES } from "./fimFamilies";
import { shardOf } from "./shards";

/** What a model can be used for. */
export type CatalogRole = "completion" | "chat" | "embedding";

/** One file that a person can get, as a row of `models/catalog.json`. */
export interface CatalogModel {
  /** Small letters, digits, points, dashes and underlines; no two rows share one. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly CatalogRole[];
  /** `owner/name` on Hugging Face. */
  readonly repository: string;
  /** The commit, 40 hexadecimal digits; null where it is not known and has to be asked for. A branch never stands here. */
  readonly revision: string | null;
  /** The file's path in the repository. */
  readonly file: string;
  /** Bytes, exact; null where it is not known and has to be asked for. */
  readonly size: number | null;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Who states the hash: see `hashIsConfirmed`. */
  readonly hashSources: readonly string[];
  readonly licence: string;
  /** Whether the licence limits use: its terms are shown and accepted first, and it is never a default. */
  readonly restricted: boolean;
  readonly parameters: number;
  /** Parameters that one token passes through: fewer than `parameters` where experts are mixed. */
  readonly activeParameters: number;
  /** As the file's name says it: `Q8_0`, `Q4_K_M`. */
  readonly quantization: string;
  /** Tokens that the model was trained for. */
  readonly contextLength: number;
  /** Ids of `fimFamilies.ts` and `chatFamilies.ts`; null where the model has no such format. */
  readonly fimFamily: string | null;
  readonly chatFamily: string | null;
  /** Whether commit and size are both known; where not, both are read from the server, and the hash must match all the same. */
  readonly pinned: boolean;
}

/** The file as a whole, or everything that is wrong with it: one sentence each, with the row's id. */
export type CatalogResult = { readonly models: readonly CatalogModel[] } | { readonly problems: readonly string[] };

/** Licences that let anybody use a model for anything; a row with any other has to be `restricted`. */
const FREE_LICENCES: ReadonlySet<string> = new Set(["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "CC0-1.0", "CC-BY-4.0"]);

const text = (what: string) => valibot.pipe(valibot.string(`${what} is missing`), valibot.trim(), valibot.minLength(1, `${what} is missing`));
const shaped = (pattern: RegExp, words: string) => valibot.pipe(valibot.string(words), valibot.regex(pattern, words));
const whole = (what: string) => valibot.pipe(valibot.number(`${what} must be a number`), valibot.safeInteger(`${what} must be a whole number`), valibot.minValue(1, `${what} must be at least 1`));
/** A path below the repository that stays below it on every system. */
const GGUF_PATH = /^(?!.*(?:^|\/)\.{1,2}\/)[\w][\w.+-]*(?:\/[\w][\w.+-]*)*\.gguf$/;

const row = valibot.pipe(
  valibot.strictObject({
    id: shaped(/^[a-z0-9][a-z0-9._-]*$/, "the id must be of small letters, digits, points, dashes and underlines"),
    name: text("the name"),
    roles: valibot.pipe(valibot.array(valibot.picklist(["completion", "chat", "embedding"], "a role must be completion, chat or embedding")), valibot.minLength(1, "it has no role")),
    repository: shaped(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/, "the source is missing: the repository must be owner/name"),
    revision: valibot.nullable(shaped(/^[0-9a-f]{40}$/, "the revision must be a commit of 40 hexadecimal digits: a branch may move")),
    file: shaped(GGUF_PATH, "the source is missing: the file must be the path of a .gguf in the repository"),
    size: valibot.nullable(whole("the size")),
    sha256: shaped(/^[0-9a-f]{64}$/, "the hash is missing: sha256 must be 64 hexadecimal digits"),
    hashSources: valibot.pipe(valibot.array(text("a source of the hash"), "the sources of the hash are missing"), valibot.minLength(1, "nobody is named who states the hash")),
    licence: text("the licence"),
    restricted: valibot.boolean("it must say whether its licence limits use"),
    parameters: whole("the parameter count"),
    activeParameters: whole("the active parameter count"),
    quantization: shaped(/^[A-Z0-9]+(?:_[A-Z0-9]+)*$/, "the quantization must be written as in Q8_0"),
    contextLength: whole("the context length"),
    fimFamily: valibot.nullable(text("the fill-in-the-middle family")),
    chatFamily: valibot.nullable(text("the chat family")),
    pinned: valibot.boolean("it must say whether it is pinned"),
  }),
  valibot.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const message of contradictions(dataset.value)) addIssue({ message });
  }),
);

const file = valibot.strictObject({ version: valibot.literal(1, "this version of Ghostlight reads version 1"), models: valibot.array(valibot.unknown()) });

/**
 * Parses and checks a catalog. One bad row refuses the whole file: what was made by hand must be right, and what came
 * over the network must not be used in part.
 */
export function parseCatalog(json: string): CatalogResult {
  const parsed = valibot.safeParse(file, parsedJson(json));
  if (!parsed.success) return { problems: [`the catalog is not usable: ${messagesOf(parsed.issues)}`] };
  const rows = parsed.output.models.map((model) => valibot.safeParse(row, model));
  const problems = rows.flatMap((result, index) => (result.success ? [] : [`${nameOf(parsed.output.models[index], index)}: ${messagesOf(result.issues)}`]));
  const models = rows.flatMap((result) => (result.success ? [result.output] : []));
  problems.push(...duplicates(models));
  return problems.length > 0 ? { problems } : { models };
}

/**
 * Whether two sources that do not copy from each other state the hash. Where only one does, the download compares it
 * with what the server says of the file before it begins.
 */
export function hashIsConfirmed(model: CatalogModel): boolean {
  return model.hashSources.length >= 2;
}

/** What no single field can show to be wrong. */
function contradictions(model: CatalogModel): string[] {
  const problems: string[] = [];
  if (model.pinned && (model.revision === null || model.size === null)) problems.push("a pinned row needs a commit and an exact size");
  if (!model.pinned && model.revision !== null && model.size !== null) problems.push("commit and size are known: it must be pinned");
  if (!model.restricted && !FREE_LICENCES.has(model.licence)) problems.push(`the licence ${model.licence} is not known as free of limits: it must be restricted`);
  if (shardOf(model.file)) problems.push("its file is one part of a split model: a row names one whole file");
  if (model.activeParameters > model.parameters) problems.push("it has more active parameters than parameters");
  if (model.fimFamily !== null && !Object.hasOwn(FIM_FAMILIES, model.fimFamily)) problems.push(`the fill-in-the-middle family ${model.fimFamily} is not known`);
  if (model.chatFamily !== null && !chatFamilyById(model.chatFamily)) problems.push(`the chat family ${model.chatFamily} is not known`);
  if (new Set(model.roles).size !== model.roles.length) problems.push("a role stands twice");
  if (model.roles.includes("completion") && model.fimFamily === null) problems.push("it has no family: completion needs a fill-in-the-middle family");
  if (model.roles.includes("chat") && model.chatFamily === null) problems.push("it has no family: chat needs a chat family");
  return problems;
}

function duplicates(models: readonly CatalogModel[]): string[] {
  const ids = models.map((model) => model.id);
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].map((id) => `${id}: the id stands twice`);
}

function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function nameOf(model: unknown, index: number): string {
  const named = valibot.safeParse(valibot.object({ id: valibot.string() }), model);
  return named.success ? named.output.id : `row ${String(index + 1)}`;
}

/** Valibot names a key that is missing, and one that is too many, in its own words: the path says which. */
function messagesOf(issues: readonly [valibot.BaseIssue<unknown>, ...valibot.BaseIssue<unknown>[]]): string {
  return issues.map((issue) => {
    const path = valibot.getDotPath(issue);
    return path === null ? issue.message : `${issue.message} (${path})`;
  }).join("; ");
}
