/** What to do after the engine process died: wait so long and start again, or stop trying. */
export type RestartDecision = { readonly restart: true; readonly delayMs: number } | { readonly restart: false };

const BACK_OFF_MS = [500, 2_000, 8_000] as const;
/** Crashes within this time count together. */
const WINDOW_MS = 5 * 60_000;
/** At so many crashes within the window nobody tries again by themselves (design §4.5). */
const MOST_CRASHES = 3;

/** Decides from the times of all crashes so far, the newest included, on a monotonic clock in milliseconds. */
export function decideRestart(crashTimes: readonly number[], now: number): RestartDecision {
  const recent = crashTimes.filter((time) => now - time < WINDOW_MS).length;
  if (recent >= MOST_CRASHES) return { restart: false };
  return { restart: true, delayMs: BACK_OFF_MS[Math.max(0, recent - 1)] ?? BACK_OFF_MS[2] };
}
