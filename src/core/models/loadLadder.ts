import type { ModelRole } from "../../protocol/engine";
import type { ComputeBackend, GpuBackend } from "../../protocol/loadOptions";
import { LEAST_CONTEXT } from "./memoryFit";

/** What a load is tried with. A rung on the processor has no layers on the GPU. */
export interface Rung {
  readonly backend: ComputeBackend;
  readonly gpuLayers: number | "auto";
  readonly contextSize: number | "auto";
}

/** What the automatic values of a load had come to, when memory did not suffice for it. */
export interface Attempted {
  readonly gpuLayers: number;
  readonly contextSize: number;
}

/** What to do next, with the sentence that the status item and the log say. */
export type LadderMove = { readonly move: "try"; readonly rung: Rung; readonly sentence: string } | { readonly move: "giveUp" };

/** Names of the back ends as their makers write them. */
export const BACKEND_NAMES: Readonly<Record<ComputeBackend, string>> = { metal: "Metal", cuda: "CUDA", vulkan: "Vulkan", cpu: "the processor" };

/** Each halving of the layers costs a load: after so few layers the processor alone is not slower by much. */
const LEAST_LAYERS = 4;
const CONTEXT_STEP = 256;

/**
 * The ladder GPU → fewer layers → processor → smaller context, for a load that lacked memory; no other failure has a lower
 * rung. Every move is to one, so that any run of failures ends. A pure state machine: the rung is the whole state.
 */
export function nextRung(role: ModelRole, rung: Rung, attempted?: Attempted): LadderMove {
  const onGpu = rung.backend !== "cpu" && rung.gpuLayers !== 0;
  const layers = attempted?.gpuLayers ?? (rung.gpuLayers === "auto" ? undefined : rung.gpuLayers);
  // Where automatic came to no layer at all, it was main memory that did not suffice.
  if (onGpu && layers !== 0) return fewerLayers(rung, layers);
  return smallerContext(role, { ...rung, backend: "cpu", gpuLayers: 0 }, attempted?.contextSize);
}

/** What is said of a back end that is not used any more. */
export function describeSetAside(backend: GpuBackend, how: "crashed" | "hung"): string {
  return `${BACKEND_NAMES[backend]} ${how}: models run on the processor until the driver changes or you look for GPUs again.`;
}

/** What is said while the processor is to show whether a back end or a model's file is to blame. */
export function describeTrial(backend: GpuBackend, how: "crashed" | "hung" | "full"): string {
  if (how === "full") return `${BACKEND_NAMES[backend]} has too little free memory: models run on the processor until another one is wanted or the engine is restarted.`;
  return `${BACKEND_NAMES[backend]} ${how}: whether it or the model is to blame is seen on the processor.`;
}

function fewerLayers(rung: Rung, attempted: number | undefined): LadderMove {
  const fewer = Math.floor((attempted ?? 0) / 2);
  const name = BACKEND_NAMES[rung.backend];
  if (fewer < LEAST_LAYERS) {
    return { move: "try", rung: { ...rung, backend: "cpu", gpuLayers: 0 }, sentence: `${name} has too little free memory for this model: it runs on the processor.` };
  }
  return { move: "try", rung: { ...rung, gpuLayers: fewer }, sentence: `${name} has too little free memory for ${String(attempted)} layers: ${String(fewer)} are tried, the others run on the processor.` };
}

function smallerContext(role: ModelRole, rung: Rung, attempted: number | undefined): LadderMove {
  const present = attempted ?? (rung.contextSize === "auto" ? 0 : rung.contextSize);
  const least = LEAST_CONTEXT[role];
  if (present <= least) return { move: "giveUp" };
  const smaller = Math.max(least, Math.floor(present / 2 / CONTEXT_STEP) * CONTEXT_STEP);
  return { move: "try", rung: { ...rung, contextSize: smaller }, sentence: `Memory is short: the ${role} model has a context of ${String(smaller)} tokens instead of ${String(present)}.` };
}
