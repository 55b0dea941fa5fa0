/** The offer to ask an endpoint: a line under an answer, with its reasons and two buttons. */
import type { OfferView } from "../protocol/chatView";
import { button, element } from "./dom";
import { words } from "./words";

export interface OfferActions {
  readonly ask: () => void;
  readonly decline: () => void;
}

export function offerLine({ endpoint, words: text, why }: OfferView, { ask, decline }: OfferActions): HTMLElement {
  const reasons = element("details", { class: "offer-why", testId: "offerWhy" }, element("summary", { text: words.why }), element("ul", {}, ...why.map((reason) => element("li", { text: reason }))));
  const buttons = element(
    "div",
    { class: "offer-buttons" },
    button(words.askEndpoint(endpoint), { testId: "offerAsk", hint: words.askEndpointHint(endpoint) }, ask),
    button(words.notNow, { class: "quiet", testId: "offerDecline", hint: words.notNowHint(endpoint) }, decline),
  );
  return element("div", { class: "offer", testId: "offer", attributes: { role: "group", "aria-label": words.offer(endpoint) } }, element("p", { text }), reasons, buttons);
}
