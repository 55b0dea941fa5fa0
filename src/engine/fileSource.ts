import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { ByteSource } from "../core/models/gguf";

/** Opens a file for random reading, hands it to `use` and closes it in any case. Throws what the file system says. */
export function withFileSource<T>(path: string, use: (source: ByteSource) => T): T {
  const descriptor = openSync(path, "r");
  try {
    return use({
      size: fstatSync(descriptor).size,
      read: (offset, length) => {
        const bytes = new Uint8Array(length);
        return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
      },
    });
  } finally {
    closeSync(descriptor);
  }
}
