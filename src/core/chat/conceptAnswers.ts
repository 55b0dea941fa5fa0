import type { Question } from "./answer";
import { citeFile, code, codeBlock, definitionLine, qualified, kindWord, cite, inText, type AnswerDraft } from "./answerText";
import { firstSentence } from "../context/documentation";
import { fileSentence } from "./contentsAnswers";
import { bestHits, searchWords } from "./searchHits";
import { placeOf } from "./symbolAnswers";
import type { SearchHit, SymbolIndex } from "./symbolIndex";

const SHOWN_HITS = 8;
const SECTION_LINES = 14;

/** A question about an idea: the definitions whose names and comments speak of it, the best one with its signature. */
export function answerConcept(question: Question, index: SymbolIndex, draft: AnswerDraft): void {
  const hits = bestHits(question.text, index, SHOWN_HITS, draft.compared);
  const first = hits[0];
  if (!first) return answerNothing([], question, index, draft);
  draft.blocks.push(`Closest in the index to ${code(searchWords(question.text))}${draft.compared.length > 0 ? ", by words and by meaning" : ""}:`);
  if (first.definition && first.definition.kind !== "section") {
    const { file, definition } = first;
    const sentence = inText(firstSentence(definition.documentation, 300));
    draft.blocks.push(`**${code(qualified(definition))}** – ${kindWord(definition.kind)}, ${cite(file, definition.startLine, definition.endLine)}${sentence ? `  \n${sentence}` : ""}`);
    draft.blocks.push(codeBlock(definition.signature, index.outline(file)?.language ?? ""));
  } else if (first.definition) draft.blocks.push(`${hitTitle(first)}\n\n${sectionText(first, index)}`);
  else draft.blocks.push(hitLine(first, index));
  if (hits.length > 1) draft.blocks.push(hits.slice(1).map((hit) => hitLine(hit, index)).join("\n"));
  draft.places.push(...hits.map((hit) => placeOfHit(hit, index)));
  const name = first.definition?.kind === "section" ? undefined : first.definition?.name;
  if (name) draft.blocks.push(`Go on with “what is ${code(name)}”, “who calls ${code(name)}” or “what does ${code(first.file)} contain”.`);
}

/** More that the question may have meant, where its names were only inferred from plain words. */
export function answerRelated(question: Question, index: SymbolIndex, draft: AnswerDraft): void {
  const hits = bestHits(question.text, index, 6, draft.compared).filter((hit) => !draft.places.some((place) => place.file === hit.file && hit.definition && place.startLine <= hit.definition.startLine && place.endLine >= hit.definition.startLine));
  if (hits.length === 0) return;
  draft.blocks.push(`Close to it:\n\n${hits.slice(0, 5).map((hit) => hitLine(hit, index)).join("\n")}`);
  draft.places.push(...hits.slice(0, 5).map((hit) => placeOfHit(hit, index)));
}

/** Nothing of that name: says what was looked for, offers the nearest names, and says what can be asked. */
export function answerNothing(wanted: readonly string[], question: Question, index: SymbolIndex, draft: AnswerDraft): void {
  draft.nothingFound = true;
  const words = searchWords(question.text);
  const looked = wanted.length > 0 ? wanted.map(code).join(", ") : code(words);
  if (wanted.length > 0 || words !== "") draft.blocks.push(`Nothing called ${looked} is in the index (${index.files().length} files).`);
  const near = wanted.length > 0 ? wanted.flatMap((name) => bestHits(name, index, 5)) : [];
  if (near.length > 0) {
    draft.blocks.push(`Nearest:\n\n${near.slice(0, SHOWN_HITS).map((hit) => hitLine(hit, index)).join("\n")}`);
    draft.places.push(...near.slice(0, SHOWN_HITS).map((hit) => placeOfHit(hit, index)));
  }
  draft.blocks.push("You could ask: where is `name` defined, who calls `name`, what does `path/file` contain, which files import `module`, list the functions in `path/file`.");
}

/** What the answers cannot do without: said when somebody greets or asks for help. */
export function answerHelp(index: SymbolIndex, draft: AnswerDraft): void {
  const largest = [...index.files()].flatMap((file) => (index.outline(file)?.definitions ?? []).filter((item) => item.kind === "function" || item.kind === "class").map((item) => ({ name: item.name, file, size: item.endLine - item.startLine })));
  const example = largest.sort((a, b) => b.size - a.size)[0];
  const name = code(example?.name ?? "name");
  const file = code(example?.file ?? "path/file");
  draft.blocks.push(`The index knows ${index.files().length} files of this workspace. Ask for example:`, [`where is ${name} defined`, `who calls ${name}`, `what does ${file} contain`, `which files import ${file}`, `list the functions in ${file}`, "what is this project"].map((line) => `- ${line}`).join("\n"));
}

function hitTitle({ file, definition }: SearchHit): string {
  return definition ? `**${inText(definition.name)}** – ${cite(file, definition.startLine)}` : citeFile(file);
}

function sectionText({ file, definition }: SearchHit, index: SymbolIndex): string {
  const lines = index.text(file)?.split("\n").slice(definition?.startLine ?? 0, definition?.endLine).join("\n").trim().split("\n") ?? [];
  const end = Math.min(SECTION_LINES, lines.length);
  const more = lines.length > end ? ["…"] : [];
  return [...lines.slice(0, end), ...more].map((line) => `> ${line}`.trimEnd()).join("\n");
}

/** One list line for a search result. */
export function hitLine({ file, definition }: SearchHit, index: SymbolIndex): string {
  return definition ? definitionLine({ file, definition }) : `- ${citeFile(file)}${fileSentence(file, index)}`;
}

function placeOfHit({ file, definition }: SearchHit, index: SymbolIndex): { file: string; startLine: number; endLine: number } {
  return definition ? placeOf({ file, definition }) : { file, startLine: 1, endLine: Math.min(40, index.outline(file)?.lineCount ?? 1) };
}
