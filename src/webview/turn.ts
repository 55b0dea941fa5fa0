/** One question and its answer. */
import type { AnswerBasis, TurnView, TurnViewStatus, ViewMessage } from "../protocol/chatView";
import { acknowledge, AnswerBody } from "./answerBody";
import type { Citation } from "./citations";
import { button, element } from "./dom";
import { kindLabel, sourcesList } from "./sourcesList";
import { words } from "./words";

/** Milliseconds between two drawings of a streaming answer. */
const DRAW_EVERY_MS = 50;

export interface TurnParts {
  readonly post: (message: ViewMessage) => void;
  /** Runs a change of the panel's height, keeping the end in sight where it was. */
  readonly keepingPlace: (change: () => void) => void;
}

/** The turn's element and what changes it while the answer comes. */
export class TurnElement {
  readonly node: HTMLElement;
  readonly #parts: TurnParts;
  readonly #body: AnswerBody;
  readonly #answer: HTMLElement;
  readonly #progress = element("p", { class: "progress", testId: "progress" });
  readonly #foot = element("footer", { class: "turn-foot" });
  #turn: TurnView;
  #footDrawnFor: TurnViewStatus | undefined;
  #sourcesDrawnFor: AnswerBasis | undefined;
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
    this.#answer = element("div", { class: "answer", testId: "answer" }, this.#body.node, this.#progress);
    this.node = element("article", { class: "turn", testId: "turn" }, questionElement(turn.question), this.#answer, this.#foot);
    this.#draw();
  }

  get answering(): boolean {
    return this.#turn.status.state === "answering";
  }

  setBasis(basis: AnswerBasis): void {
    this.#turn = { ...this.#turn, basis };
    this.#drawNow();
  }

  append(text: string): void {
    this.#turn = { ...this.#turn, text: this.#turn.text + text };
    this.#timer ??= setTimeout(() => this.#drawNow(), DRAW_EVERY_MS);
  }

  finish(status: TurnViewStatus, whole: { text?: string; basis?: AnswerBasis } = {}): void {
    this.#turn = { ...this.#turn, ...whole, status };
    this.#drawNow();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.node.remove();
  }

  #drawNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#parts.keepingPlace(() => this.#draw());
  }

  #draw(): void {
    const { text, basis } = this.#turn;
    this.#body.show(text, new Set(basis?.sources.map(({ file }) => file)), !this.answering);
    // A screen reader is told the answer once, when it is whole.
    this.#answer.setAttribute("aria-busy", String(this.answering));
    this.#progress.hidden = !this.answering;
    if (this.answering) this.#progress.textContent = progressText(this.#turn);
    if (this.#footDrawnFor !== this.#turn.status || this.#sourcesDrawnFor !== basis) this.#drawFoot();
  }

  /** Who answers and what is read stand there from the moment they are known; the buttons come with the end. */
  #drawFoot(): void {
    const { status, basis, text } = this.#turn;
    const wasOpen = this.#foot.querySelector("details")?.open ?? false;
    this.#footDrawnFor = status;
    this.#sourcesDrawnFor = basis;
    this.#foot.replaceChildren();
    if (status.state === "failed") this.#foot.append(this.#failure(status));
    if (status.state !== "answering") this.#foot.append(this.#footLine(status, text === "" ? undefined : basis));
    if (basis === undefined) return;
    const sources = sourcesList(basis, (place) => this.#parts.post({ type: "openSource", ...place }));
    sources.open = wasOpen;
    this.#foot.append(sources);
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
    if (this.#turn.text !== "") {
      const copy = button(words.copy, { class: "quiet", testId: "copyAnswer", hint: words.copyAnswerHint }, () => {
        this.#parts.post({ type: "copy", turn: this.#turn.id });
        acknowledge(copy, words.copied);
      });
      actions.push(copy);
    }
    if (status.state !== "failed") actions.push(button(words.askAgain, { class: "quiet", testId: "askAgain" }, () => this.#askAgain()));
    return actions;
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
