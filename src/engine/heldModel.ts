import type { Llama, LlamaContext, LlamaContextOptions, LlamaModel } from "node-llama-cpp";
import { statSync } from "node:fs";
import { availableMemory } from "node:process";
import { describeShortage, describeSlowLoad, fitToMemory, type FreeMemory, type MemoryFit } from "../core/models/memoryFit";
import type { ModelShape } from "../core/models/modelShape";
import { shardNames } from "../core/models/shards";
import type { LoadFailureCode, LoadParams } from "../protocol/engine";
import type { CacheType, Placement, Switch } from "../protocol/loadOptions";
import type { EvaluationWatch } from "./evaluationWatch";
import type { LlamaRuntime } from "./llamaRuntime";
import { watchNothing, type Watch } from "./llamaSequence";
import type { HeldWeights, SharedWeights, WeightsWish } from "./sharedWeights";
import { PROMPT_CHUNK } from "./tokenSequence";

/** Thrown inside loading; becomes a typed `LoadResult`. */
export class LoadFailure extends Error {
  constructor(readonly code: LoadFailureCode, message: string, readonly attempted?: { readonly gpuLayers: number; readonly contextSize: number }) {
    super(message);
  }
}

/** Weights and a context over them. */
export interface HeldModel {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly placement: Placement;
  readonly notes: readonly string[];
  readonly watch: Watch;
  /** A further, small context over the same weights, for measuring with so many threads. */
  measuringContext(contextSize: number, threads: number): Promise<LlamaContext>;
  /** Ends the context and keeps the weights, for a load that takes them again; `dispose` is still due. */
  endContext(): Promise<void>;
  dispose(): Promise<void>;
}

/** What of a sound header holding needs. */
export interface HoldFacts {
  readonly layers: number;
  readonly trainContextSize: number;
  readonly shape: ModelShape;
}

/** What holding needs of its process. */
export interface HoldParts {
  readonly runtime: LlamaRuntime;
  readonly weights: SharedWeights;
  /** Absent where nobody wants to know of evaluations that do not end. */
  readonly evaluations?: EvaluationWatch;
}

/** Weights that fit, before there is a context over them. */
export interface FittedWeights {
  readonly held: HeldWeights;
  readonly fit: Fitting;
  readonly placement: Placement;
  /** Sentences about what will be slow. */
  readonly notes: readonly string[];
  /** Watches evaluations where any of it is on a GPU; a processor may take as long as it likes. */
  readonly watch: Watch;
}

/** Fits a model to free memory and makes its context. Rejects with `LoadFailure`, or with anything where the signal has fired. */
export async function holdModel(parts: HoldParts, params: LoadParams, facts: HoldFacts, signal: AbortSignal): Promise<HeldModel> {
  return await withContext(parts.runtime, await holdWeights(parts, params, facts, signal), params, signal);
}

/** Fits a model to free memory and loads its weights, or takes those that are there; whoever calls gives them back. Rejects as `holdModel` does. */
export async function holdWeights({ runtime, weights, evaluations }: HoldParts, params: LoadParams, facts: HoldFacts, signal: AbortSignal): Promise<FittedWeights> {
  // Where no layer is wished on the GPU, its driver is not even asked for its memory.
  const asked = params.gpuLayers === 0 ? await runtime.processor() : runtime.llama;
  const memoryMapped = params.memoryMapping !== "off" && asked.supportsMmap;
  const wish = weightsWish(params, memoryMapped);
  const present = weights.find(wish);
  const batchSize = params.batchSize ?? PROMPT_CHUNK;
  const fit = fitToMemory(facts.shape, {
    role: params.role, contextSize: params.contextSize, gpuLayers: params.gpuLayers ?? "auto", trainContextSize: facts.trainContextSize, blocks: facts.layers,
    batchSize, cacheType: params.cacheType ?? "f16", flashAttention: params.flashAttention !== "off", memoryMapped,
    ...(present ? { weightsThere: { gpuLayers: present.gpuLayers } } : {}),
  }, await freeMemory(asked));
  if (!fit.fits) throw new LoadFailure("insufficientMemory", describeShortage(fit), fit);
  const llama = fit.gpuLayers === 0 ? await runtime.processor() : asked;
  // The library takes as many threads as it was ever asked for.
  llama.maxThreads = Math.max(llama.maxThreads, params.threads);
  const held = await weights.take(wish, () => loadWeights(runtime, llama, params, fit, memoryMapped, signal));
  const placement: Placement = {
    backend: held.model.gpuLayers === 0 ? "cpu" : runtime.backend, gpuLayers: held.model.gpuLayers, layers: facts.layers + 1, threads: params.threads, batchSize,
    cacheType: params.cacheType ?? "f16", memoryMapped, adapters: params.adapters?.length ?? 0, shared: held.shared,
  };
  return { held, fit, placement, notes: [...runtime.notes, ...(fit.slow ? [describeSlowLoad(fit.slow)] : [])], watch: evaluations && placement.gpuLayers > 0 ? watchOf(evaluations, placement) : watchNothing };
}

/** What a slow machine needs for the layers of a token that its processor computes. */
const TOKEN_MS = 1_000;

function watchOf(evaluations: EvaluationWatch, { gpuLayers, layers }: Placement): Watch {
  return (evaluation, tokens) => evaluations.watch(evaluation, gpuLayers < layers ? tokens * TOKEN_MS : 0);
}

/** The layers wished count: whoever comes first decides about automatic ones. */
function weightsWish(params: LoadParams, memoryMapped: boolean): WeightsWish {
  return {
    key: JSON.stringify([shardNames(params.path).map(fileState), memoryMapped, params.gpuLayers ?? "auto"]),
    adapters: new Map((params.adapters ?? []).map(({ path }) => [path, fileState(path)])),
  };
}

function fileState(path: string): string {
  const { size, mtimeMs, ino } = statSync(path);
  return JSON.stringify([path, size, mtimeMs, ino]);
}

async function freeMemory(llama: Llama): Promise<FreeMemory> {
  const { free } = await llama.getRamState();
  // Inside a container less may be left than the machine has; older runtimes cannot tell.
  const main = Math.min(free, typeof availableMemory === "function" ? availableMemory() : free);
  if (llama.gpu === false || !llama.supportsGpuOffloading) return { main };
  const gpu = await llama.getVramState();
  return { main, gpu: gpu.free, gpuShared: gpu.unifiedSize > 0 };
}

/** A model that fits, and how. */
export type Fitting = Extract<MemoryFit, { fits: true }>;

async function loadWeights(runtime: LlamaRuntime, llama: Llama, params: LoadParams, fit: Fitting, memoryMapped: boolean, signal: AbortSignal): Promise<LlamaModel> {
  try {
    return await llama.loadModel({ modelPath: params.path, gpuLayers: fit.gpuLayers, useMmap: memoryMapped, loadSignal: signal });
  } catch (error) {
    throw libraryFailure(error, runtime.lastError(), fit);
  }
}

async function withContext(runtime: LlamaRuntime, { held, fit, placement, notes, watch }: FittedWeights, params: LoadParams, signal: AbortSignal): Promise<HeldModel> {
  const { model } = held;
  const create = (contextSize: number, threads: number, more: LlamaContextOptions): Promise<LlamaContext> => model.createContext({ ...contextOptions(params, placement.batchSize), contextSize, threads: { ideal: threads, min: threads }, ...more });
  try {
    const context = await create(fit.contextSize, params.threads, { createSignal: signal });
    return {
      model, context, placement, notes, watch,
      measuringContext: (contextSize, threads) => create(contextSize, threads, {}),
      ...endsOf(held, context),
    };
  } catch (error) {
    await held.release();
    throw libraryFailure(error, runtime.lastError(), fit);
  }
}

/** How a context over weights ends: with them, or without where they are to be taken again. */
export function endsOf(held: HeldWeights, context: { dispose(): Promise<void> }): Pick<HeldModel, "endContext" | "dispose"> {
  return {
    endContext: async () => {
      held.rest();
      await context.dispose();
    },
    dispose: async () => {
      await context.dispose();
      await held.release();
    },
  };
}

const CACHE_TYPES: Readonly<Record<CacheType, "F16" | "Q8_0" | "Q4_0">> = { f16: "F16", q8_0: "Q8_0", q4_0: "Q4_0" };
const FLASH: Readonly<Record<Switch, "auto" | boolean>> = { auto: "auto", on: true, off: false };

function contextOptions(params: LoadParams, batchSize: number): LlamaContextOptions {
  const cacheType = CACHE_TYPES[params.cacheType ?? "f16"];
  const adapters = (params.adapters ?? []).map(({ path, scale }) => ({ filePath: path, scale }));
  return {
    batchSize,
    sequences: 1,
    failedCreationRemedy: false,
    flashAttention: FLASH[params.flashAttention ?? "auto"],
    experimentalKvCacheKeyType: cacheType,
    experimentalKvCacheValueType: cacheType,
    ...(adapters.length === 0 ? {} : { lora: { adapters } }),
  };
}

/** What the library's refusal means, from its error and what it said last. */
export function libraryFailure(error: unknown, libraryError: string, attempted: Fitting): LoadFailure {
  const words = `${messageOf(error)} ${libraryError}`;
  if (/memory|(?:unable|failed) to allocate|too large for the available/i.test(words)) return new LoadFailure("insufficientMemory", "this machine has too little free memory for it at this context size", attempted);
  if (/lora|adapter/i.test(words)) return new LoadFailure("adapterRefused", libraryError || messageOf(error));
  if (/unknown model architecture/i.test(words)) return new LoadFailure("unsupportedArchitecture", libraryError || messageOf(error));
  return new LoadFailure("libraryRefused", libraryError || messageOf(error));
}

/** An error's own words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
