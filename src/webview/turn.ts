/** One question and its answer. */
import type { AnswerBasis, CorrectionView, OfferView, TurnView, TurnViewStatus, ViewMessage } from "../protocol/chatView";
import { acknowledge, AnswerBody } from "./answerBody";
import type { Citation } from "./citations";
import { CorrectionElement } from "./correction";
import { button, element } from "./dom";
import { offerLine } from "./offerLine";
import { kindLabel, sourcesList } from "./sourcesList";
import { words } from "./words";

/** Milliseconds between two drawings of a streaming answer. */
const DRAW_EVERY_MS = 50;

export interface TurnParts {
  readonly post: (message: ViewMessage) => void;
  /** Name of the endpoint that could be asked; undefined where there is none. */
  readonly endpoint: string | undefined;
  /** Runs a change of the panel's height, keeping the end in sight where it was. */
  readonly keepingPlace: (change: () => void) => void;
}

/** The turn's element and what changes it while the answer comes. */
export class TurnElement {
  readonly node: HTMLElement;
  readonly #parts: TurnParts;
  readonly #body: AnswerBody;
  readonly #answer: HTMLElement;
  readonly #correction: CorrectionElement;
  readonly #progress = element("p", { class: "progress", testId: "progress" });
  readonly #foot = element("footer", { class: "turn-foot" });
  #turn: TurnView;
  /** What the foot was drawn for. */
  #drawn: Pick<TurnView, "status" | "basis" | "offer"> & { readonly correction: CorrectionView["status"] | undefined } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(turn: TurnView, parts: TurnParts) {
    this.#turn = turn;
    this.#parts = parts;
    const open = (place: Citation): void => parts.post({ type: "openSource", ...place });
    this.#body = new AnswerBody({
      open,
      copy: (block) => parts.post({ type: "copy", turn: turn.id, block }),
      insert: (block) => parts.post({ type: "insertAtCursor", turn: turn.id, block }),
    });
    this.#correction = new CorrectionElement({
      open,
      copy: (block) => parts.post({ type: "copy", turn: turn.id, of: "correction", block }),
      insert: (block) => parts.post({ type: "insertAtCursor", turn: turn.id, of: "correction", block }),
      retry: () => this.#askEndpoint(),
      onSide: () => this.#drawNow(),
    });
    this.#answer = element("div", { class: "answer", testId: "answer" }, this.#body.node, this.#progress);
    this.node = element("article", { class: "turn", testId: "turn" }, questionElement(turn.question), this.#answer, this.#foot);
    this.#draw();
  }

  /** True while the answer or its correction comes. */
  get answering(): boolean {
    return this.#turn.status.state === "answering" || this.#turn.correction?.status.state === "answering";
  }

  setBasis(basis: AnswerBasis): void {
    this.#turn = { ...this.#turn, basis };
    this.#drawNow();
  }

  append(text: string): void {
    this.#turn = { ...this.#turn, text: this.#turn.text + text };
    this.#drawSoon();
  }

  setOffer(offer: OfferView | undefined): void {
    const { offer: _before, ...turn } = this.#turn;
    this.#turn = offer === undefined ? turn : { ...turn, offer };
    this.#drawNow();
  }

  setCorrection(correction: CorrectionView): void {
    this.#turn = { ...this.#turn, correction };
    this.#drawNow();
  }

  appendCorrection(text: string): void {
    const { correction } = this.#turn;
    if (correction === undefined) return;
    this.#turn = { ...this.#turn, correction: { ...correction, text: correction.text + text } };
    this.#drawSoon();
  }

  finish(status: TurnViewStatus, whole: { text?: string; basis?: AnswerBasis } = {}): void {
    this.#turn = { ...this.#turn, ...whole, status };
    this.#drawNow();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.node.remove();
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => this.#drawNow(), DRAW_EVERY_MS);
  }

  #drawNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#parts.keepingPlace(() => this.#draw());
  }

  #draw(): void {
    const { text, basis, status, correction } = this.#turn;
    const files = new Set(basis?.sources.map(({ file }) => file));
    const writing = status.state === "answering";
    this.#body.show(text, files, !writing);
    // A screen reader is told the answer once, when it is whole.
    this.#answer.setAttribute("aria-busy", String(writing));
    this.#progress.hidden = !writing;
    if (writing) this.#progress.textContent = progressText(this.#turn);
    if (correction !== undefined) {
      this.#correction.show(correction, text, files);
      if (this.#correction.node.parentElement === null) this.#foot.before(this.#correction.node);
    }
    this.#answer.hidden = correction !== undefined && !this.#correction.draftInSight(correction, text);
    const drawn = this.#drawn;
    if (drawn?.status !== status || drawn.basis !== basis || drawn.offer !== this.#turn.offer || drawn.correction !== correction?.status) this.#drawFoot();
  }

  /** Who answers and what is read stand there from the moment they are known; the buttons come with the end. */
  #drawFoot(): void {
    const { status, basis, text, offer, correction } = this.#turn;
    const wasOpen = this.#foot.querySelector<HTMLDetailsElement>(".sources")?.open ?? false;
    const hadFocus = this.#foot.contains(document.activeElement);
    this.#drawn = { status, correction: correction?.status, ...(basis === undefined ? {} : { basis }), ...(offer === undefined ? {} : { offer }) };
    this.#foot.replaceChildren();
    if (status.state === "failed") this.#foot.append(this.#failure(status));
    if (status.state !== "answering") this.#foot.append(this.#footLine(status, text === "" ? undefined : basis));
    if (offer !== undefined) this.#foot.append(offerLine(offer, { ask: () => this.#askEndpoint(), decline: () => this.#parts.post({ type: "declineEndpoint", turn: this.#turn.id }) }));
    if (basis !== undefined) {
      const sources = sourcesList(basis, (place) => this.#parts.post({ type: "openSource", ...place }));
      sources.open = wasOpen;
      this.#foot.append(sources);
    }
    if (hadFocus && !this.#foot.contains(document.activeElement)) this.#focusAfterFoot();
  }

  /** A button that did its work is gone: whoever works by keyboard goes on where its effect is. */
  #focusAfterFoot(): void {
    if (this.#turn.correction !== undefined) this.#correction.node.focus({ preventScroll: true });
    else this.#foot.querySelector("button")?.focus({ preventScroll: true });
  }

  #footLine(status: TurnViewStatus, writtenOn: AnswerBasis | undefined): HTMLElement {
    const line = element("div", { class: "foot-line" });
    if (status.state === "stopped") line.append(element("span", { class: "kind", testId: "stopped", text: words.stopped }));
    if (writtenOn !== undefined) line.append(kindLabel(writtenOn));
    line.append(element("span", { class: "foot-actions" }, ...this.#actions(status)));
    return line;
  }

  #failure({ cause, retry }: Extract<TurnViewStatus, { state: "failed" }>): HTMLElement {
    const title = this.#turn.text === "" ? words.failed : words.brokenOff;
    const told = element("p", {}, element("strong", { text: title }), ` ${cause}`);
    const box = element("div", { class: "failure", testId: "failure", attributes: { role: "alert" } }, told);
    if (retry) box.append(button(words.retry, { class: "primary", testId: "retry" }, () => this.#askAgain()));
    return box;
  }

  #actions(status: TurnViewStatus): HTMLButtonElement[] {
    const actions: HTMLButtonElement[] = [];
    if (this.#turn.text !== "" || this.#correctionStands) {
      const copy = button(words.copy, { class: "quiet", testId: "copyAnswer", hint: words.copyAnswerHint }, () => {
        this.#parts.post({ type: "copy", turn: this.#turn.id, ...(this.#correctionStands ? { of: "correction" as const } : {}) });
        acknowledge(copy, words.copied);
      });
      actions.push(copy);
    }
    if (this.#parts.endpoint !== undefined && this.#mayAsk) {
      const endpoint = this.#parts.endpoint;
      actions.push(button(words.askEndpoint(endpoint), { class: "quiet", testId: "askEndpoint", hint: words.askEndpointHint(endpoint) }, () => this.#askEndpoint()));
    }
    if (status.state !== "failed") actions.push(button(words.askAgain, { class: "quiet", testId: "askAgain" }, () => this.#askAgain()));
    return actions;
  }

  /** A whole correction that differs is the answer that counts. */
  get #correctionStands(): boolean {
    const status = this.#turn.correction?.status;
    return status?.state === "done" && !status.unchanged;
  }

  /** Whether the action to ask stands in the foot: not where an offer or a retry says the same. */
  get #mayAsk(): boolean {
    const { offer, correction } = this.#turn;
    if (offer !== undefined) return false;
    if (correction === undefined) return true;
    const { status } = correction;
    return status.state === "stopped" || status.state === "refused" || (status.state === "failed" && !status.retry);
  }

  #askEndpoint(): void {
    this.#parts.post({ type: "askEndpoint", turn: this.#turn.id });
  }

  #askAgain(): void {
    this.#parts.post({ type: "askAgain", turn: this.#turn.id });
  }
}

function questionElement(question: string): HTMLElement {
  return element("h2", { class: "asked", testId: "asked", text: question });
}

function progressText({ basis, text }: TurnView): string {
  if (text !== "") return words.writing;
  if (basis === undefined || basis.sources.length === 0) return words.looking;
  const tokens = basis.sources.reduce((sum, source) => sum + source.tokens, 0);
  return words.reading(basis.sources.length, tokens);
}
