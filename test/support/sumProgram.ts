const PROGRAMS: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...options: string[]]>>> = { linux: ["sha256sum"], darwin: ["shasum", "-a", "256"] };

/** The system's own program that makes and checks SHA-256 sums; undefined on Windows, which has none. */
export const SUM_PROGRAM = PROGRAMS[process.platform];
