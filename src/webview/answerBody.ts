/** The written part of an answer. While it streams, only the blocks that changed are made anew. */
import type { BlockLines } from "../protocol/chatView";
import type { Citation } from "./citations";
import { button, element } from "./dom";
import { blocksOf, sanitise, type MarkdownBlock } from "./markdown";
import { words } from "./words";

export interface AnswerActions {
  readonly open: (place: Citation) => void;
  readonly copy: (block: BlockLines) => void;
  readonly insert: (block: BlockLines) => void;
}

/** Holds one node for each top-level block of the markdown, known by its key. */
export class AnswerBody {
  readonly node = element("div", { class: "answer-text" });
  readonly #actions: AnswerActions;
  #keys: string[] = [];

  constructor(actions: AnswerActions) {
    this.#actions = actions;
  }

  /** Shows the text. The last block of an unfinished answer gets no buttons yet, since it is replaced with every delta. */
  show(text: string, files: ReadonlySet<string>, finished: boolean): void {
    const blocks = blocksOf(text, files);
    const isFinished = (index: number): boolean => finished || index < blocks.length - 1;
    const keys = blocks.map(({ key }, index) => `${isFinished(index)} ${key}`);
    let same = 0;
    while (same < keys.length && keys[same] === this.#keys[same]) same++;
    while (this.node.childElementCount > same) this.node.lastElementChild?.remove();
    this.node.append(...blocks.slice(same).map((block, index) => answerBlock(block, this.#actions, isFinished(same + index))));
    this.#keys = keys;
  }
}

/** A block as nodes, through the sanitiser; its code gets buttons only where `withButtons` says so. */
export function answerBlock({ render }: MarkdownBlock, actions: AnswerActions, withButtons: boolean): HTMLElement {
  const block = element("div", { class: "block" }, sanitise(render()));
  for (const link of block.querySelectorAll<HTMLAnchorElement>("a")) makeCitation(link, actions);
  for (const code of block.querySelectorAll<HTMLElement>(".code-block")) makeCodeBlock(code, actions, withButtons);
  // What scrolls sideways must be reachable by keyboard.
  for (const scroller of block.querySelectorAll<HTMLElement>("pre")) scroller.tabIndex = 0;
  for (const table of block.querySelectorAll("table")) wrapTable(table);
  return block;
}

function makeCitation(link: HTMLAnchorElement, actions: AnswerActions): void {
  const place = { file: link.dataset["file"] ?? "", startLine: Number(link.dataset["start"]), endLine: Number(link.dataset["end"]) };
  link.href = "#";
  link.dataset["testid"] = "citation";
  link.title = place.file;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    actions.open(place);
  });
}

function makeCodeBlock(code: HTMLElement, actions: AnswerActions, withButtons: boolean): void {
  const language = code.dataset["language"] ?? "";
  const lines = { start: Number(code.dataset["start"]), end: Number(code.dataset["end"]) };
  const hidden = Number(code.dataset["hidden"]);
  code.setAttribute("role", "group");
  code.setAttribute("aria-label", words.code(language));
  const bar = element("div", { class: "code-bar" }, element("span", { class: "code-language", text: language }));
  if (hidden > 0) bar.append(element("span", { class: "code-warning", text: words.hiddenCharacters(hidden) }));
  if (withButtons) bar.append(copyButton(lines, actions), button(words.insert, { testId: "insert", hint: words.insertHint }, () => actions.insert(lines)));
  code.prepend(bar);
}

function copyButton(lines: BlockLines, actions: AnswerActions): HTMLButtonElement {
  const copy = button(words.copy, { testId: "copy" }, () => {
    actions.copy(lines);
    acknowledge(copy, words.copied);
  });
  return copy;
}

/** Says for a moment that a button has done its work. */
export function acknowledge(pressed: HTMLButtonElement, text: string): void {
  const before = pressed.textContent;
  if (before === text) return;
  pressed.textContent = text;
  setTimeout(() => (pressed.textContent = before), 1500);
}

function wrapTable(table: HTMLTableElement): void {
  const scroller = element("div", { class: "table-scroll", attributes: { tabindex: "0", role: "group", "aria-label": words.table } });
  table.replaceWith(scroller);
  scroller.append(table);
}
