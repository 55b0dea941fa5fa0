import MiniSearch, { type Options } from "minisearch";
import type { Definition, FileOutline } from "../../protocol/indexWorker";
import type { IndexedSymbol, SearchHit, SymbolIndex } from "../chat/symbolIndex";
import { identifiersOf, looseName, splitWords, stem } from "./words";

/** Everything known of the indexed files, in memory. Pure: texts are handed in and not kept. */
export interface SymbolStore extends Omit<SymbolIndex, "text" | "exclusionOf" | "shortfall"> {
  /** Puts a file in place of what was known of it. */
  put(outline: FileOutline, text: string): void;
  remove(file: string): void;
  definitionCount(): number;
}

interface SearchDocument {
  readonly id: number;
  readonly file: string;
  readonly definition: Definition | undefined;
  readonly documentation: string;
}

interface FileEntry {
  readonly number: number;
  readonly outline: FileOutline;
  readonly documents: readonly number[];
}

/** What is on one's own path and not somebody's test or sample comes first. */
const SIDE_PATH = /(^|\/)(tests?|specs?|__tests__|fixtures?|examples?|samples?|benchmarks?|mocks?|stubs?|vendor|third_party|dist|build|out)(\/|$)|[._-](test|spec)\.|_test\.|(^|\/)(changelog|licen[cs]e|notice)/i;
const KIND_WEIGHT: Readonly<Record<Definition["kind"], number>> = {
  function: 1.1, method: 1, class: 1.2, interface: 1.15, type: 1, enum: 1, constant: 0.8, variable: 0.7, field: 0.5, module: 1, macro: 0.9, section: 0.7,
};
const FILE_WEIGHT = 0.8;
const COVERAGE = 1.5;
const DOCUMENTATION_INDEXED = 600;

const SEARCH: Options<SearchDocument> = {
  idField: "id",
  fields: ["name", "container", "signature", "documentation", "path"],
  extractField: (document, field) => fieldOf(document, field),
  tokenize: (text) => splitWords(text),
  processTerm: (term) => (term.length > 1 && term.length < 40 ? stem(term) : null),
  searchOptions: {
    boost: { name: 3, path: 1.2, documentation: 1.5, container: 0.8, signature: 0.7 },
    prefix: (term) => term.length >= 4,
    fuzzy: (term) => (term.length >= 6 ? 0.17 : false),
    weights: { prefix: 0.45, fuzzy: 0.2 },
  },
};

/** An empty store. Holds no resource beside memory. */
export function createSymbolStore(): SymbolStore {
  return new MemoryStore();
}

class MemoryStore implements SymbolStore {
  readonly #entries = new Map<string, FileEntry>();
  readonly #byNumber: (string | undefined)[] = [];
  readonly #byName = new Map<string, IndexedSymbol[]>();
  readonly #namesByLoose = new Map<string, Set<string>>();
  /** Word → numbers of files. Entries of replaced files stay: `filesMentioning` promises a superset only. */
  readonly #mentions = new Map<string, number[]>();
  readonly #documents = new Map<number, SearchDocument>();
  readonly #search = new MiniSearch<SearchDocument>(SEARCH);
  #nextDocument = 0;
  #definitions = 0;
  #sorted: readonly string[] | undefined;

  put(outline: FileOutline, text: string): void {
    this.remove(outline.path);
    const number = this.#byNumber.push(outline.path) - 1;
    for (const word of identifiersOf(text)) pushTo(this.#mentions, word, number);
    const documents = [undefined, ...outline.definitions].map((definition) => this.#addDocument(outline, definition, text));
    for (const definition of outline.definitions) this.#addName({ file: outline.path, definition });
    this.#definitions += outline.definitions.length;
    this.#entries.set(outline.path, { number, outline, documents });
    this.#sorted = undefined;
  }

  remove(file: string): void {
    const entry = this.#entries.get(file);
    if (!entry) return;
    this.#entries.delete(file);
    this.#byNumber[entry.number] = undefined;
    this.#definitions -= entry.outline.definitions.length;
    for (const id of entry.documents) {
      this.#documents.delete(id);
      this.#search.discard(id);
    }
    for (const name of new Set(entry.outline.definitions.map((definition) => definition.name))) this.#removeName(name, file);
    this.#sorted = undefined;
  }

  files(): readonly string[] {
    this.#sorted ??= [...this.#entries.keys()].sort();
    return this.#sorted;
  }

  outline(file: string): FileOutline | undefined {
    return this.#entries.get(file)?.outline;
  }

  named(name: string): readonly IndexedSymbol[] {
    return this.#byName.get(name) ?? [];
  }

  namedLoosely(name: string): readonly IndexedSymbol[] {
    return [...(this.#namesByLoose.get(looseName(name)) ?? [])].flatMap((known) => this.named(known));
  }

  search(words: string, limit: number): readonly SearchHit[] {
    const asked = new Set(splitWords(words).map(stem)).size;
    const hits = this.#search.search(words, { boostDocument: (id) => this.#weight(id as number) });
    const scored = hits.flatMap(({ id, score, queryTerms }) => {
      const document = this.#documents.get(id as number);
      // What answers to more of the words is nearer to the question than what answers loudly to one.
      return document ? [{ file: document.file, definition: document.definition, score: score * (new Set(queryTerms).size / Math.max(1, asked)) ** COVERAGE }] : [];
    });
    return scored.sort((a, b) => b.score - a.score).slice(0, limit);
  }

  filesMentioning(name: string): readonly string[] {
    const files = (this.#mentions.get(name) ?? []).flatMap((number) => this.#byNumber[number] ?? []);
    return [...new Set(files)].sort();
  }

  definitionCount(): number {
    return this.#definitions;
  }

  #weight(id: number): number {
    const document = this.#documents.get(id);
    if (!document) return 0;
    const own = document.definition ? KIND_WEIGHT[document.definition.kind] : FILE_WEIGHT;
    const data = /\.(jsonc?|ya?ml|toml|csv|svg|xml|lock)$/i.test(document.file) ? 0.5 : 1;
    return own * data * (SIDE_PATH.test(document.file) ? 0.5 : 1);
  }

  #addDocument(outline: FileOutline, definition: Definition | undefined, text: string): number {
    const documentation = (definition ? definition.documentation : fileComment(text, outline)).slice(0, DOCUMENTATION_INDEXED);
    const document: SearchDocument = { id: this.#nextDocument++, file: outline.path, definition, documentation };
    this.#documents.set(document.id, document);
    this.#search.add(document);
    return document.id;
  }

  #addName(symbol: IndexedSymbol): void {
    const { name } = symbol.definition;
    pushTo(this.#byName, name, symbol);
    const loose = looseName(name);
    const names = this.#namesByLoose.get(loose) ?? new Set();
    this.#namesByLoose.set(loose, names.add(name));
  }

  #removeName(name: string, file: string): void {
    const left = (this.#byName.get(name) ?? []).filter((symbol) => symbol.file !== file);
    if (left.length > 0) {
      this.#byName.set(name, left);
      return;
    }
    this.#byName.delete(name);
    this.#namesByLoose.get(looseName(name))?.delete(name);
  }
}

function pushTo<V>(map: Map<string, V[]>, key: string, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}

function fieldOf({ id, file, definition, documentation }: SearchDocument, field: string): string {
  switch (field) {
    case "id":
      return id as unknown as string; // minisearch reads the id through the same function and keeps its type.
    case "name":
      return definition?.name ?? file.slice(file.lastIndexOf("/") + 1);
    case "container":
      return definition?.container ?? "";
    case "signature":
      return definition?.signature ?? "";
    case "documentation":
      return documentation;
    default:
      return file;
  }
}

/** The comment a file begins with, or a plain text's first lines. */
function fileComment(text: string, outline: FileOutline): string {
  const start = text.slice(0, 2_000).replace(/^#!.*\n/, "");
  const comment = /^\s*(\/\*[\s\S]*?\*\/|(?:(?:\/\/|#|--|;).*\n?)+|"""[\s\S]*?""")/.exec(start)?.[1];
  if (comment) return comment;
  return outline.method === "tree-sitter" ? "" : start.slice(0, DOCUMENTATION_INDEXED);
}
