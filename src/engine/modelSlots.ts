import { statSync } from "node:fs";
import { embeddingFamilyOf, makesVectors, type EmbeddingFamily } from "../core/models/embeddingFamilies";
import type { ChatFamily } from "../core/models/chatFamilies";
import { chatFamilyOf, fimFamilyOf } from "../core/models/families";
import type { FimFamily } from "../core/models/fimFamilies";
import { GgufError, readGgufHeader, type GgufHeader } from "../core/models/gguf";
import { readModelFacts, type ModelFacts } from "../core/models/modelFacts";
import { shapeFromHeader } from "../core/models/modelShape";
import { mergeShards, shardNames } from "../core/models/shards";
import type { LoadedModelInfo, LoadParams, LoadResult, WritingRole } from "../protocol/engine";
import type { Embedder } from "./embeddingSession";
import { adaptersProblem } from "./adapters";
import { withFileSource } from "./fileSource";
import { holdEmbedder } from "./heldEmbedder";
import { holdModel, LoadFailure, messageOf, type HeldModel, type HoldFacts, type HoldParts } from "./heldModel";
import { LlamaTokenizer, sequenceOf } from "./llamaSequence";
import type { TokenSequence } from "./tokenSequence";

/** A model that passed every check and holds a context. */
export type LoadedModel = LoadedWriter | LoadedEmbedder;

interface Loaded {
  readonly path: string;
  readonly tokenizer: LlamaTokenizer;
  /** Ends the context and keeps the weights for whoever loads them next; `dispose` is still due. */
  endContext(): Promise<void>;
  dispose(): Promise<void>;
}

/** A model that writes. */
export interface LoadedWriter extends Loaded {
  readonly role: WritingRole;
  readonly fim: FimFamily | undefined;
  readonly chat: ChatFamily | undefined;
  readonly sequence: TokenSequence;
  readonly held: HeldModel;
}

/** A model that makes vectors of texts. */
export interface LoadedEmbedder extends Loaded {
  readonly role: "embedding";
  readonly family: EmbeddingFamily;
  readonly embedder: Embedder;
}

/** What loading needs of its process. */
export interface LoadParts extends HoldParts {
  readonly clock: () => number;
}

/**
 * Loads a file for a role: header checked by our strict reader first, family decided, fitted to memory, then the
 * library. Bad files are results, not exceptions.
 */
export async function loadModel(parts: LoadParts, params: LoadParams, signal: AbortSignal): Promise<{ result: LoadResult; model?: LoadedModel }> {
  const startedAt = parts.clock();
  try {
    const file = inspect(params.path);
    const problem = adaptersProblem(params.adapters ?? [], file.header);
    if (problem !== undefined) throw new LoadFailure("adapterRefused", problem);
    const { role } = params;
    const { model, ...info } = role === "embedding" ? await loadEmbedder(parts, params, file, signal) : await loadWriter(parts, params, role, file, signal);
    const common = { role, path: params.path, name: file.facts.name, vocabularySize: file.facts.tokens.length, sizeBytes: statSync(params.path).size, loadMs: parts.clock() - startedAt };
    return { result: { outcome: "loaded", model: { ...common, ...info } }, model };
  } catch (error) {
    if (signal.aborted) return { result: { outcome: "cancelled" } };
    return { result: { outcome: "failed", ...describeFailure(error, parts.runtime.lastError()) } };
  }
}

type OwnInfo<Model> = Pick<LoadedModelInfo, "family" | "contextSize" | "usesHead" | "placement" | "notes"> & { readonly model: Model };

async function loadWriter(parts: LoadParts, params: LoadParams, role: WritingRole, { facts, header }: InspectedFile, signal: AbortSignal): Promise<OwnInfo<LoadedWriter>> {
  const family = decideFamily(facts, role);
  const held = await holdModel(parts, params, holdFacts(facts, header), signal);
  const tokenizer = new LlamaTokenizer(held.model, specialTokens(facts, family), endTokens(facts, family.stopTokens));
  const sequence = sequenceOf(held.context, held.placement.batchSize, held.watch);
  return {
    family: family.id, contextSize: sequence.contextSize, usesHead: family.formats.fim !== undefined && family.formats.fim.head !== "none", placement: held.placement, notes: held.notes,
    model: { role, path: params.path, ...family.formats, tokenizer, sequence, held, endContext: () => held.endContext(), dispose: () => held.dispose() },
  };
}

async function loadEmbedder(parts: LoadParts, params: LoadParams, { facts, header }: InspectedFile, signal: AbortSignal): Promise<OwnInfo<LoadedEmbedder>> {
  if (!makesVectors(header, facts.architecture)) throw new LoadFailure("notEmbedding", "it writes texts and makes no vectors of them");
  const family = embeddingFamilyOf(facts);
  const held = await holdEmbedder(parts, params, holdFacts(facts, header), signal);
  const tokenizer = new LlamaTokenizer(held.model, specialTokens(facts, { markers: [], stopTokens: [] }), new Set());
  return {
    family: family.id, contextSize: held.contextSize, usesHead: false, placement: held.placement, notes: held.notes,
    model: { role: "embedding", path: params.path, family, tokenizer, embedder: held.embedder, endContext: () => held.endContext(), dispose: () => held.dispose() },
  };
}

function holdFacts(facts: ModelFacts, header: GgufHeader): HoldFacts {
  return { layers: facts.layers, trainContextSize: facts.trainContextSize, shape: shapeFromHeader(header) };
}

interface InspectedFile {
  readonly facts: ModelFacts;
  readonly header: GgufHeader;
}

/** Reads and checks the header, of all parts where the model is split; a missing or unreadable file is told apart from a bad one. */
function inspect(path: string): InspectedFile {
  try {
    if (!statSync(path).isFile()) throw new LoadFailure("unreadable", "it is not a file");
    const [first = path, ...others] = shardNames(path);
    const headerOf = (part: string): GgufHeader => withFileSource(part, readGgufHeader);
    const header = mergeShards([headerOf(first), ...others.map(headerOf)]);
    return { facts: readModelFacts(header), header };
  } catch (error) {
    if (error instanceof LoadFailure || error instanceof GgufError) throw error;
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new LoadFailure(missing ? "missing" : "unreadable", missing ? "there is no such file" : messageOf(error));
  }
}

interface DecidedFamily {
  readonly id: string;
  readonly stopTokens: readonly string[];
  readonly markers: readonly string[];
  readonly formats: { readonly fim: FimFamily | undefined; readonly chat: ChatFamily | undefined };
}

function decideFamily(facts: ModelFacts, role: WritingRole): DecidedFamily {
  if (role === "completion") {
    const decision = fimFamilyOf(facts);
    if (!decision.family) throw new LoadFailure("unknownFamily", decision.reason);
    const { family } = decision;
    return { id: family.id, stopTokens: family.stopTokens, markers: Object.values(family.tokens), formats: { fim: family, chat: undefined } };
  }
  const decision = chatFamilyOf(facts);
  if (!decision.family) throw new LoadFailure("unknownFamily", decision.reason);
  return { id: decision.family.id, stopTokens: decision.family.stopTokens, markers: [], formats: { fim: undefined, chat: decision.family } };
}

const CONTROL_TYPE = 3;

const USER_DEFINED_TYPE = 4;
/** How a marker looks, whatever its type. */
const MARKER = /^<[|｜].+[|｜]>$/;
/** How one looks that a file declares as "user defined", which llama.cpp finds in any text: DeepSeek's `<pad>`, Qwen's `<tool_call>`. */
const USER_DEFINED_MARKER = /^(?:<[^<>\s]+>|\[[^[\]\s]+\])$/;
/** Tags that Gemma's vocabulary has whole and was trained with: text, not markers. */
const HTML_TAG = /^<\/?(?:table|caption|thead|tbody|tfoot|tr|th|td|h[1-6]|blockquote|strong|em|b|i|u|sub|sup|code)>$/;

/** Spellings that must never come out of user text: all control tokens, the family's own, and what looks like a marker. */
function specialTokens(facts: ModelFacts, family: Pick<DecidedFamily, "markers" | "stopTokens">): Map<string, number> {
  const named = new Set([...family.markers, ...family.stopTokens]);
  const specials = new Map<string, number>();
  for (const [id, token] of facts.tokens.entries()) {
    if (named.has(token) || isMarker(token, facts.tokenTypes[id])) specials.set(token, id);
  }
  return specials;
}

function isMarker(token: string, type: number | undefined): boolean {
  if (type === CONTROL_TYPE || MARKER.test(token)) return true;
  return type === USER_DEFINED_TYPE && USER_DEFINED_MARKER.test(token) && !HTML_TAG.test(token);
}

function endTokens(facts: ModelFacts, stopTokens: readonly string[]): Set<number> {
  const stops = new Set(stopTokens);
  return new Set([...facts.tokens.entries()].filter(([, token]) => stops.has(token)).map(([id]) => id));
}

type Failed = Omit<Extract<LoadResult, { outcome: "failed" }>, "outcome">;

function describeFailure(error: unknown, libraryError: string): Failed {
  if (error instanceof LoadFailure) return { code: error.code, detail: error.message, ...(error.attempted ? { attempted: error.attempted } : {}) };
  if (error instanceof GgufError) return { code: error.code, detail: error.message };
  return { code: "libraryRefused", detail: libraryError || messageOf(error) };
}
