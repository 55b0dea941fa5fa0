import { readFile } from "node:fs/promises";
import path from "node:path";
import * as valibot from "valibot";
import type { DownloadOutcome, DownloadSource } from "../../core/models/downloadState";
import { writeJsonFile } from "../store/jsonFile";
import { CANCELLED, type DownloadLock, type DownloadTurn } from "./downloadLock";
import type { DownloadParts } from "./downloadParts";
import type { ProgressReporter } from "./downloadProgress";
import { growingBytes, leftOver } from "./partFile";
import { wholeBytes } from "./wholeParts";

/** How often a window looks how far another one is, milliseconds. */
const LOOK_MS = 500;

/**
 * Waits until nobody else works on a download. Resolves with the turn, or with what the window that was waited for came
 * to. A pause or a cancel here is passed on to that window.
 */
export async function waitForTurn(parts: DownloadParts, lock: DownloadLock, place: string, source: DownloadSource, reporter: ProgressReporter, signal: AbortSignal): Promise<DownloadTurn | DownloadOutcome> {
  const watched = new Set<string>();
  for (;;) {
    const seen = await lock.look();
    if ("release" in seen) {
      const ended = watched.size > 0 ? await endingBy(place, watched) : undefined;
      if (!ended) return seen;
      await seen.release();
      return ended;
    }
    watched.add(seen.holder);
    const bytes = await growingBytes(place) + await wholeBytes(place);
    reporter.step("elsewhere", bytes, source.size ?? (source.parts ? null : (await leftOver(place, source))?.total ?? null));
    if (!signal.aborted) await parts.wait(LOOK_MS, signal).catch(() => undefined);
    if (!signal.aborted) continue;
    const cancels = signal.reason === CANCELLED;
    await lock.wish(seen, cancels ? "cancel" : "pause");
    return cancels ? { outcome: "cancelled" } : { outcome: "paused", kept: bytes };
  }
}

/** Leaves word for the windows that wait. Must be written while the turn is held. */
export function writeEnding(place: string, { name }: DownloadTurn, outcome: DownloadOutcome): void {
  writeJsonFile(path.join(place, ENDING), { holder: name, outcome });
}

const ENDING = "ended.json";
const endingShape = valibot.pipe(valibot.string(), valibot.parseJson(), valibot.object({ holder: valibot.string(), outcome: valibot.looseObject({ outcome: valibot.picklist(["done", "paused", "cancelled", "failed", "refused"]) }) }));

/** What one of these holders came to; undefined where it died without a word. */
async function endingBy(place: string, holders: ReadonlySet<string>): Promise<DownloadOutcome | undefined> {
  const parsed = valibot.safeParse(endingShape, await readFile(path.join(place, ENDING), "utf8").catch(() => ""));
  return parsed.success && holders.has(parsed.output.holder) ? parsed.output.outcome as DownloadOutcome : undefined;
}
