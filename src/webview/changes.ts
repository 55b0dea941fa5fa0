/**
 * A correction as changes of the draft. Both texts become nodes the way every answer does, through the sanitiser; marks are
 * then put between those nodes, and what was taken out comes back as plain text nodes. No markup is ever made here.
 */
import { diffArrays, diffWordsWithSpace } from "diff";
import { answerBlock, type AnswerActions } from "./answerBody";
import { element } from "./dom";
import { blocksOf, type MarkdownBlock } from "./markdown";

/** Milliseconds that comparing two blocks may take; past that they are shown as taken out and put in. */
const LONGEST_COMPARISON_MS = 100;
/** Blocks that share less of their words than this are no version of each other. */
const ALIKE = 0.4;
/** Elements whose children are not running text: no mark may stand between them. */
const STRUCTURE = new Set(["UL", "OL", "TABLE", "THEAD", "TBODY", "TR"]);

type Piece = { readonly kind: "same" | "added" | "removed"; readonly text: string };
type Pair = { readonly before?: MarkdownBlock; readonly after?: MarkdownBlock };

/** One element for each block of the corrected text, and for each that was taken out, in reading order. */
export function changesBetween(draft: string, corrected: string, files: ReadonlySet<string>, actions: AnswerActions): HTMLElement[] {
  const changes = diffArrays(blocksOf(draft, files), blocksOf(corrected, files), { comparator: (left, right) => shown(left) === shown(right) });
  const made: HTMLElement[] = [];
  for (const [index, change] of changes.entries()) {
    const next = changes[index + 1];
    if (change.added && changes[index - 1]?.removed) continue; // told together with what it replaces
    if (change.removed) made.push(...paired(change.value, next?.added ? next.value : []).flatMap((pair) => pairShown(pair, actions)));
    else made.push(...change.value.map((block) => (change.added ? whole("inserted", block, actions) : answerBlock(block, actions, false))));
  }
  return made;
}

/** The markup without the places of code blocks, which move when anything above them changes. */
function shown(block: MarkdownBlock): string {
  return block.render().replace(/ data-start="\d+" data-end="\d+" data-language=/g, " data-language=");
}

/** Finds for each block that was taken out the next one that looks like a version of it. */
function paired(removed: readonly MarkdownBlock[], added: readonly MarkdownBlock[]): Pair[] {
  const pairs: Pair[] = [];
  let next = 0;
  for (const before of removed) {
    const at = added.findIndex((block, index) => index >= next && alike(before.text, block.text));
    if (at < 0) {
      pairs.push({ before });
      continue;
    }
    pairs.push(...added.slice(next, at).map((after) => ({ after })), { before, ...(added[at] === undefined ? {} : { after: added[at] }) });
    next = at + 1;
  }
  return [...pairs, ...added.slice(next).map((after) => ({ after }))];
}

function alike(left: string, right: string): boolean {
  const [one, other] = [wordsIn(left), wordsIn(right)];
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared >= ALIKE * Math.max(one.size, other.size);
}

function wordsIn(text: string): Set<string> {
  return new Set(text.split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== ""));
}

function pairShown({ before, after }: Pair, actions: AnswerActions): HTMLElement[] {
  const marked = before && after && markedBlock(before, after, actions);
  if (marked) return [marked];
  return [...(before ? [whole("deleted", before, actions)] : []), ...(after ? [whole("inserted", after, actions)] : [])];
}

/** A whole block that was put in or taken out. */
function whole(change: "inserted" | "deleted", block: MarkdownBlock, actions: AnswerActions): HTMLElement {
  const role = change === "inserted" ? "insertion" : "deletion";
  return element("div", { class: `block change ${change}`, testId: change, attributes: { role } }, answerBlock(block, actions, false));
}

/** The corrected block with its changed words marked; undefined where the words are the same or comparing takes too long. */
function markedBlock(before: MarkdownBlock, after: MarkdownBlock, actions: AnswerActions): HTMLElement | undefined {
  const block = answerBlock(after, actions, false);
  const [old, current] = [answerBlock(before, actions, false), block].map(textOf);
  if (old === undefined || current === undefined || old === current) return undefined;
  const changes = diffWordsWithSpace(old, current, { timeout: LONGEST_COMPARISON_MS });
  if (changes === undefined) return undefined;
  mark(block, changes.map(({ added, removed, value }) => ({ kind: added ? "added" : removed ? "removed" : "same", text: value })));
  return block;
}

/** Replaces each text node by its pieces. Words taken out between list items or cells wait for the next running text. */
function mark(block: HTMLElement, pieces: readonly Piece[]): void {
  const queue = [...pieces];
  let waiting: Node[] = [];
  let last: ChildNode | undefined;
  for (const node of textNodes(block)) {
    const made: Node[] = [];
    let left = node.data.length;
    while (queue[0] && (left > 0 || queue[0].kind === "removed")) {
      const piece = queue.shift() as Piece;
      if (piece.kind === "removed") {
        if (worthMarking(piece.text, node)) waiting.push(element("del", { text: piece.text }));
        continue;
      }
      const taken = piece.text.slice(0, left);
      left -= taken.length;
      if (taken.length < piece.text.length) queue.unshift({ ...piece, text: piece.text.slice(taken.length) });
      made.push(...waiting, piece.kind === "added" && worthMarking(taken, node) ? element("ins", { text: taken }) : document.createTextNode(taken));
      waiting = [];
    }
    if (STRUCTURE.has(node.parentElement?.tagName ?? "")) {
      waiting = [...made.filter((item) => item.nodeName === "DEL"), ...waiting];
      continue;
    }
    node.replaceWith(...made);
    last = (made.at(-1) as ChildNode | undefined) ?? last;
  }
  last?.after(...waiting);
}

/** White space is seen, and says something, only within a line of code. */
function worthMarking(text: string, node: Text): boolean {
  return text.trim() !== "" || (!/[\r\n]/.test(text) && node.parentElement?.closest("pre") != null);
}

function textOf(block: HTMLElement): string {
  return textNodes(block).map(({ data }) => data).join("");
}

/** The block's text in reading order, without the bar over its code. */
function textNodes(block: HTMLElement): Text[] {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (!node.parentElement?.closest(".code-bar")) nodes.push(node);
  }
  return nodes;
}
