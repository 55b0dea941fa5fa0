import type { Llama, LlamaContext, LlamaModel } from "node-llama-cpp";
import { statSync } from "node:fs";
import type { ChatFamily } from "../core/models/chatFamilies";
import { chatFamilyOf, fimFamilyOf } from "../core/models/families";
import type { FimFamily } from "../core/models/fimFamilies";
import { GgufError, readGgufHeader, type GgufHeader } from "../core/models/gguf";
import { readModelFacts, type ModelFacts } from "../core/models/modelFacts";
import { mergeShards, shardNames } from "../core/models/shards";
import type { LoadFailureCode, LoadParams, LoadResult, ModelRole } from "../protocol/engine";
import { withFileSource } from "./fileSource";
import { LlamaTokenizer, sequenceOf } from "./llamaSequence";
import { PROMPT_CHUNK, type TokenSequence } from "./tokenSequence";

/** A model that passed every check and holds a context. */
export interface LoadedModel {
  readonly role: ModelRole;
  readonly fim: FimFamily | undefined;
  readonly chat: ChatFamily | undefined;
  readonly tokenizer: LlamaTokenizer;
  readonly sequence: TokenSequence;
  dispose(): Promise<void>;
}

/** Thrown inside loading; becomes a typed `LoadResult`. */
class LoadFailure extends Error {
  constructor(readonly code: LoadFailureCode, message: string) {
    super(message);
  }
}

/**
 * Loads a file for a role: header checked by our strict reader first, family decided, then the library.
 * Bad files are results, not exceptions. `lastLibraryError` gives the library's own words, which it only logs.
 */
export async function loadModel(llama: Llama, params: LoadParams, clock: () => number, lastLibraryError: () => string): Promise<{ result: LoadResult; model?: LoadedModel }> {
  const startedAt = clock();
  try {
    const facts = inspect(params.path);
    const family = decideFamily(facts, params.role);
    const model = await loadWithLibrary(llama, params, lastLibraryError);
    const context = await createContext(model, params, facts, lastLibraryError);
    const tokenizer = new LlamaTokenizer(model, specialTokens(facts, family), endTokens(facts, family.stopTokens));
    const sequence = sequenceOf(context);
    const info = {
      role: params.role, path: params.path, family: family.id, name: facts.name, contextSize: sequence.contextSize,
      usesHead: family.formats.fim !== undefined && family.formats.fim.head !== "none",
      vocabularySize: facts.tokens.length, sizeBytes: statSync(params.path).size, loadMs: clock() - startedAt,
    };
    return { result: { outcome: "loaded", model: info }, model: { role: params.role, ...family.formats, tokenizer, sequence, dispose: () => model.dispose() } };
  } catch (error) {
    return { result: { outcome: "failed", ...describeFailure(error, lastLibraryError()) } };
  }
}

/** Reads and checks the header, of all parts where the model is split; a missing or unreadable file is told apart from a bad one. */
function inspect(path: string): ModelFacts {
  try {
    if (!statSync(path).isFile()) throw new LoadFailure("unreadable", "it is not a file");
    const [first = path, ...others] = shardNames(path);
    const headerOf = (part: string): GgufHeader => withFileSource(part, readGgufHeader);
    return readModelFacts(mergeShards([headerOf(first), ...others.map(headerOf)]));
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

function decideFamily(facts: ModelFacts, role: ModelRole): DecidedFamily {
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
function specialTokens(facts: ModelFacts, family: DecidedFamily): Map<string, number> {
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

async function loadWithLibrary(llama: Llama, params: LoadParams, lastLibraryError: () => string): Promise<LlamaModel> {
  try {
    return await llama.loadModel({ modelPath: params.path, gpuLayers: 0, useMmap: true });
  } catch (error) {
    throw libraryFailure(error, lastLibraryError());
  }
}

async function createContext(model: LlamaModel, params: LoadParams, facts: ModelFacts, lastLibraryError: () => string): Promise<LlamaContext> {
  try {
    return await model.createContext({
      contextSize: Math.min(params.contextSize, facts.trainContextSize),
      batchSize: PROMPT_CHUNK,
      sequences: 1,
      threads: { ideal: params.threads, min: params.threads },
      failedCreationRemedy: false,
    });
  } catch (error) {
    await model.dispose();
    throw libraryFailure(error, lastLibraryError());
  }
}

function libraryFailure(error: unknown, libraryError: string): LoadFailure {
  const words = `${messageOf(error)} ${libraryError}`;
  if (/memory/i.test(words)) return new LoadFailure("insufficientMemory", "this machine has too little free memory for it at this context size");
  if (/unknown model architecture/i.test(words)) return new LoadFailure("unsupportedArchitecture", libraryError || messageOf(error));
  return new LoadFailure("libraryRefused", libraryError || messageOf(error));
}

function describeFailure(error: unknown, libraryError: string): { code: LoadFailureCode; detail: string } {
  if (error instanceof LoadFailure || error instanceof GgufError) return { code: error.code, detail: error.message };
  return { code: "libraryRefused", detail: libraryError || messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
