import { float32, writeGguf, type Metadata, type Tensor } from "../../models/starter/train/gguf";

/** How an adapter differs from a sound one for a synthetic model of the same width. */
export interface AdapterOptions {
  readonly width?: number;
  /** The weight it is laid over. */
  readonly weight?: string;
  readonly metadata?: Metadata;
  /** Changes the tensors, or leaves some out. */
  readonly tensors?: (tensors: readonly Tensor[]) => readonly Tensor[];
}

const RANK = 4;

/** A low-rank adapter that changes one square weight a good deal. */
export function adapterFile({ width = 64, weight = "blk.0.attn_output.weight", metadata = {}, tensors = (all) => all }: AdapterOptions = {}): Buffer {
  const factor = (name: string, shape: readonly number[]): Tensor => ({ name: `${weight}.${name}`, shape, type: "F32", values: Float32Array.from({ length: width * RANK }, (_, index) => Math.sin(index * 1.7) / 8) });
  return writeGguf({
    metadata: { "general.type": "adapter", "general.architecture": "llama", "adapter.type": "lora", "adapter.lora.alpha": float32(16), ...metadata },
    tensors: tensors([factor("lora_a", [width, RANK]), factor("lora_b", [RANK, width])]),
  });
}
