import type { LlamaModel } from "node-llama-cpp";

/** Weights that one or more roles use. */
export interface HeldWeights {
  readonly model: LlamaModel;
  /** Whether another role used them already. */
  readonly shared: boolean;
  /** Says that they are only kept for whoever comes next. */
  rest(): void;
  /** Gives them back; the last one frees their memory. */
  release(): Promise<void>;
}

/** What identifies weights, and the adapters wanted over them. */
export interface WeightsWish {
  /** What must be equal for sharing: the file as it is now and how it is held. */
  readonly key: string;
  /** Adapters by path, each with what changes when its file does. */
  readonly adapters: ReadonlyMap<string, string>;
}

interface Entry {
  readonly model: LlamaModel;
  users: number;
  /** Users that only keep them. */
  resting: number;
  /** The library keeps an adapter by its path for as long as the weights live, whatever becomes of the file. */
  readonly adapters: Map<string, string>;
}

/** One file in memory once: each role has a context of its own (keys and values, adapters) over the same weights. */
export class SharedWeights {
  readonly #entries = new Set<Entry & { readonly key: string }>();

  /** The weights that a wish would share, where they are loaded. */
  find(wish: WeightsWish): LlamaModel | undefined {
    return this.#entry(wish)?.model;
  }

  /** Takes the weights of a wish, loading them where nobody has. Rejects as `load` does. Calls must not overlap. */
  async take(wish: WeightsWish, load: () => Promise<LlamaModel>): Promise<HeldWeights> {
    const present = this.#entry(wish);
    const shared = present !== undefined && present.users > present.resting;
    const entry = present ?? { key: wish.key, model: await load(), users: 0, resting: 0, adapters: new Map<string, string>() };
    entry.users += 1;
    for (const [path, state] of wish.adapters) entry.adapters.set(path, state);
    this.#entries.add(entry);
    let rests = false;
    const rest = (): void => {
      if (!rests) entry.resting += 1;
      rests = true;
    };
    return { model: entry.model, shared, rest, release: () => { if (rests) entry.resting -= 1; return this.#release(entry); } };
  }

  #entry({ key, adapters }: WeightsWish): (Entry & { readonly key: string }) | undefined {
    return [...this.#entries].find((entry) => entry.key === key && [...adapters].every(([path, state]) => (entry.adapters.get(path) ?? state) === state));
  }

  async #release(entry: Entry & { readonly key: string }): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    this.#entries.delete(entry);
    await entry.model.dispose();
  }
}
