/** How a model is held and run: what the host asks of the engine for a role. Plain data. */

/** What the library computes on beside the processor. */
export type GpuBackend = "metal" | "cuda" | "vulkan";
export type ComputeBackend = GpuBackend | "cpu";

/** How keys and values are kept: half precision, or in blocks of 32 with 8 or 4 bits a value. */
export type CacheType = "f16" | "q8_0" | "q4_0";

/** `auto` leaves it to the library and what the machine can do. */
export type Switch = "auto" | "on" | "off";

/** A low-rank adapter laid over a model's weights. */
export interface LoraAdapter {
  /** Absolute path of a GGUF file of type "adapter". */
  readonly path: string;
  /** How strongly it counts; 1 as it was trained, 0 not at all. */
  readonly scale: number;
}

/** Everything about a load that may be left to the engine; what is absent is chosen by it. */
export interface LoadChoices {
  /** Tokens evaluated at once, 8 to 512: what is interrupted in between only. */
  readonly batchSize?: number;
  /** Layers computed on the GPU; `auto` takes as many as its free memory holds. */
  readonly gpuLayers?: number | "auto";
  readonly cacheType?: CacheType;
  readonly flashAttention?: Switch;
  /** Whether weights are read from the file as they are needed, instead of all at once into memory. */
  readonly memoryMapping?: Switch;
  /** In the order given; the effects add up. */
  readonly adapters?: readonly LoraAdapter[];
}

/** How a model came to be held. */
export interface Placement {
  readonly backend: ComputeBackend;
  /** Layers on the GPU, of `layers` (the output layer counts as one). */
  readonly gpuLayers: number;
  readonly layers: number;
  readonly threads: number;
  readonly batchSize: number;
  readonly cacheType: CacheType;
  readonly memoryMapped: boolean;
  readonly adapters: number;
  /** Whether another role holds the same weights: they are in memory once. */
  readonly shared: boolean;
}
