/** What Node says of a child that killed itself: Windows knows no signals, and there it ended with code 1. */
export const KILLED_ITSELF = { signal: process.platform === "win32" ? null : "SIGKILL" } as const;
