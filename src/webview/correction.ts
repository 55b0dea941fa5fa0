/** What an endpoint made of an answer: streaming, whole as changes or as text, or why it came to nothing. */
import type { CorrectionView } from "../protocol/chatView";
import { AnswerBody, type AnswerActions } from "./answerBody";
import { changesBetween } from "./changes";
import { button, element } from "./dom";
import { words } from "./words";

/** Which text is in sight once a correction is whole and differs from the draft. */
export type CorrectionSide = "changes" | "corrected" | "draft";

export interface CorrectionParts extends AnswerActions {
  readonly retry: () => void;
  /** The person chose another side. */
  readonly onSide: () => void;
}

/** The correction's section under the draft. */
export class CorrectionElement {
  readonly node = element("section", { class: "correction", testId: "correction", attributes: { tabindex: "-1" } });
  readonly #parts: CorrectionParts;
  readonly #body: AnswerBody;
  readonly #label = element("p", { class: "correction-label", testId: "correctionLabel" });
  readonly #text = element("div", { class: "corrected", testId: "corrected" });
  readonly #changes = element("div", { class: "answer-text changes", testId: "changes" });
  readonly #sides = element("div", { class: "sides", testId: "sides", attributes: { role: "group", "aria-label": words.sides } });
  readonly #end = element("div");
  #side: CorrectionSide = "changes";
  #drawnFor: CorrectionView["status"] | undefined;

  constructor(parts: CorrectionParts) {
    this.#parts = parts;
    this.#body = new AnswerBody(parts);
    this.#text.append(this.#body.node);
    this.node.append(this.#label, this.#sides, this.#changes, this.#text, this.#end);
  }

  /** True where the draft is in sight beside or in place of the correction. */
  draftInSight({ status }: CorrectionView, draft: string): boolean {
    return !hasSides(status, draft) || this.#side === "draft";
  }

  show(correction: CorrectionView, draft: string, files: ReadonlySet<string>): void {
    const { endpoint, text, status } = correction;
    const sides = hasSides(status, draft);
    this.node.setAttribute("aria-label", words.correctionBy(endpoint));
    this.#label.textContent = labelOf(correction, draft);
    this.#label.hidden = this.#label.textContent === "";
    this.#label.classList.toggle("progress", status.state === "answering");
    // A screen reader is told the correction once, when it is whole.
    this.#text.setAttribute("aria-busy", String(status.state === "answering"));
    this.#body.show(text, files, status.state !== "answering");
    if (this.#drawnFor !== status) {
      this.#drawnFor = status;
      this.#sides.replaceChildren(...(sides ? this.#sideButtons() : []));
      this.#changes.replaceChildren(...(sides ? changesBetween(draft, text, files, this.#parts) : []));
      this.#end.replaceChildren(...this.#endOf(correction));
    }
    this.#sides.hidden = !sides;
    this.#changes.hidden = !sides || this.#side !== "changes";
    this.#text.hidden = text === "" || (status.state === "done" && status.unchanged) || (sides && this.#side !== "corrected");
  }

  #sideButtons(): HTMLButtonElement[] {
    const made = (["changes", "corrected", "draft"] as const).map((side) => {
      const choose = button(words.side[side], { class: "side", testId: `side-${side}`, attributes: { "aria-pressed": String(side === this.#side) } }, () => {
        this.#side = side;
        for (const one of made) one.setAttribute("aria-pressed", String(one === choose));
        this.#parts.onSide();
      });
      return choose;
    });
    return made;
  }

  #endOf({ endpoint, text, status }: CorrectionView): HTMLElement[] {
    if (status.state === "refused") return [element("p", { class: "correction-refused", testId: "correctionRefused", text: words.refused(endpoint, status.because), attributes: { role: "status" } })];
    if (status.state !== "failed") return [];
    const title = text === "" ? words.notCorrected : words.correctionBrokeOff;
    const told = element("p", {}, element("strong", { text: title }), ` ${status.cause}`);
    const box = element("div", { class: "failure", testId: "correctionFailure", attributes: { role: "alert" } }, told);
    if (status.retry) box.append(button(words.retry, { class: "primary", testId: "correctionRetry", hint: words.retryEndpointHint(endpoint) }, this.#parts.retry));
    return [box];
  }
}

/** Whether there are changes to show: a whole correction that says something else than a draft that is there. */
function hasSides(status: CorrectionView["status"], draft: string): boolean {
  return status.state === "done" && !status.unchanged && draft.trim() !== "";
}

function labelOf({ endpoint, text, status }: CorrectionView, draft: string): string {
  switch (status.state) {
    case "answering":
      return draft.trim() === "" ? words.answers(endpoint) : words.verifies(endpoint);
    case "done":
      if (status.unchanged) return words.nothingToChange(endpoint);
      return draft.trim() === "" ? words.answeredBy(endpoint) : words.correctedBy(endpoint);
    case "stopped":
      return text === "" ? words.correctionStoppedEarly(endpoint) : words.correctionStopped(endpoint);
    case "failed":
      return text === "" ? "" : words.partOf(endpoint);
    case "refused":
      return "";
    default:
      return status satisfies never;
  }
}
