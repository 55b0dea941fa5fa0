/** The whole panel: the conversation, the empty state, the composer. Shows what the host says and nothing of its own. */
import type { HostMessage, KeptView, ViewMessage } from "../protocol/chatView";
import { Composer } from "./composer";
import { button, element } from "./dom";
import { emptyState } from "./emptyState";
import { TurnElement, type TurnParts } from "./turn";
import { words } from "./words";

/** Pixels from the end within which the reader counts as being at the end. */
const AT_END = 32;

export interface PanelParts {
  readonly post: (message: ViewMessage) => void;
  readonly draft: string;
  readonly keepDraft: (draft: string) => void;
}

/** Built once; `show` applies each host message. */
export class Panel {
  readonly node: HTMLElement;
  readonly #parts: PanelParts;
  readonly #composer: Composer;
  readonly #notes = element("div", { class: "notes", attributes: { role: "status" } });
  readonly #log = element("div", { class: "log", testId: "log", attributes: { role: "log", "aria-live": "polite", "aria-label": words.conversation } });
  readonly #scroller = element("main", { class: "scroller", attributes: { tabindex: "-1" } }, this.#notes, this.#log);
  /** The share of answers that stayed on this machine. */
  readonly #kept = element("p", { class: "kept", testId: "kept", attributes: { hidden: "" } });
  #turns = new Map<string, TurnElement>();
  #empty: HTMLElement | undefined;
  #model: string | undefined;
  #endpoint: string | undefined;
  #lastQuestion: string | undefined;

  constructor(parts: PanelParts) {
    this.#parts = parts;
    this.#composer = new Composer({ ...parts, lastQuestion: () => this.#lastQuestion });
    this.node = element("div", { class: "panel" }, this.#scroller, this.#composer.node, this.#kept);
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#answering) parts.post({ type: "stop" });
    });
  }

  show(message: HostMessage): void {
    switch (message.type) {
      case "state":
        this.#showState(message);
        break;
      case "turnStarted":
        this.#start(message);
        break;
      case "context":
        this.#turns.get(message.turn)?.setBasis(message.basis);
        break;
      case "delta":
        this.#turns.get(message.turn)?.append(message.text);
        return;
      case "done":
        this.#turns.get(message.turn)?.finish({ state: "done" }, { text: message.text, basis: message.basis });
        break;
      case "stopped":
        this.#turns.get(message.turn)?.finish({ state: "stopped" });
        break;
      case "failed":
        this.#turns.get(message.turn)?.finish({ state: "failed", cause: message.cause, retry: message.retry });
        break;
      case "offer":
        this.#turns.get(message.turn)?.setOffer(message.offer);
        break;
      case "correction":
        this.#turns.get(message.turn)?.setCorrection(message.correction);
        break;
      case "correctionDelta":
        this.#turns.get(message.turn)?.appendCorrection(message.text);
        return;
      case "kept":
        this.#showKept(message.kept);
        break;
      case "otherVersion":
        this.#notes.replaceChildren(element("p", { text: words.otherVersion }));
        break;
      case "focus":
        this.#composer.focus();
        break;
      default:
        message satisfies never;
    }
    this.#update();
  }

  get #answering(): boolean {
    return [...this.#turns.values()].some((turn) => turn.answering);
  }

  #showState(state: Extract<HostMessage, { type: "state" }>): void {
    this.#endpoint = state.endpoint;
    this.#showKept(state.kept);
    for (const turn of this.#turns.values()) turn.dispose();
    this.#turns = new Map(state.turns.map((turn) => [turn.id, new TurnElement(turn, this.#turnParts())]));
    this.#log.replaceChildren(...[...this.#turns.values()].map((turn) => turn.node));
    this.#model = state.model;
    this.#lastQuestion = state.turns.at(-1)?.question;
    const notes = [...(state.notice === undefined ? [] : [state.notice]), ...(state.earlier ? [words.earlier] : [])];
    this.#notes.replaceChildren(...notes.map((text) => element("p", { text })), ...(state.cleared ? [this.#undo()] : []));
    this.#toEnd();
  }

  #start({ turn, replaces }: Extract<HostMessage, { type: "turnStarted" }>): void {
    this.#notes.querySelector(".undo")?.remove();
    if (replaces !== undefined) this.#remove(replaces);
    const started = new TurnElement(turn, this.#turnParts());
    this.#turns.set(turn.id, started);
    this.#log.append(started.node);
    this.#lastQuestion = turn.question;
    this.#composer.taken(turn.question);
    this.#toEnd();
  }

  #showKept(kept: KeptView | undefined): void {
    this.#kept.hidden = kept === undefined;
    this.#kept.textContent = kept?.words ?? "";
    this.#kept.title = kept?.figures ?? "";
  }

  #undo(): HTMLElement {
    const undo = button(words.undo, { class: "secondary", testId: "undoClear" }, () => this.#parts.post({ type: "undoClear" }));
    return element("p", { class: "undo" }, `${words.cleared} `, undo);
  }

  #remove(id: string): void {
    const turn = this.#turns.get(id);
    const hadFocus = turn?.node.contains(document.activeElement) ?? false;
    turn?.dispose();
    this.#turns.delete(id);
    if (hadFocus) this.#composer.focus();
  }

  #turnParts(): TurnParts {
    return { post: this.#parts.post, endpoint: this.#endpoint, keepingPlace: (change) => this.#keepingPlace(change) };
  }

  #update(): void {
    this.node.classList.toggle("answering", this.#answering);
    this.#composer.update(this.#answering, this.#turns.size === 0);
    this.#empty?.remove();
    this.#empty = this.#turns.size === 0 ? emptyState(this.#model, this.#endpoint, this.#parts.post) : undefined;
    if (this.#empty !== undefined) this.#scroller.append(this.#empty);
  }

  /** Follows the answer only where the reader is at the end; one who has scrolled up stays there. */
  #keepingPlace(change: () => void): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const atEnd = scrollHeight - scrollTop - clientHeight <= AT_END;
    change();
    if (atEnd) this.#toEnd();
  }

  #toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}
