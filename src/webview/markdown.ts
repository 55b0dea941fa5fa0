/**
 * Model text to markup, in two walls: markdown-it makes no raw HTML, no image and no link but citations; DOMPurify then
 * keeps a short list of harmless elements. The page's content security policy is the third wall.
 */
import DOMPurify from "dompurify";
import MarkdownIt, { type Env, type Token } from "markdown-it";
import { citationOfAddress, citationsInText, type Citation } from "./citations";
import { highlight } from "./highlight";
import { words } from "./words";

/** Bidirectional overrides, zero-width and tag characters: text that says something else than it shows. */
const hiddenCharacter = /[\u061c\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff]|\udb40[\udc00-\udc7f]/g;

const markdown = new MarkdownIt("commonmark", { html: false, linkify: false, typographer: false }).enable(["table", "strikethrough"]);
const { escapeHtml } = markdown.utils;

/** What the rules below keep while one text is rendered. */
interface RenderEnv extends Env {
  /** Files whose `path:line` in plain words becomes a citation. */
  files: ReadonlySet<string>;
  /** Markup that ends each link now open. */
  linkEnds: string[];
}

markdown.renderer.rules["text"] = (tokens, index, _options, env) => textMarkup(tokens[index]?.content ?? "", env as RenderEnv);
markdown.renderer.rules["code_inline"] = (tokens, index, _options, env) =>
  `<code>${textMarkup(tokens[index]?.content ?? "", env as RenderEnv)}</code>`;
markdown.renderer.rules["image"] = (tokens, index) => visible(escapeHtml(words.imageLeftOut(tokens[index]?.content ?? "")));
markdown.renderer.rules["link_open"] = (tokens, index, _options, env) => linkStart(tokens[index], env as RenderEnv);
markdown.renderer.rules["link_close"] = (_tokens, _index, _options, env) => (env as RenderEnv).linkEnds.pop() ?? "";
markdown.renderer.rules["fence"] = (tokens, index) => fenceMarkup(tokens[index]);
markdown.renderer.rules["code_block"] = (tokens, index) => `<pre><code>${visible(escapeHtml(tokens[index]?.content ?? ""))}</code></pre>`;
markdown.renderer.rules["heading_open"] = (tokens, index) => `<${headingTag(tokens[index])}>`;
markdown.renderer.rules["heading_close"] = (tokens, index) => `</${headingTag(tokens[index])}>\n`;

/** A top-level block of a text. Blocks of equal keys have equal markup, so that only changed ones are rendered. */
export interface MarkdownBlock {
  readonly key: string;
  /** Its lines of the markdown. */
  readonly text: string;
  /** Makes the markup, not yet sanitised. */
  readonly render: () => string;
}

/** The blocks of a text, in order. Colouring code is the costly part, and is left to `render`. */
export function blocksOf(text: string, files: ReadonlySet<string>): MarkdownBlock[] {
  const env: RenderEnv = { files, linkEnds: [] };
  const blocks = topLevelBlocks(markdown.parse(text, env));
  const lines = text.split(/\r\n?|\n/);
  // A reference defined later changes links in blocks that stand before it; so does a source learned later.
  const surroundings = JSON.stringify([env.references ?? {}, [...files]]);
  return blocks.map((tokens) => {
    const [start, end] = tokens[0]?.map ?? [0, lines.length];
    const own = lines.slice(start, end).join("\n");
    return {
      key: `${start}\n${own}\n${surroundings}`,
      text: own,
      render: () => markdown.renderer.render(tokens, markdown.options, env),
    };
  });
}

/** The markup as nodes, with everything gone that is not on the list. Links have no address: a click is told to the host. */
export function sanitise(markup: string): DocumentFragment {
  return DOMPurify.sanitize(markup, {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: [
      ...["p", "br", "hr", "strong", "em", "s", "code", "pre", "ul", "ol", "li", "blockquote", "h3", "h4", "h5", "h6"],
      ...["table", "thead", "tbody", "tr", "th", "td", "a", "span", "div"],
    ],
    ALLOWED_ATTR: ["class", "start", "data-file", "data-start", "data-end", "data-language", "data-hidden"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}

function topLevelBlocks(tokens: readonly Token[]): Token[][] {
  const blocks: Token[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0) blocks.push([]);
    blocks.at(-1)?.push(token);
    depth += token.nesting;
  }
  return blocks;
}

function textMarkup(text: string, env: RenderEnv): string {
  if (env.linkEnds.length > 0) return visible(escapeHtml(text));
  return citationsInText(text, env.files)
    .map((piece) => (typeof piece === "string" ? visible(escapeHtml(piece)) : `${citationStart(piece.place)}${visible(escapeHtml(piece.text))}</a>`))
    .join("");
}

/** A citation becomes a link to be clicked; any other link becomes its words and, behind them, the whole address. */
function linkStart(token: Token | undefined, env: RenderEnv): string {
  const address = String(token?.attrGet("href") ?? "");
  const place = citationOfAddress(address);
  if (place !== undefined) {
    env.linkEnds.push("</a>");
    return citationStart(place);
  }
  const shown = token?.info === "auto" ? "" : ` <span class="address">(${visible(escapeHtml(address))})</span>`;
  env.linkEnds.push(`</span>${shown}`);
  return `<span class="outside-link">`;
}

function citationStart({ file, startLine, endLine }: Citation): string {
  return `<a class="citation" data-file="${escapeHtml(file)}" data-start="${startLine}" data-end="${endLine}">`;
}

/** `data-start` and `data-end` are the fence's lines in the markdown, which the host cuts its own copy by. */
function fenceMarkup(token: Token | undefined): string {
  if (token === undefined) return "";
  const language = /^[\w+#.-]{1,30}/.exec(token.info.trim())?.[0] ?? "";
  const [start, end] = token.map ?? [0, 0];
  const hidden = token.content.match(hiddenCharacter)?.length ?? 0;
  const code = visible(highlight(token.content, language) ?? escapeHtml(token.content));
  const lines = `data-start="${start}" data-end="${end}" data-language="${escapeHtml(language)}" data-hidden="${hidden}"`;
  return `<div class="code-block" ${lines}><pre><code>${code}</code></pre></div>\n`;
}

/** An answer's headings stand below the question's, which is of the second level. */
function headingTag(token: Token | undefined): string {
  const level = Number(token?.tag.slice(1) ?? 1);
  return `h${Math.min(level + 2, 6)}`;
}

/** Names hidden characters instead of letting them act. Works on escaped markup: no such character is part of a tag. */
function visible(escaped: string): string {
  return escaped.replace(hiddenCharacter, (character) => {
    const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `<span class="hidden-character">U+${point}</span>`;
  });
}
