import { firstSentence } from "../context/documentation";
import type { LeftOut, Question, QuestionContext, Source } from "./answer";
import type { ComparedPlace } from "./meaning";
import { intentOf, type IntentKind } from "./questionIntent";
import { subjectsOf, type QuestionSubjects } from "./questionSubjects";
import { bestHits } from "./searchHits";
import { rankedSymbols, symbolAt } from "./symbolAnswers";
import type { IndexedSymbol, SymbolIndex } from "./symbolIndex";
import { estimateTokens, tokensOfLength } from "./tokens";
import { usagesOf } from "./usages";

/** Lines that may help, before the budget is spent. */
interface Candidate {
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** Where callers are asked for, so many of them come along. */
const CALLERS = 6;
const HITS = 12;
const LINES_AROUND_CURSOR = 25;
/** A source cut to fewer lines than this says nothing. */
const LEAST_LINES = 6;
/** No single source takes more than this share of the budget: one long class would push out everything it works with. */
const FIRST_SHARE = 0.6;
const LARGEST_SHARE = 0.4;

/**
 * Chooses lines that help to answer, best first: the selection, definitions the question names, what the cursor is in when the
 * question speaks of it, files it names, callers when it asks for them, then the best matches of a search over all symbols. Whole definitions
 * where they fit, their first lines where not; whatever has no room is told in `leftOut`. `compared` are places that
 * an embedding model compared with the question: they order the matches. Pure.
 */
export function contextForQuestion(question: Question, index: SymbolIndex, budgetTokens: number, compared: readonly ComparedPlace[] = []): QuestionContext {
  const intent = intentOf(question.text).kind;
  const subjects = subjectsOf(question, index);
  const basket = new Basket(index, budgetTokens);
  for (const path of [...subjects.unknownPaths, ...subjects.files, ...(question.focus ? [question.focus.file] : [])]) basket.tellExcluded(path);
  const wanted = candidatesFor(question, intent, subjects, index, compared);
  // What the question names is often the best search result too: once is enough.
  const once = new Map(wanted.map((candidate) => [`${candidate.file}:${candidate.startLine}-${candidate.endLine}`, candidate]));
  for (const candidate of once.values()) basket.add(candidate);
  return basket.result();
}

function candidatesFor(question: Question, intent: IntentKind, subjects: QuestionSubjects, index: SymbolIndex, compared: readonly ComparedPlace[]): Candidate[] {
  if (intent === "overview" && subjects.names.length + subjects.files.length + subjects.folders.length === 0) return overviewCandidates(index);
  const named = subjects.names.flatMap(({ symbols }) => rankedSymbols(symbols).slice(0, 3));
  const aboutFocus = subjects.atFocus || subjects.focusFile || (named.length === 0 && subjects.files.length === 0);
  const focus = focusCandidates(question, index);
  const files = [...subjects.files, ...(subjects.focusFile && question.focus ? [question.focus.file] : [])];
  return [
    ...(question.focus?.selection ? focus.slice(0, 1) : []),
    ...named.map(wholeOf),
    ...(subjects.atFocus ? focus : []),
    ...callersOf(intent, named, index),
    ...files.slice(0, 3).flatMap((file) => fileCandidates(file, index)),
    ...bestHits(question.text, index, HITS, compared).map((hit) => (hit.definition ? wholeOf({ file: hit.file, definition: hit.definition }) : fileStart(hit.file, index))),
    ...(aboutFocus ? focus : []),
  ];
}

/** The selection, or the definition around the cursor, or the lines around it. */
function focusCandidates({ focus }: Question, index: SymbolIndex): Candidate[] {
  const outline = focus && index.outline(focus.file);
  if (!focus || !outline) return [];
  const symbol = symbolAt(focus.file, focus.selection?.startLine ?? focus.line, index);
  const around: Candidate = symbol ? wholeOf(symbol) : { file: focus.file, startLine: Math.max(1, focus.line - LINES_AROUND_CURSOR), endLine: Math.min(outline.lineCount, focus.line + LINES_AROUND_CURSOR) };
  return focus.selection ? [{ file: focus.file, ...focus.selection }, around] : [around];
}

function callersOf(intent: IntentKind, named: readonly IndexedSymbol[], index: SymbolIndex): Candidate[] {
  if (intent !== "callers" && intent !== "usage") return [];
  const uses = named.slice(0, 1).flatMap(({ definition }) => usagesOf(definition.name, index).places.filter(({ kind }) => kind === "call" || kind === "mention"));
  return uses.slice(0, CALLERS).map((use) => (use.enclosing ? wholeOf({ file: use.file, definition: use.enclosing }) : { file: use.file, startLine: Math.max(1, use.line - 3), endLine: use.line + 3 }));
}

/** A named file whole; `Basket` cuts it where it is too long, so its exported definitions follow one by one. */
function fileCandidates(file: string, index: SymbolIndex): Candidate[] {
  const outline = index.outline(file);
  if (!outline) return [];
  return [{ file, startLine: 1, endLine: outline.lineCount }, ...outline.definitions.filter((item) => item.container === "" && item.kind !== "section").map((definition) => wholeOf({ file, definition }))];
}

/** The read-me first, then what else describes a project, then its entry points. */
function overviewCandidates(index: SymbolIndex): Candidate[] {
  const rank = (file: string) => [/^readme(\.\w+)?$/i, /^(architecture|design|overview)\.md$/i, /^(package\.json|pyproject\.toml|cargo\.toml|go\.mod|pom\.xml)$/i, /^([^/]+\/)?(main|index|app|extension|cli|lib|mod|__init__|program)\.\w+$/i].findIndex((pattern) => pattern.test(file));
  const files = index.files().filter((file) => rank(file) >= 0);
  return [...files].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map((file) => fileStart(file, index));
}

function fileStart(file: string, index: SymbolIndex): Candidate {
  return { file, startLine: 1, endLine: Math.min(60, index.outline(file)?.lineCount ?? 1) };
}

function wholeOf({ file, definition }: IndexedSymbol): Candidate {
  const end = definition.kind === "section" ? Math.min(definition.endLine, definition.startLine + 60) : definition.endLine;
  return { file, startLine: definition.documentationLine, endLine: end };
}

/** Takes candidates until the budget is spent; lines already taken are not taken again. */
class Basket {
  readonly #index: SymbolIndex;
  readonly #budget: number;
  readonly #sources: (Source & { readonly text: string })[] = [];
  readonly #leftOut = new Map<string, LeftOut>();
  readonly #texts = new Map<string, readonly string[] | undefined>();
  #left: number;

  constructor(index: SymbolIndex, budget: number) {
    this.#index = index;
    this.#budget = budget;
    this.#left = budget;
  }

  add(candidate: Candidate): void {
    const { file } = candidate;
    const lines = this.#lines(file);
    if (!lines) return this.#leave(file, candidate, "can no longer be read");
    const { startLine, endLine } = this.#untaken(file, candidate.startLine, Math.min(candidate.endLine, lines.length));
    if (startLine > endLine) return;
    const most = Math.min(this.#left, Math.floor(this.#budget * (this.#sources.length === 0 ? FIRST_SHARE : LARGEST_SHARE)));
    const last = lastFitting(lines, startLine, endLine, most);
    if (last === endLine) return this.#take(file, startLine, endLine, lines);
    // The first lines of something long: its comment and signature, which is where answers begin.
    if (last - startLine + 1 >= LEAST_LINES) {
      this.#take(file, startLine, last, lines);
      this.#leave(file, candidate, `lines ${last + 1}-${endLine} did not fit`);
    } else this.#leave(file, candidate, `lines ${startLine}-${endLine} did not fit${this.#about(file, startLine)}`);
  }

  tellExcluded(path: string): void {
    const reason = this.#index.exclusionOf(path);
    if (reason) this.#leftOut.set(`${path}:excluded`, { file: path, reason: `kept out: ${reason}` });
  }

  result(): QuestionContext {
    const shortfall = this.#index.shortfall();
    return { sources: this.#sources, leftOut: [...this.#leftOut.values(), ...(shortfall ? [{ file: "", reason: shortfall }] : [])] };
  }

  #take(file: string, startLine: number, endLine: number, lines: readonly string[]): void {
    const text = lines.slice(startLine - 1, endLine).join("\n");
    const tokens = estimateTokens(text);
    this.#left -= tokens;
    this.#sources.push({ file, startLine, endLine, tokens, text });
    this.#leftOut.delete(`${file}:${startLine}`);
  }

  #leave(file: string, { startLine }: Candidate, reason: string): void {
    const key = `${file}:${startLine}`;
    if (!this.#leftOut.has(key)) this.#leftOut.set(key, { file, reason });
  }

  /** The lines less those at either end that are taken already: twice in a prompt costs twice and says nothing new. */
  #untaken(file: string, from: number, to: number): { startLine: number; endLine: number } {
    let [startLine, endLine] = [from, to];
    const taken = this.#sources.filter((source) => source.file === file).sort((a, b) => a.startLine - b.startLine);
    for (const source of taken) if (source.startLine <= startLine && source.endLine >= startLine) startLine = source.endLine + 1;
    const next = taken.find((source) => source.startLine > startLine);
    if (next && next.startLine <= endLine) endLine = next.startLine - 1;
    return { startLine, endLine };
  }

  #lines(file: string): readonly string[] | undefined {
    if (!this.#texts.has(file)) this.#texts.set(file, this.#index.text(file)?.split("\n"));
    return this.#texts.get(file);
  }

  #about(file: string, line: number): string {
    const definition = this.#index.outline(file)?.definitions.find((item) => item.documentationLine === line);
    return definition ? ` (${definition.name}${definition.documentation ? `: ${firstSentence(definition.documentation, 60)}` : ""})` : "";
  }
}

/** The last line up to which the lines cost at most `budget`; `startLine - 1` when not even the first fits. */
function lastFitting(lines: readonly string[], startLine: number, endLine: number, budget: number): number {
  let characters = 0;
  for (let line = startLine; line <= endLine; line++) {
    characters += (lines[line - 1]?.length ?? 0) + 1;
    if (tokensOfLength(characters) > budget) return line - 1;
  }
  return endLine;
}
