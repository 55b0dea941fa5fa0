import type { CacheType } from "../../protocol/loadOptions";
import type { ModelRole } from "../../protocol/engine";
import { bytesPerToken, cacheBytes, estimateMemory } from "./estimate";
import type { ModelShape } from "./modelShape";

/** What can still be taken, in bytes. */
export interface FreeMemory {
  readonly main: number;
  /** Absent without a GPU. */
  readonly gpu?: number;
  /** Whether the GPU works in the machine's own memory: what it takes is gone from `main` too. */
  readonly gpuShared?: boolean;
}

/** What is wished of a load, as far as memory goes. */
export interface FitWish {
  readonly role: ModelRole;
  readonly contextSize: number | "auto";
  readonly gpuLayers: number | "auto";
  readonly trainContextSize: number;
  /** Layers of the model without the output layer. */
  readonly blocks: number;
  readonly batchSize: number;
  readonly cacheType: CacheType;
  readonly flashAttention: boolean;
  readonly memoryMapped: boolean;
  /** The weights are in memory already, with so many layers on the GPU. */
  readonly weightsThere?: { readonly gpuLayers: number };
}

/** Where a model goes, or that it does not fit; `attempted` is what did not. */
export type MemoryFit =
  | { readonly fits: true; readonly contextSize: number; readonly gpuLayers: number; readonly slow?: SlowLoad }
  | { readonly fits: false; readonly contextSize: number; readonly gpuLayers: number; readonly neededBytes: number; readonly freeBytes: number };

/** A mapped model that is larger than free memory: it runs, as slow as the disk. */
export interface SlowLoad {
  readonly weightBytes: number;
  readonly roomBytes: number;
  /** Tokens a second from a disk that reads `SLOW_DISK` bytes a second. */
  readonly tokensPerSecond: number;
}

/** What a usual solid-state disk reads in a second, at random pages rather than in one go. */
export const SLOW_DISK = 500e6;

/** Tokens of one text that is compared by meaning, with what stands around it: more of it would be slower and say little more. */
export const EMBEDDING_CONTEXT = 256;

/** Context sizes that automatic takes, the first that fits: more only costs memory and, for ghost text, prompt time. */
const AUTOMATIC_CONTEXT: Readonly<Record<ModelRole, readonly number[]>> = { completion: [2_048, 1_024, 512], chat: [8_192, 4_096, 2_048, 1_024], embedding: [EMBEDDING_CONTEXT] };

/** The smallest context in which a role is of any use, in tokens. */
export const LEAST_CONTEXT: Readonly<Record<ModelRole, number>> = { completion: 512, chat: 1_024, embedding: EMBEDDING_CONTEXT };

/** Free GPU memory that stays so: the desktop draws with it, and estimates are right within a tenth. */
const GPU_MARGIN_SHARE = 0.1;
const GPU_MARGIN_BYTES = 256e6;
/** Automatic contexts leave this share of free main memory alone. */
const MAIN_MARGIN_SHARE = 0.1;

/**
 * Fits layers and context to free memory by the estimate. Mapped weights need no free memory: what is not there is read
 * again from the file, slowly, and that is said. Everything else has to be free, or it does not fit.
 */
export function fitToMemory(shape: ModelShape, wish: FitWish, free: FreeMemory): MemoryFit {
  const sizes = wish.contextSize === "auto" ? AUTOMATIC_CONTEXT[wish.role] : [wish.contextSize];
  const fits = sizes.map((size) => fitContext(shape, wish, Math.min(size, wish.trainContextSize), free, wish.contextSize === "auto" ? 1 - MAIN_MARGIN_SHARE : 1));
  const last = fits.at(-1);
  const found = fits.find((fit) => fit.fits) ?? last;
  if (!found) throw new RangeError("no context size to fit");
  return found;
}

function fitContext(shape: ModelShape, wish: FitWish, contextSize: number, free: FreeMemory, share: number): MemoryFit {
  const parts = partsOf(shape, wish, contextSize);
  const all = wish.blocks + 1;
  const gpuLayers = wish.weightsThere?.gpuLayers ?? (free.gpu === undefined ? 0 : wish.gpuLayers === "auto" ? layersThatFit(parts, all, free.gpu) : Math.min(wish.gpuLayers, all));
  const onGpu = gpuLayers / all;
  const gpuNeeded = gpuLayers === 0 ? 0 : onGpu * (parts.weights + parts.cache) + parts.compute;
  if (free.gpu !== undefined && gpuNeeded > free.gpu) return { fits: false, contextSize, gpuLayers, neededBytes: gpuNeeded, freeBytes: free.gpu };
  const room = free.main * share - (free.gpuShared === true ? gpuNeeded : 0);
  const weights = parts.weights * (1 - onGpu);
  const firm = (parts.rearranged + parts.cache) * (1 - onGpu) + parts.compute + (wish.memoryMapped ? 0 : weights);
  if (firm > room) return { fits: false, contextSize, gpuLayers, neededBytes: firm, freeBytes: Math.max(0, room) };
  const read = bytesPerToken(shape, 0) * (1 - onGpu);
  const lasting = weights - Math.min(weights, parts.replaced * (1 - onGpu));
  const missing = wish.memoryMapped ? lasting + firm - room : 0;
  if (missing <= 0) return { fits: true, contextSize, gpuLayers };
  return { fits: true, contextSize, gpuLayers, slow: { weightBytes: lasting, roomBytes: Math.max(0, room - firm), tokensPerSecond: SLOW_DISK / Math.max(1, read) } };
}

interface Parts {
  readonly weights: number;
  readonly rearranged: number;
  /** Mapped weights that are not read again once they are rearranged. */
  readonly replaced: number;
  readonly cache: number;
  readonly compute: number;
}

function partsOf(shape: ModelShape, wish: FitWish, contextSize: number): Parts {
  const use = { contextSize, cacheType: wish.cacheType, batchSize: wish.batchSize, flashAttention: wish.flashAttention };
  const estimate = estimateMemory(shape, use);
  const there = wish.weightsThere !== undefined;
  return {
    weights: there ? 0 : estimate.weights,
    rearranged: there ? 0 : estimate.rearranged,
    replaced: there ? 0 : estimate.resident - estimate.lasting,
    cache: cacheBytes(shape, use),
    compute: estimate.compute,
  };
}

/** Layers by their share of weights and cache; the compute buffer is there once, whatever their number. */
function layersThatFit(parts: Parts, all: number, freeGpu: number): number {
  const room = freeGpu - Math.max(GPU_MARGIN_BYTES, freeGpu * GPU_MARGIN_SHARE) - parts.compute;
  const each = (parts.weights + parts.cache) / all;
  return Math.max(0, Math.min(all, Math.floor(room / Math.max(1, each))));
}

/** One sentence about a model that does not fit in memory and runs all the same. */
export function describeSlowLoad(slow: SlowLoad): string {
  return `The model's weights take ${gigabytes(slow.weightBytes)} and ${gigabytes(slow.roomBytes)} are free: the rest is read from the disk again for each token, about ${rate(slow.tokensPerSecond)} from a solid-state disk.`;
}

/** One clause about a model that does not fit. */
export function describeShortage(fit: Extract<MemoryFit, { fits: false }>): string {
  const where = fit.gpuLayers > 0 ? "the graphics memory" : "this machine";
  return `it needs ${gigabytes(fit.neededBytes)} for a context of ${String(fit.contextSize)} tokens and ${where} has ${gigabytes(fit.freeBytes)} free`;
}

function rate(tokensPerSecond: number): string {
  return tokensPerSecond >= 1 ? `${tokensPerSecond.toFixed(1)} tokens a second` : `${(1 / tokensPerSecond).toFixed(0)} seconds a token`;
}

function gigabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6).toString()} MB`;
}
