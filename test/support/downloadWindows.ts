import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { DownloadOutcome, DownloadSource } from "../../src/core/models/downloadState.js";
import type { TurnRhythm } from "../../src/services/models/downloadLock.js";

/** What a window is told. */
export type WindowOrder =
  | { readonly number: number; readonly source: DownloadSource; readonly folder: string; readonly rhythm: TurnRhythm }
  | { readonly number: number; readonly stop: "pause" | "cancel" };

/** What a window tells. */
export type WindowWord = { readonly number: number; readonly step: string; readonly bytes: number } | { readonly number: number; readonly outcome: DownloadOutcome };

/** A process that downloads. */
export interface DownloadWindow {
  readonly process: ChildProcess;
  /** Begins; `step` resolves with the first step that fits, `outcome` with the end. */
  get(source: DownloadSource, folder: string, rhythm?: TurnRhythm): { readonly outcome: Promise<DownloadOutcome>; step(fits: (step: string, bytes: number) => boolean): Promise<void>; stop(how: "pause" | "cancel"): void };
  close(): Promise<void>;
}

/** How fast these windows look after each other. */
export const quickRhythm: TurnRhythm = { beatMs: 20, hangsAfterMs: 700 };

/** Silence alone takes nobody's turn. */
export const patientRhythm: TurnRhythm = { ...quickRhythm, hangsAfterMs: 3_600_000 };

/** Starts one. */
export async function downloadWindow(): Promise<DownloadWindow> {
  const child = fork(path.resolve("test/support/downloadWindow.ts"), { execArgv: ["--import", "tsx"], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await once(child, "message");
  let number = 0;
  return {
    process: child,
    get(source, folder, rhythm = quickRhythm) {
      const mine = ++number;
      const heard: WindowWord[] = [];
      const waiting = new Set<() => void>();
      const listen = (word: WindowWord): void => {
        if (word.number !== mine) return;
        heard.push(word);
        for (const look of [...waiting]) look();
        if ("outcome" in word) child.off("message", listen);
      };
      child.on("message", listen);
      const first = <T>(find: (word: WindowWord) => T | undefined): Promise<T> => new Promise((resolve) => {
        const look = (): void => {
          const found = heard.map(find).find((value) => value !== undefined);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
      child.send({ number: mine, source, folder, rhythm } satisfies WindowOrder);
      return {
        outcome: first((word) => ("outcome" in word ? word.outcome : undefined)),
        step: async (fits) => { await first((word) => ("step" in word && fits(word.step, word.bytes) ? true : undefined)); },
        stop: (how) => { child.send({ number: mine, stop: how } satisfies WindowOrder); },
      };
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
