import type { ComputeBackend, GpuBackend } from "../protocol/loadOptions";

/** Which of the library's builds computes on a back end, and how it is started. */
export interface LibraryBinary {
  /** What the library is asked for; false is its build for the processor alone. */
  readonly gpu: GpuBackend | false;
  /** What has to stand in the environment before the build is loaded. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A batch that nobody evaluates: the library copies a layer's weights to the GPU only for one at least as large. */
const NO_BATCH = String(2 ** 31 - 1);

/**
 * The build for a back end on a platform, both in Node's names. For Apple's processors the only one that is published
 * has Metal in it, and asked for none the library finds nothing: the processor alone is that build without devices.
 * A process holds it once, so where Metal was asked for, what is not on the GPU is kept away from it by its batch.
 */
export function libraryBinary(backend: ComputeBackend, platform: string, architecture: string): LibraryBinary {
  if (backend === "metal") return { gpu: backend, environment: { GGML_OP_OFFLOAD_MIN_BATCH: NO_BATCH } };
  if (backend !== "cpu") return { gpu: backend, environment: {} };
  return platform === "darwin" && architecture === "arm64" ? { gpu: "metal", environment: { GGML_METAL_DEVICES: "0" } } : { gpu: false, environment: {} };
}
