/** Where the question is written. Enter asks, Shift+Enter starts a new line, Escape stops, Up brings the last question back. */
import { LONGEST_QUESTION, type ViewMessage } from "../protocol/chatView";
import { button, element } from "./dom";
import { words } from "./words";

export interface ComposerParts {
  readonly post: (message: ViewMessage) => void;
  /** Keeps what is written while the panel is hidden. */
  readonly keepDraft: (draft: string) => void;
  readonly draft: string;
  readonly lastQuestion: () => string | undefined;
}

/** The form at the panel's foot. What is written stays until the host has taken the question. */
export class Composer {
  readonly node: HTMLElement;
  readonly #parts: ComposerParts;
  readonly #question = element("textarea", {
    testId: "question",
    attributes: { rows: "2", placeholder: words.placeholder, "aria-label": words.questionLabel, "aria-describedby": "composer-note" },
  });
  readonly #note = element("p", { class: "composer-note", attributes: { id: "composer-note", role: "status" } });
  readonly #send: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #clear: HTMLButtonElement;
  #answering = false;
  #empty = true;

  constructor(parts: ComposerParts) {
    this.#parts = parts;
    this.#send = button(words.send, { class: "primary", testId: "send" }, () => this.#ask());
    this.#stop = button(words.stop, { class: "primary", testId: "stop", hint: words.stopHint }, () => parts.post({ type: "stop" }));
    this.#clear = button(words.clear, { class: "quiet", testId: "clear", hint: words.clearHint }, () => parts.post({ type: "clear" }));
    this.#question.value = parts.draft;
    this.#question.addEventListener("input", () => this.#changed());
    this.#question.addEventListener("keydown", (event) => this.#key(event));
    const buttons = element("div", { class: "composer-buttons" }, this.#note, this.#clear, this.#stop, this.#send);
    this.node = element("div", { class: "composer" }, this.#question, buttons);
    this.#changed();
  }

  /** Stop stands in place of Ask while an answer comes; an empty conversation cannot be cleared. */
  update(answering: boolean, empty: boolean): void {
    const stopHadFocus = document.activeElement === this.#stop;
    this.#answering = answering;
    this.#empty = empty;
    this.#changed();
    if (stopHadFocus && !answering) this.#question.focus();
  }

  /** The host has taken the question. */
  taken(question: string): void {
    if (this.#question.value.trim() !== question.trim()) return;
    this.#question.value = "";
    this.#changed();
  }

  focus(): void {
    this.#question.focus();
  }

  #ask(): void {
    const text = this.#question.value;
    if (this.#answering || text.trim() === "" || text.length > LONGEST_QUESTION) return;
    this.#parts.post({ type: "ask", text });
  }

  #changed(): void {
    const { length } = this.#question.value;
    const tooLong = length > LONGEST_QUESTION;
    this.#note.textContent = tooLong ? words.tooLong(length, LONGEST_QUESTION) : "";
    this.#send.hidden = this.#answering;
    this.#stop.hidden = !this.#answering;
    this.#clear.hidden = this.#empty;
    this.#send.disabled = tooLong || this.#question.value.trim() === "";
    this.#parts.keepDraft(this.#question.value);
  }

  #key(event: KeyboardEvent): void {
    // While an input method composes, Enter belongs to it.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#ask();
    }
    if (event.key === "ArrowUp" && this.#question.value === "") this.#recall(event);
  }

  #recall(event: KeyboardEvent): void {
    const last = this.#parts.lastQuestion();
    if (last === undefined) return;
    event.preventDefault();
    this.#question.value = last;
    this.#changed();
  }
}
