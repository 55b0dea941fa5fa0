import type { GpuBackend } from "../../protocol/loadOptions";

/** How an engine ended on a back end; full: its memory did not suffice, which is nobody's fault. */
export type BackendEnd = "crashed" | "hung" | "full";

/** A back end that may be at fault. Whether it or a model's file is, the processor tells: there the same is tried again. */
export interface Suspicion {
  readonly backend: GpuBackend;
  readonly how: BackendEnd;
  readonly during: "load" | "work";
  /** Keys of the files that were loaded or at work. */
  readonly files: readonly string[];
}

/** A back end that is to blame. */
export interface Proof {
  readonly backend: GpuBackend;
  readonly how: Exclude<BackendEnd, "full">;
}

/** Crashes at work may come from anything: after so many on a GPU it is suspected. */
const CRASHES_AT_WORK = 2;

/**
 * Decides whether a GPU back end is to be set aside. It is so only where the very file that failed on it then works on
 * the processor; where that fails too, or is not wanted any more, the back end keeps its good name.
 * Where its memory did not suffice nothing is proven either way: the processor computes until something else is wanted.
 */
export class BackendTrust {
  #suspicion: Suspicion | undefined;
  #crashesAtWork = 0;

  /** What is being tried on the processor. */
  get suspicion(): Suspicion | undefined {
    return this.#suspicion;
  }

  /** The engine ended, or did not come to an end, while it loaded a file on the back end. */
  failedLoading(backend: GpuBackend, how: BackendEnd, file: string): void {
    this.#suspicion = { backend, how, during: "load", files: [file] };
  }

  /** The engine ended while models of these files were computed on the back end. One that hung, or is full, need not be so twice. */
  failedAtWork(backend: GpuBackend, how: BackendEnd, files: readonly string[]): void {
    this.#crashesAtWork += 1;
    if (how === "crashed" && this.#crashesAtWork < CRASHES_AT_WORK) return;
    this.#suspicion = { backend, how, during: "work", files };
  }

  /** A file was loaded, or did its work, on the processor. Returns the suspicion that this confirms, and is done with it. */
  worked(during: Suspicion["during"], file: string): Proof | undefined {
    const suspicion = this.#suspicion;
    if (suspicion?.during !== during || suspicion.how === "full" || !suspicion.files.includes(file)) return undefined;
    this.lift();
    return { backend: suspicion.backend, how: suspicion.how };
  }

  /** Whether nothing that is wanted could confirm the suspicion any more. */
  isMoot(wanted: readonly string[]): boolean {
    return this.#suspicion !== undefined && !this.#suspicion.files.some((file) => wanted.includes(file));
  }

  /** Begins anew; tells whether there was a suspicion. */
  lift(): boolean {
    const had = this.#suspicion !== undefined;
    this.#suspicion = undefined;
    this.#crashesAtWork = 0;
    return had;
  }
}

/** Whether an engine's answer shows that a model computed something for it. */
export function showsWork(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  // Texts that are compared are counted by their vectors.
  return ("evaluatedTokens" in answer && Number(answer.evaluatedTokens) > 0) || ("computed" in answer && Number(answer.computed) > 0);
}
