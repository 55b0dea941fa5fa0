/** What an answer stands on: who answered, which lines were read, what they cost, and what was left out and why. */
import type { AnswerBasis, ShownSource } from "../protocol/chatView";
import { citationText, type Citation } from "./citations";
import { element } from "./dom";
import { words } from "./words";

/** “From the index”, or who wrote it. */
export function kindLabel(basis: AnswerBasis): HTMLElement {
  const written = basis.kind === "model";
  const text = written ? words.writtenBy(basis.model ?? words.aModel) : words.fromIndex;
  const hint = written ? {} : { attributes: { title: words.fromIndexHint } };
  return element("span", { class: "kind", testId: "kind", text, ...hint });
}

/** A closed list that names its sums. */
export function sourcesList(basis: AnswerBasis, open: (place: Citation) => void): HTMLDetailsElement {
  const tokens = basis.sources.reduce((sum, source) => sum + source.tokens, 0);
  const sums = basis.sources.length === 0 ? words.noSources : words.sources(basis.sources.length, tokens);
  const leftOut = basis.leftOut.length === 0 ? "" : `, ${words.leftOut(basis.leftOut.length)}`;
  const list = element("details", { class: "sources", testId: "sources" }, element("summary", { text: sums + leftOut }));
  if (basis.sources.length > 0) list.append(element("ul", {}, ...basis.sources.map((source) => sourceItem(source, open))));
  if (basis.leftOut.length > 0) list.append(element("p", { class: "left-out-title", text: words.leftOutTitle }), leftOutList(basis));
  return list;
}

function sourceItem(source: ShownSource, open: (place: Citation) => void): HTMLLIElement {
  const link = element("a", { class: "citation", testId: "source", text: citationText(source), attributes: { href: "#" } });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    open({ file: source.file, startLine: source.startLine, endLine: source.endLine });
  });
  return element("li", {}, link, element("span", { class: "tokens", text: ` · ${words.tokens(source.tokens)}` }));
}

/** A reason without a file is about the whole workspace. */
function leftOutList(basis: AnswerBasis): HTMLUListElement {
  const items = basis.leftOut.map(({ file, reason }) => {
    const named = file === "" ? [] : [element("span", { class: "file", text: file }), " · "];
    return element("li", { testId: "leftOut" }, ...named, element("span", { text: reason }));
  });
  return element("ul", {}, ...items);
}
