/** Work with a model that gives way in its middle: all of it is told to stop, and waited for, before the model goes. */
export class StoppableWork {
  readonly #underWay = new Map<AbortController, Promise<unknown>>();

  /** Does a piece of work, which ends soon after its signal fires: that of the one who asked for it, or `stop`. Settles as it does. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const stop = new AbortController();
    const result = work(AbortSignal.any([signal, stop.signal]));
    this.#underWay.set(stop, result);
    try {
      return await result;
    } finally {
      this.#underWay.delete(stop);
    }
  }

  /** Stops what is under way; resolves when nothing of it is left, however it ended. */
  async stop(): Promise<void> {
    const ended = [...this.#underWay.values()];
    for (const stop of this.#underWay.keys()) stop.abort();
    await Promise.allSettled(ended);
  }
}
