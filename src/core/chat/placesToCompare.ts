import type { Question } from "./answer";
import { qualified } from "./answerText";
import { lineOf } from "./meaning";
import { intentOf, type IntentKind } from "./questionIntent";
import { subjectsOf } from "./questionSubjects";
import { hitsToCompare } from "./searchHits";
import type { SearchHit, SymbolIndex } from "./symbolIndex";

/** A place that may answer a question, with the text that stands for it. `line` is the definition's, 0 for a file as a whole. */
export interface PlaceText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Characters that stand for a place: more than the model reads of it. */
const TEXT_LENGTH = 1_200;
const BODY_LINES = 30;

/** Questions that ask for a list, or for exactly what is named: there meaning has no say. */
const EXACT: ReadonlySet<IntentKind> = new Set(["overview", "unused", "imports", "importers", "contents"]);

/**
 * The places that are worth comparing with a question by meaning, the best by words first. None where the question names
 * what it is about, or asks for a list: whoever names a thing wants that thing.
 */
export function placesToCompare(question: Question, index: SymbolIndex): PlaceText[] {
  const intent = intentOf(question.text).kind;
  if (EXACT.has(intent)) return [];
  const subjects = subjectsOf(question, index);
  // A name put together from plain words is likely, not sure: it suffices where the question asks about a name.
  const named = subjects.names.some(({ symbols, inferred }) => symbols.length > 0 && (inferred !== true || intent !== "concept"));
  if (named || subjects.files.length + subjects.folders.length > 0) return [];
  const hits = hitsToCompare(question.text, index);
  // Several hits may stand in one file, which is read once.
  const lines = new Map([...new Set(hits.map(({ file }) => file))].map((file) => [file, index.text(file)?.split("\n") ?? []]));
  return hits.map((hit) => ({ file: hit.file, line: lineOf(hit), text: textOf(hit, lines.get(hit.file) ?? []) }));
}

/** Comment first: it speaks the question's language. Then the path, the names and the code as far as they fit. */
function textOf({ file, definition }: SearchHit, lines: readonly string[]): string {
  if (!definition) return `${file}\n${lines.slice(0, BODY_LINES).join("\n")}`.slice(0, TEXT_LENGTH);
  const end = Math.min(definition.endLine, definition.startLine + BODY_LINES);
  return [definition.documentation, `${qualified(definition)} in ${file}`, ...lines.slice(definition.startLine - 1, end)].filter((part) => part !== "").join("\n").slice(0, TEXT_LENGTH);
}
