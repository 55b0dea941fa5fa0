/** Calls `tick` every so many milliseconds until the returned function is called. */
export type Ticker = (everyMs: number, tick: () => void) => () => void;

/** Ticks that a limit has: a machine that slept, or stood still, has lost one of them at most. */
const TICKS = 120;

/**
 * Notices an evaluation that does not come to an end. Time is counted in ticks, not read from a clock: clocks of some
 * systems go on while the machine sleeps, and a timer that is late ticks once for all the time it missed.
 */
export class EvaluationWatch {
  /** @param onHang told once for each evaluation that takes longer than `limitMs` and what it is granted beside. */
  constructor(private readonly limitMs: number, private readonly onHang: () => void, private readonly every: Ticker = everyInterval) {}

  /** Runs an evaluation. `beside` is the milliseconds it may take for what is not computed on the GPU. */
  async watch<Result>(evaluation: () => Promise<Result>, beside: number): Promise<Result> {
    const tickMs = this.limitMs / TICKS;
    let left = Math.ceil((this.limitMs + beside) / tickMs);
    const stop = this.every(tickMs, () => {
      left -= 1;
      if (left === 0) this.onHang();
    });
    try {
      return await evaluation();
    } finally {
      stop();
    }
  }
}

function everyInterval(everyMs: number, tick: () => void): () => void {
  const timer = setInterval(tick, everyMs);
  timer.unref();
  return () => { clearInterval(timer); };
}
