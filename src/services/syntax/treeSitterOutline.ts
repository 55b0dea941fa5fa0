import path from "node:path";
import type { Parser as TreeParser, Query as TreeQuery, QueryMatch, Tree } from "web-tree-sitter";
import { languageOf, languageOfText } from "../../core/context/languages";
import { lineOutline } from "../../core/context/lineOutline";
import type { CheckedCode, FileOutline, LanguageName, ParseVerdict } from "../../protocol/indexWorker";
import { codeFramings } from "./codeFramings";
import { GRAMMAR_FILES, QUERIES } from "./queries";
import { readMatches } from "./readMatches";
import { Language, Parser, Query } from "./treeSitter.cjs";

/** Texts over this many UTF-16 units are not parsed. */
export const MAXIMUM_PARSED_LENGTH = 1024 * 1024;
/** Code of an answer over this many UTF-16 units is not checked. */
export const MAXIMUM_CHECKED_LENGTH = 64 * 1024;
/** Milliseconds that parsing and the query of one file may take together while somebody waits. */
export const PARSE_TIME_LIMIT_MS = 200;
/** The same for the index, where nobody waits and a busy machine must not cost an outline. */
export const INDEX_TIME_LIMIT_MS = 1_500;

/** Makes outlines by tree-sitter where it can and line by line where it cannot. Lives in the worker thread only. */
export interface OutlineMaker {
  /** Never rejects: trouble of any kind gives a line-based outline whose `note` says why. */
  outline(file: string, text: string, languageId?: string, timeLimitMs?: number): Promise<FileOutline>;
  /**
   * Whether code parses in the language that a fence's tag names; see `codeFramings` for what counts. Never rejects:
   * trouble of any kind is `unchecked`.
   */
  verdict(block: CheckedCode, timeLimitMs?: number): Promise<ParseVerdict>;
}

export interface OutlineMakerOptions {
  /** Finds a wasm file by its name. */
  readonly locate: (file: string) => string;
}

interface LoadedLanguage {
  readonly parser: TreeParser;
  readonly query: TreeQuery;
}

/** Loads each grammar with its first file and keeps it: a parser costs a few MB, a load about 20 ms. */
export function createOutlineMaker(options: OutlineMakerOptions): OutlineMaker {
  const loaded = new Map<LanguageName, Promise<LoadedLanguage>>();
  let runtime: Promise<void> | undefined;
  const load = async (language: LanguageName): Promise<LoadedLanguage> => {
    runtime ??= Parser.init({ locateFile: (file: string) => options.locate(path.basename(file)) });
    await runtime;
    const grammar = await Language.load(options.locate(GRAMMAR_FILES[language]));
    return { parser: new Parser().setLanguage(grammar), query: new Query(grammar, QUERIES[language]) };
  };
  const loadedOnce = (language: LanguageName): Promise<LoadedLanguage> => {
    const known = loaded.get(language) ?? load(language);
    loaded.set(language, known);
    return known;
  };
  return {
    async outline(file, text, languageId, timeLimitMs = PARSE_TIME_LIMIT_MS) {
      const language = languageOfText(file, text, languageId);
      if (!language) return lineOutline(file, text, "no grammar for this language");
      if (text.length > MAXIMUM_PARSED_LENGTH) return lineOutline(file, text, "over 1 MB, so it was not parsed");
      try {
        return parsed(await loadedOnce(language), language, file, text, timeLimitMs);
      } catch (error) {
        loaded.delete(language);
        return lineOutline(file, text, `parser failed (${error instanceof Error ? error.name : "unknown"})`);
      }
    },
    async verdict({ tag, code }, timeLimitMs = PARSE_TIME_LIMIT_MS) {
      const language = languageOf(`block.${tag.toLowerCase()}`, tag.toLowerCase());
      if (!language || code.length > MAXIMUM_CHECKED_LENGTH) return "unchecked";
      try {
        return verdictOf((await loadedOnce(language)).parser, codeFramings(code, language), timeLimitMs);
      } catch {
        loaded.delete(language);
        return "unchecked";
      }
    },
  };
}

function parsed({ parser, query }: LoadedLanguage, language: LanguageName, file: string, text: string, limitMs: number): FileOutline {
  const start = performance.now();
  const late = () => performance.now() - start > limitMs;
  parser.reset();
  const tree = parser.parse(text, null, { progressCallback: late });
  if (!tree) {
    parser.reset(); // Else the next parse would go on with this text.
    return lineOutline(file, text, `parsing took over ${limitMs} ms`);
  }
  try {
    const matches = matchesOf(query, tree, late);
    if (late()) return lineOutline(file, text, `parsing took over ${limitMs} ms`);
    return { path: file, language, method: "tree-sitter", note: "", ...readMatches(matches, text, language) };
  } finally {
    tree.delete();
  }
}

/** The first framing that parses decides; all of them share the time. */
function verdictOf(parser: TreeParser, framings: readonly string[], limitMs: number): ParseVerdict {
  const start = performance.now();
  const late = () => performance.now() - start > limitMs;
  for (const text of framings) {
    parser.reset();
    const tree = parser.parse(text, null, { progressCallback: late });
    if (!tree || late()) {
      parser.reset(); // Else the next parse would go on with this text.
      tree?.delete();
      return "unchecked";
    }
    const { hasError } = tree.rootNode;
    tree.delete();
    if (!hasError) return "parses";
  }
  return "broken";
}

function matchesOf(query: TreeQuery, tree: Tree, late: () => boolean): QueryMatch[] {
  return query.matches(tree.rootNode, { progressCallback: late });
}
