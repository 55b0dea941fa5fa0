/** What an empty conversation shows: what to ask, who answers, and the way to a written answer. */
import type { ViewMessage } from "../protocol/chatView";
import { button, element } from "./dom";
import { words } from "./words";

/** `model` is the chat model's name, undefined while the index answers; `endpoint` that of whoever could be asked, if anybody. */
export function emptyState(model: string | undefined, endpoint: string | undefined, post: (message: ViewMessage) => void): HTMLElement {
  const examples = words.examples.map((text) =>
    element("li", {}, button(text, { class: "example", testId: "example" }, () => post({ type: "ask", text }))),
  );
  const about = model === undefined ? words.emptyIndex : words.emptyModel(model);
  const privacy = endpoint === undefined ? words.emptyPrivacy : words.emptyPrivacyWith(endpoint);
  const empty = element(
    "section",
    { class: "empty", testId: "empty" },
    element("h2", { text: words.emptyTitle }),
    element("p", { text: `${about} ${privacy}` }),
    element("ul", { class: "examples" }, ...examples),
  );
  if (model === undefined) empty.append(writtenAnswers(post));
  return empty;
}

function writtenAnswers(post: (message: ViewMessage) => void): HTMLElement {
  const choose = button(words.chooseModel, { class: "secondary", testId: "chooseModel" }, () => post({ type: "chooseModel" }));
  return element("div", { class: "written" }, element("p", { text: words.emptyWritten }), choose);
}
