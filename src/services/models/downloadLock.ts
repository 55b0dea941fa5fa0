import { readFile, utimes, rm, stat } from "node:fs/promises";
import path from "node:path";
import * as valibot from "valibot";
import { batonIn, FREE_BATON, holderHasEnded, makeBaton, newBatonName, takeBaton } from "../store/baton";
import { writeJsonFile } from "../store/jsonFile";
import { makeFolder } from "../store/makeFolder";
import type { Inheritance } from "./partFile";

/** What a person in another window wants of the download under way here. */
export type Wish = "pause" | "cancel";

/** The reason of a signal that means "cancel": the part is deleted. Any other reason means "pause": the part is kept. */
export const CANCELLED = "cancel" satisfies Wish;
/** The reason of a turn that was taken away after a long silence. */
export const TAKEN_AWAY = "taken away";

/** The right to write into the folder of a download, for as long as it takes. */
export interface DownloadTurn {
  /** Of this turn alone. */
  readonly name: string;
  /** How to come by what the one before left: one that hangs may wake up and write on. */
  readonly inheritance: Inheritance;
  /** Fires with a `Wish` or with `TAKEN_AWAY` as its reason. */
  readonly interrupted: AbortSignal;
  /** Looks now, and not only at the next beat, whether the turn is still held: due before work on a further file begins. */
  beat(): Promise<void>;
  /** Gives it back. */
  release(): Promise<void>;
}

/** Somebody else's turn. */
export interface OthersTurn {
  readonly holder: string;
}

/** How often a turn shows that it lives and listens to other windows, and when a silent one is taken over; milliseconds. */
export interface TurnRhythm {
  readonly beatMs: number;
  readonly hangsAfterMs: number;
}

/** The rhythm that people get. */
export const usualRhythm: TurnRhythm = { beatMs: 1_000, hangsAfterMs: 30_000 };

/**
 * One download among all windows, for hours where it must be. Besides its holder's death, which shows at once, a silence
 * tells that nobody works on it any more (a number of a process was given to another one, another machine went away).
 * Silence is measured by whoever waits, in time that it was awake itself: a laptop that slept took nobody's turn.
 */
export class DownloadLock {
  #seen = { holder: "", beat: 0, at: 0 };
  readonly #lock: string;

  /** `folder` is of this download alone. `now` in milliseconds of a clock that only goes forward. */
  constructor(private readonly folder: string, private readonly now: () => number, private readonly rhythm: TurnRhythm = usualRhythm) {
    this.#lock = path.join(folder, "lock");
  }

  /** Takes the turn if it is free or its holder is gone, and otherwise says whose it is. Rejects with what the file system says. */
  async look(): Promise<DownloadTurn | OthersTurn> {
    const found = await batonIn(this.#lock);
    if (found === undefined) {
      await makeFolder(this.folder);
      await makeBaton(this.#lock);
      return this.look();
    }
    const inheritance = found === FREE_BATON || holderHasEnded(found) ? "rename" : (await this.#hangs(found)) ? "copy" : undefined;
    if (inheritance === undefined) return { holder: found };
    const mine = newBatonName();
    return (await takeBaton(this.#lock, found, mine)) ? this.#begin(mine, inheritance) : { holder: found };
  }

  /** Tells whoever has the turn what the person wants; heard within a beat. */
  async wish({ holder }: OthersTurn, wish: Wish): Promise<void> {
    writeJsonFile(this.#wishFile(), { holder, wish });
  }

  async #hangs(holder: string): Promise<boolean> {
    const beat = await stat(path.join(this.#lock, holder)).then(({ mtimeMs }) => mtimeMs, () => 0);
    const now = this.now();
    if (holder !== this.#seen.holder || beat !== this.#seen.beat) this.#seen = { holder, beat, at: now };
    return now - this.#seen.at > this.rhythm.hangsAfterMs;
  }

  #begin(name: string, inheritance: Inheritance): DownloadTurn {
    const interrupted = new AbortController();
    const beat = async (): Promise<void> => {
      const time = new Date();
      const lives = await utimes(path.join(this.#lock, name), time, time).then(() => true, (error: NodeJS.ErrnoException) => error.code !== "ENOENT");
      const wish = lives ? await this.#wishFor(name) : undefined;
      if (!lives || wish) interrupted.abort(wish ?? TAKEN_AWAY);
    };
    const timer = setInterval(() => { void beat(); }, this.rhythm.beatMs);
    timer.unref();
    return {
      name, inheritance, interrupted: interrupted.signal, beat,
      release: async () => {
        clearInterval(timer);
        if (await this.#wishFor(name)) await rm(this.#wishFile(), { force: true });
        await takeBaton(this.#lock, name, FREE_BATON).catch(() => false);
      },
    };
  }

  #wishFile(): string {
    return path.join(this.folder, "wish.json");
  }

  async #wishFor(name: string): Promise<Wish | undefined> {
    const text = await readFile(this.#wishFile(), "utf8").catch(() => "");
    const parsed = valibot.safeParse(wishShape, text);
    return parsed.success && parsed.output.holder === name ? parsed.output.wish : undefined;
  }
}

const wishShape = valibot.pipe(valibot.string(), valibot.parseJson(), valibot.object({ holder: valibot.string(), wish: valibot.picklist(["pause", "cancel"]) }));
