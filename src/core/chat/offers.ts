/** Offers to ask an endpoint: made after an answer, taken back with the next question, and what the person decided. */
import type { CheckedCode, ParseVerdict } from "../../protocol/indexWorker";
import type { KeptView, OfferView, UnnumberedHostMessage } from "../../protocol/chatView";
import { unsureThreshold } from "../routing/calibration";
import { unsureness } from "../routing/certainty";
import { keptWords } from "../routing/keptLocal";
import { DEFAULT_THRESHOLDS, offerOf, reasonsToAsk } from "../routing/offer";
import { withAnswer, withDecision, withLeft, type RoutingRecord, type RoutingStore } from "../routing/routingRecord";
import { signalsOf } from "../routing/signals";
import type { AnswerOutcome } from "./answerer";
import { taggedBlocks } from "./codeBlock";
import type { CorrectionOutcome, Corrector } from "./correction";
import type { Turn } from "./transcript";

/** What routing needs beside the conversation. */
export interface Routing {
  readonly store: RoutingStore;
  /** Whether blocks of code parse: one verdict for each, within a moment. */
  checkCode(blocks: readonly CheckedCode[], signal: AbortSignal): Promise<readonly ParseVerdict[]>;
}

export interface OffersParts {
  readonly corrector: Corrector;
  readonly routing: Routing;
  readonly post: (message: UnnumberedHostMessage) => void;
}

type DoneOutcome = Extract<AnswerOutcome, { outcome: "done" }>;

/**
 * One answer that an endpoint could have been asked about is one decision: somebody was asked, or the offer was turned
 * down, or the person went on with the next question. Answers of no known certainty are counted and not learnt from.
 */
export class Offers {
  readonly #parts: OffersParts;
  /** Unsureness of answers that nothing has been decided about yet. */
  readonly #undecided = new Map<string, number>();
  readonly #open = new Map<string, OfferView>();

  constructor(parts: OffersParts) {
    this.#parts = parts;
  }

  /** The offer that stands for a turn, if one does. */
  offerFor(turn: string): OfferView | undefined {
    return this.#open.get(turn);
  }

  /** The share kept on this machine; undefined before the first answer. */
  kept(): KeptView | undefined {
    return keptWords(this.#parts.routing.store.record().counts);
  }

  /** Counts an answer and weighs it. Posts an offer where one is worth it; sends nothing. Rejects when `signal` fires. */
  async answered(turn: Turn, outcome: DoneOutcome, signal: AbortSignal): Promise<void> {
    this.#change(withAnswer);
    const { corrector, routing, post } = this.#parts;
    if (corrector.endpoint() === undefined) return;
    if (outcome.certainty) this.#undecided.set(turn.id, unsureness(outcome.certainty));
    const { answer, certainty } = outcome;
    const verdicts = answer.kind === "model" ? await routing.checkCode(taggedBlocks(answer.text), signal) : [];
    const signals = signalsOf({ question: turn.question, kind: answer.kind, sources: answer.sources.length, leftOut: answer.leftOut, nothingFound: answer.nothingFound === true, certainty, verdicts, chosen: false });
    const reasons = reasonsToAsk(signals, { ...DEFAULT_THRESHOLDS, unsure: unsureThreshold(routing.store.record().decisions) });
    if (reasons === undefined) return;
    const would = await corrector.offer(turn, signal);
    if (would === undefined || "because" in would || signal.aborted) return;
    const offer = offerOf(reasons, would);
    this.#open.set(turn.id, { ...offer, why: [...offer.why] });
    post({ type: "offer", turn: turn.id, offer: { ...offer, why: [...offer.why] } });
  }

  /** The person turned the offer down. */
  declined(turn: string): void {
    this.#decide(turn, false);
    this.#close(turn);
  }

  /** The person asked, offered or not; the offer has done its work. */
  asking(turn: string): void {
    this.#close(turn);
  }

  /**
   * Asking has ended. Who keeps the request local in the consent dialog has decided against it; a refusal by anything
   * else decides nothing. Whatever was not refused counts as having left, also when it may not have got that far.
   */
  asked(turn: Turn, outcome: CorrectionOutcome, before: boolean): void {
    if (outcome.outcome === "refused") {
      if (outcome.by === "person") this.#decide(turn.id, false);
      return;
    }
    this.#decide(turn.id, true);
    if (before) return; // a retry of something that has been counted
    if (turn.end.state !== "done") this.#change(withAnswer);
    this.#change(withLeft);
  }

  /** The next question is asked: what was not taken up by now is taken as not wanted. */
  movedOn(): void {
    for (const turn of [...this.#undecided.keys()]) this.#decide(turn, false);
    for (const turn of [...this.#open.keys()]) this.#close(turn);
  }

  /** The conversation is gone: nothing is decided about what stood in it. */
  forget(): void {
    this.#undecided.clear();
    this.#open.clear();
  }

  #decide(turn: string, asked: boolean): void {
    const unsure = this.#undecided.get(turn);
    this.#undecided.delete(turn);
    if (unsure !== undefined) this.#change((record) => withDecision(record, { unsure, asked }));
  }

  #close(turn: string): void {
    if (this.#open.delete(turn)) this.#parts.post({ type: "offer", turn });
  }

  #change(change: (record: RoutingRecord) => RoutingRecord): void {
    const { store } = this.#parts.routing;
    const before = this.kept()?.words;
    store.change(change(store.record()));
    const kept = this.kept();
    if (kept !== undefined && kept.words !== before) this.#parts.post({ type: "kept", kept });
  }
}
