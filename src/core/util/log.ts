/**
 * Where background trouble goes. Lines carry counts, ids and durations; never code, prompts or questions
 * (design: quiet by default).
 */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A log that keeps nothing: for the command line without `--verbose` and for tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
