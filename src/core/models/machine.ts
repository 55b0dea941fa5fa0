/** What a graphics processor is driven through. */
export type GpuKind = "metal" | "cuda" | "vulkan";

/** How fast the memory is, in bytes a second; absent where it could not be measured. */
export interface MemorySpeeds {
  /** Of all threads that evaluate together, which only read: what decoding waits for where it has threads enough. */
  readonly readingSpeed?: number;
  /** Of one thread that multiplies what it reads, byte by byte: what decoding waits for where it has few. */
  readonly multiplyingSpeed?: number;
}

/** What decides which models run well on a machine. Bytes throughout; absent means that it is not known. */
export interface MachineFacts extends MemorySpeeds {
  readonly platform: string;
  readonly architecture: string;
  /** Of the machine, or of the container where that has less. */
  readonly totalMemory: number;
  /** What programs can still take without others being pushed out. */
  readonly freeMemory: number;
  /** Cores that are not two halves of one. */
  readonly physicalCores: number;
  /** Small letters, as Linux writes them: `avx2`, `avx512f`, `asimddp`. Empty where the system does not tell. */
  readonly instructionSets: readonly string[];
  readonly gpu?: { readonly kind: GpuKind; readonly name: string; readonly memory?: number; /** Whether it works in the machine's own memory. */ readonly shared: boolean };
  /** Where models are kept. */
  readonly freeDisk?: number;
}

/** Whether the processor is known to lack the wide instructions that evaluation is written for. */
export function lacksWideInstructions(machine: MachineFacts): boolean {
  return machine.architecture === "x64" && machine.instructionSets.length > 0 && !machine.instructionSets.includes("avx2");
}

/** Whether the processor multiplies and adds up whole rows of bytes at once (AVX-512 with VNNI). Of other architectures than x64 it is taken to be so: none was measured. */
export function hasByteProducts({ architecture, instructionSets }: Pick<MachineFacts, "architecture" | "instructionSets">): boolean {
  return architecture !== "x64" || instructionSets.includes("avx512_vnni");
}
