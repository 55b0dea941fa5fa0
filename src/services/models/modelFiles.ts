import { createHash } from "node:crypto";

/**
 * The hash of a model in parts, over those of its parts: SHA-256 of their hexadecimal texts in order, each ended by a line
 * feed. `sha256sum NAME-*-of-*.gguf | cut -c1-64 | sha256sum` says the same.
 */
export function hashOfParts(hashes: readonly string[]): string {
  return createHash("sha256").update(hashes.map((hash) => `${hash}\n`).join("")).digest("hex");
}
