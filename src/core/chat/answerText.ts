import type { Definition } from "../../protocol/indexWorker";
import { firstSentence } from "../context/documentation";
import { withoutHiddenCharacters } from "../context/hiddenCharacters";
import type { Answer, LeftOut, Source } from "./answer";
import type { ComparedPlace } from "./meaning";
import type { IndexedSymbol, SymbolIndex } from "./symbolIndex";
import { estimateTokens } from "./tokens";

/** What stands under every index answer. */
export const INDEX_FOOTER = "*Index answer: looked up, not written by a model. For a written one, set `ghostlight.chat.model` to the path of a GGUF file.*";

const FENCES: Readonly<Record<string, string>> = { typescript: "ts", tsx: "tsx", javascript: "js", csharp: "csharp" };
const MAXIMUM_SOURCES = 40;

/** Collects the parts of an index answer: Markdown blocks, the places they stand on, and what was left out. */
export interface AnswerDraft {
  readonly blocks: string[];
  readonly places: { readonly file: string; readonly startLine: number; readonly endLine: number }[];
  readonly leftOut: LeftOut[];
  /** What was asked for is not in the index. */
  nothingFound: boolean;
  /** Places that were compared with the question by meaning; empty where none were. */
  readonly compared: readonly ComparedPlace[];
}

export function emptyDraft(compared: readonly ComparedPlace[] = []): AnswerDraft {
  return { blocks: [], places: [], leftOut: [], nothingFound: false, compared };
}

/** Finishes a draft: repeated places once, tokens from the newest text, the footer last. */
export function finished(draft: AnswerDraft, index: SymbolIndex): Answer {
  const unique = [...new Map(draft.places.map((place) => [`${place.file}:${place.startLine}-${place.endLine}`, place])).values()];
  const texts = new Map<string, string[]>();
  const sources: Source[] = unique.slice(0, MAXIMUM_SOURCES).map((place) => {
    const lines = texts.get(place.file) ?? index.text(place.file)?.split("\n") ?? [];
    texts.set(place.file, lines);
    return { ...place, tokens: estimateTokens(lines.slice(place.startLine - 1, place.endLine).join("\n")) };
  });
  const shortfall = index.shortfall();
  const leftOut = shortfall ? [...draft.leftOut, { file: "", reason: shortfall }] : draft.leftOut;
  const notes = shortfall ? [`*Note: ${shortfall}.*`] : [];
  const text = withoutHiddenCharacters([...draft.blocks, ...notes, INDEX_FOOTER].join("\n\n")).text;
  return { text, kind: "index", sources, leftOut, ...(draft.nothingFound ? { nothingFound: true } : {}) };
}

/** A link that the panel opens: `[path:12](path#L12)`, with a range where `endLine` is another line. */
export function cite(file: string, startLine: number, endLine = startLine): string {
  const address = encodeURI(file).replace(/[()#?]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const range = endLine > startLine ? `-${endLine}` : "";
  return `[${inText(file)}:${startLine}${range}](${address}#L${startLine}${range ? `-L${endLine}` : ""})`;
}

/** A link to a whole file. */
export function citeFile(file: string): string {
  return cite(file, 1);
}

/** A name as code. */
export function code(text: string): string {
  const clean = text.replace(/\s+/g, " ").trim();
  return clean.includes("`") ? `\`\` ${clean} \`\`` : `\`${clean}\``;
}

/** Lines of code as a block; the fence is longer than any run of backticks in it. */
export function codeBlock(text: string, language: string): string {
  const fence = "`".repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
  return `${fence}${FENCES[language] ?? language}\n${text}\n${fence}`;
}

/** `Container.name`, as people write it. */
export function qualified(definition: Definition): string {
  return definition.container === "" ? definition.name : `${definition.container}.${definition.name}`;
}

/** One list line for a definition: name, kind, place, first sentence or signature. */
export function definitionLine({ file, definition }: IndexedSymbol): string {
  const sentence = inText(firstSentence(definition.documentation));
  const about = sentence || (definition.signature !== definition.name ? code(firstLine(definition.signature)) : "");
  return `- ${code(qualified(definition))} (${kindWord(definition.kind)}) ${cite(file, definition.startLine)}${about ? ` – ${about}` : ""}`;
}

/** `class` of one thing, in plain words. */
export function kindWord(kind: Definition["kind"]): string {
  return kind === "field" ? "member" : kind;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Comment text inside a Markdown line: no link, image, HTML or heading comes alive in it; code spans stay as they are. */
export function inText(text: string): string {
  const parts = text.replace(/\s+/g, " ").split(/(`+[^`]+`+)/);
  // An underscore inside a word is no emphasis in CommonMark, and file names are easier to read (and to match) without a backslash.
  const special = /[\\*[\]<>#|~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replace(special, (mark) => `\\${mark}`))).join("");
}

function firstLine(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
