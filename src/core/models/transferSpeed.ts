/** Milliseconds that a speed looks back: long enough to be calm, short enough to follow a network that changed. */
const WINDOW_MS = 8_000;

/** How fast bytes come. */
export interface TransferSpeed {
  /** `bytes` are there at the time `now`, in milliseconds of any clock that only goes forward. */
  add(bytes: number, now: number): void;
  /** Over the last seconds; null until there is something to tell. */
  bytesPerSecond(): number | null;
}

/** Starts measuring. Fewer bytes than before (the file was begun anew) start it again. */
export function createTransferSpeed(): TransferSpeed {
  const samples: { readonly bytes: number; readonly at: number }[] = [];
  return {
    add(bytes, now) {
      if (bytes < (samples.at(-1)?.bytes ?? 0)) samples.length = 0;
      samples.push({ bytes, at: now });
      while (samples.length > 2 && (samples[1]?.at ?? now) <= now - WINDOW_MS) samples.shift();
    },
    bytesPerSecond() {
      const [first] = samples;
      const last = samples.at(-1);
      if (!first || !last || last.at <= first.at) return null;
      return ((last.bytes - first.bytes) * 1_000) / (last.at - first.at);
    },
  };
}

/** Seconds until all is there, rounded up; null where that cannot be told. */
export function secondsLeft(bytes: number, total: number | null, bytesPerSecond: number | null): number | null {
  if (total === null || bytesPerSecond === null || bytesPerSecond <= 0) return null;
  return Math.ceil(Math.max(0, total - bytes) / bytesPerSecond);
}
