import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ByteSource } from "../../core/models/gguf";

/**
 * Opens a file for random reading, hands it to `use` and closes it in any case. Throws what the file system says, and
 * where the file is none. A pipe is opened without waiting for its other end; systems without pipes lack the flag.
 */
export function withFileSource<T>(path: string, use: (source: ByteSource) => T): T {
  const descriptor = openSync(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) throw new Error("it is not a file");
    return use({
      size: facts.size,
      read: (offset, length) => {
        const bytes = new Uint8Array(length);
        return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
      },
    });
  } finally {
    closeSync(descriptor);
  }
}
