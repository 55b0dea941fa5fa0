const isWindows = process.platform === "win32";

/** What Node says of a child that killed itself: Windows knows no signals, and there it ended with code 1. */
export const KILLED_ITSELF = { signal: isWindows ? null : "SIGKILL" } as const;

/** What Node says of a child that `process.kill` ended by its id; on Windows only `kill` of the child itself leaves the signal's name. */
export const KILLED_BY_ID = isWindows ? { code: 1, signal: null, words: "exit code 1" } as const : { code: null, signal: "SIGKILL", words: "SIGKILL" } as const;
