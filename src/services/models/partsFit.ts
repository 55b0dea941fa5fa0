import { GgufError, readGgufHeader } from "../../core/models/gguf";
import { whyShardsDoNotFit } from "../../core/models/shards";
import { withFileSource } from "./fileSource";

/** Why files, the first of so many parts of a model, do not belong together, as a clause; undefined where they do. Reads headers: call it in a thread (`modelsThread.ts`). */
export function whyPartsDoNotFit(files: readonly string[], count: number): string | undefined {
  try {
    return whyShardsDoNotFit(files.map((file) => withFileSource(file, readGgufHeader)), count);
  } catch (error) {
    return error instanceof GgufError ? error.message : `it cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
}
