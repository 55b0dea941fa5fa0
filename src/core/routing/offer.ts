import { bytesInWords } from "../util/bytes";
import type { Signal } from "./signals";

/** From where on a signal is worth an offer. */
export interface OfferThresholds {
  /** Unsureness (0 to 1, `certainty.ts`) of an answer from which on asking is offered; calibrated in `calibration.ts`. */
  readonly unsure: number;
  /** How much less is enough where the task is one that small models find hard. */
  readonly hardTaskMargin: number;
  /** Share of the chosen places that had no room, from which on asking is offered. */
  readonly didNotFit: number;
}

/** Chosen by hand and not yet measured on answers of real models: the first one moves with what the person decides. */
export const DEFAULT_THRESHOLDS: OfferThresholds = { unsure: 0.65, hardTaskMargin: 0.1, didNotFit: 0.5 };

/** What asking would send, before the gate has made the final bytes. */
export interface WouldSend {
  /** The endpoint's name. */
  readonly endpoint: string;
  readonly files: number;
  /** Estimated, of the body. */
  readonly bytes: number;
}

/** A proposal to the person. It is words only: nothing is sent before the person has asked and has then consented. */
export interface Offer {
  readonly endpoint: string;
  /** One line, such as `The local answer looks unsure: ask NAME? Would send 3 files, 4.1 kB.` */
  readonly words: string;
  /** A sentence for each signal that spoke, with its figures. Never empty. */
  readonly why: readonly string[];
}

/** Why asking is worth an offer: the leading reason first. Empty where it is not. */
export interface Reasons {
  readonly headline: string;
  readonly why: readonly string[];
}

/** Weighs the signals; undefined where none of them is strong enough to interrupt somebody for. Pure. */
export function reasonsToAsk(signals: readonly Signal[], thresholds: OfferThresholds): Reasons | undefined {
  const needed = thresholds.unsure - (signals.some((signal) => signal.kind === "task") ? thresholds.hardTaskMargin : 0);
  const spoken = signals.map((signal) => reasonOf(signal, needed, thresholds)).filter((reason) => reason !== undefined);
  const headline = spoken.find((reason) => reason.headline !== undefined)?.headline;
  return headline === undefined ? undefined : { headline, why: spoken.map((reason) => reason.why) };
}

/** The offer as the person reads it. */
export function offerOf({ headline, why }: Reasons, { endpoint, files, bytes }: WouldSend): Offer {
  const sent = [...(files === 0 ? [] : [`${String(files)} file${files === 1 ? "" : "s"}`]), bytesInWords(bytes)].join(", ");
  return { endpoint, words: `${headline}: ask ${endpoint}? Would send ${sent}.`, why };
}

/** A signal in words. Without a headline it speaks along, and is not reason enough alone. */
interface Reason {
  readonly headline?: string;
  readonly why: string;
}

function reasonOf(signal: Signal, neededUnsure: number, thresholds: OfferThresholds): Reason | undefined {
  switch (signal.kind) {
    case "chosen":
      return { headline: "You chose to ask", why: "You chose to ask." };
    case "nothingFound":
      return { headline: "The index found nothing for this question", why: "The index of this workspace has nothing of what the question names." };
    case "doesNotParse":
      return { headline: "Code in the local answer does not parse", why: `${String(signal.blocks)} of ${String(signal.of)} code blocks of the answer do not parse in their language.` };
    case "didNotFit": {
      const why = `${String(signal.leftOut)} of ${String(signal.of)} places that may help did not fit into the local model's context.`;
      return signal.leftOut / signal.of >= thresholds.didNotFit ? { headline: "Much of what may help did not fit the local model", why } : undefined;
    }
    case "unsure": {
      const { unsure, certainty } = signal;
      const why = `The answer's unsureness is ${twoPlaces(unsure)}, and asking is offered from ${twoPlaces(neededUnsure)}: a tenth of its words had a probability of ${twoPlaces(certainty.lowQuantile)} or less, its least sure run averaged ${twoPlaces(certainty.lowestRun)}.`;
      return unsure >= neededUnsure ? { headline: "The local answer looks unsure", why } : undefined;
    }
    case "task":
      if (signal.byIndex) return { headline: "The index looks things up and cannot write code", why: `The question asks to ${signal.task}, and no local model is there to do it.` };
      return { why: `The question asks to ${signal.task}, which small models find harder than looking something up.` };
    default:
      return signal satisfies never;
  }
}

function twoPlaces(value: number): string {
  return value.toFixed(2);
}
