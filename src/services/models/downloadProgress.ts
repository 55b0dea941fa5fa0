import type { DownloadState, DownloadStep } from "../../core/models/downloadState";
import { createTransferSpeed, secondsLeft } from "../../core/models/transferSpeed";

/** Tells a view how far a download is, at most four times a second while nothing else changes. */
export interface ProgressReporter {
  step(step: DownloadStep, bytes: number, total: number | null): void;
}

/** Tells of one part of a model as of so many bytes of all. */
export function progressOfPart(whole: ProgressReporter, before: number, total: number | null): ProgressReporter {
  return { step: (step, bytes) => { whole.step(step, before + bytes, total); } };
}

const EVERY_MS = 250;

/** `now` in milliseconds of a clock that only goes forward. */
export function progressReporter(now: () => number, report: (state: DownloadState) => void): ProgressReporter {
  let speed = createTransferSpeed();
  let last: { readonly step: DownloadStep | undefined; readonly at: number } = { step: undefined, at: 0 };
  return {
    step(step, bytes, total) {
      const at = now();
      const changed = step !== last.step;
      if (changed) speed = createTransferSpeed();
      const moves = step === "receiving" || step === "elsewhere";
      if (moves) speed.add(bytes, at);
      if (!changed && at - last.at < EVERY_MS && bytes !== total) return;
      last = { step, at };
      const bytesPerSecond = moves ? speed.bytesPerSecond() : null;
      report({ state: "running", step, progress: { bytes, total, bytesPerSecond, secondsLeft: secondsLeft(bytes, total, bytesPerSecond) } });
    },
  };
}
