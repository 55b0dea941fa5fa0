import { looseName } from "../context/words";
import type { Question } from "./answer";
import type { IndexedSymbol, SymbolIndex } from "./symbolIndex";

/** A name that the question speaks of, with its definitions; none when the index does not know it. */
export interface NamedSubject {
  readonly name: string;
  readonly symbols: readonly IndexedSymbol[];
  /** Put together from plain words ("the memory shelf"): likely, not sure. */
  readonly inferred?: boolean;
}

/** What a question speaks of, looked up in the index. In the order in which the question names them. */
export interface QuestionSubjects {
  readonly names: readonly NamedSubject[];
  readonly files: readonly string[];
  /** Folders without a trailing slash; empty string for the whole workspace. */
  readonly folders: readonly string[];
  /** Written like a path, but no such file or folder is indexed. */
  readonly unknownPaths: readonly string[];
  /** Modules named as in an import (`lodash`, `node:fs`): the tokens that are nothing else. */
  readonly words: readonly string[];
  /** "this function", "here", "the selection": the place of the cursor is meant. */
  readonly atFocus: boolean;
  /** "this file": the open file is meant. */
  readonly focusFile: boolean;
}

const MAXIMUM_LENGTH = 4_000;
const TOKEN = /`([^`\n]+)`|"([^"\n]+)"|'([^'\s]+)'|([\p{L}\p{N}_$#@~][\p{L}\p{N}_$./\\:#@*-]*(?:\(\))?|\.{1,2}\/[\p{L}\p{N}_./@-]+|\.[\p{L}][\p{L}\p{N}_.-]+)/gu;
const PLAIN = new Set(
  "a an the is are was were be been do does did has have had of to in on at by for from with without and or not no it its this that these those there here what which who whom whose where when why how can could should would will shall may might must i you we they he she me my our your their us them all any each every some many much more most less other another same such only just also then than so if else as up out about into over under after before between through while during again please tell show list find give explain describe summarize summarise mean means work works working happen happens used uses use using usage usages call calls called calling caller callers invoke invoked define defined definition definitions declare declared declaration implement implements implemented implementation implementations import imports imported importing include includes included require requires required depend depends contain contains contents content outline structure file files folder folders directory directories module modules package packages function functions method methods class classes interface interfaces type types enum enums constant constants variable variables field fields property properties member members parameter parameters argument arguments return returns returned value values signature documentation doc docs comment comments code project repository repo codebase workspace line lines place places reference references test tests thing things something anything everything inside whole entire exactly main exported compare compared comparison difference versus vs purpose extends extend extended subclass subclasses inherit inherits named name names".split(" "),
);

/** Finds names, files and folders in a question. A plain lower-case word counts as a name only where nothing else does. */
export function subjectsOf(question: Question, index: SymbolIndex): QuestionSubjects {
  const text = question.text.slice(0, MAXIMUM_LENGTH);
  const tokens = tokensOf(text);
  const folderTable = foldersOf(index.files());
  const places = tokens.map((token) => ({ token, place: placeOf(token, index.files(), folderTable) }));
  const rest = places.filter(({ place }) => place === undefined).map(({ token }) => token);
  const found = places.flatMap(({ place }) => place ?? []);
  const names = namesOf(rest, text, index);
  return {
    names,
    files: unique(found.flatMap((place) => place.files)),
    folders: unique(found.flatMap((place) => place.folders)),
    unknownPaths: unique(rest.filter((token) => !names.some(({ name }) => name === token.text.replace(/\(\)$/, "") || token.text.includes(name)) && looksLikePath(token.text)).map((token) => token.text)),
    words: unique(rest.map((token) => token.text).filter((word) => !PLAIN.has(word.toLowerCase()))),
    atFocus: /\b(this|here|selected|selection|current|the cursor)\b/i.test(text) && !/\bthis (file|project|repo|repository|codebase|workspace|module|folder)\b/i.test(text),
    focusFile: /\b(this|the current|the open|current|active) (file|module)\b/i.test(text),
  };
}

/** Surely a path: `Shelf.put` is none, `shelf.ts` is. */
const FILE_PATH = /[/\\]|\.(ts|tsx|mts|cts|js|jsx|mjs|cjs|py|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|php|swift|md|txt|json|ya?ml|toml|xml|html|css|scss|sql|sh|env|lock)$/i;

interface Token {
  readonly text: string;
  /** In backticks or quotes: surely a name. */
  readonly marked: boolean;
  /** First word of a sentence: its capital letter says nothing. */
  readonly first: boolean;
  /** The plain words right before and after it, lower-case. */
  readonly before: string;
  readonly after: string;
}

function tokensOf(text: string): Token[] {
  const matches = [...text.matchAll(TOKEN)].slice(0, 200);
  const plain = matches.map((match) => match[1] ?? match[2] ?? match[3] ?? (match[4] ?? "").replace(/[.:,#-]+$/, ""));
  return matches.flatMap((match, at) => {
    const token = plain[at] ?? "";
    if (token === "") return [];
    const first = match.index === 0 || /[.!?]\s+$/.test(text.slice(0, match.index));
    return [{ text: token, marked: match[4] === undefined, first, before: (plain[at - 1] ?? "").toLowerCase(), after: (plain[at + 1] ?? "").toLowerCase() }];
  });
}

interface Place {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

function placeOf(token: Token, files: readonly string[], folders: ReadonlyMap<string, readonly string[]>): Place | undefined {
  const wanted = token.text.replaceAll("\\", "/").replace(/^(\.{1,2}\/)+/, "").replace(/:\d+(-\d+)?$/, "");
  const folder = wanted.replace(/\/\*{0,2}$/, "");
  const saysFile = /^\.{1,2}\//.test(token.text) || token.after === "file" || token.before === "file" || token.after === "module";
  const saysFolder = /^(folder|directory|package|dir)$/.test(token.after) || /^(folder|directory|package|dir)$/.test(token.before) || wanted.endsWith("/");
  if (looksLikePath(wanted) || saysFile) {
    const hits = filesNamed(files, wanted, saysFile);
    if (hits.length > 0) return { files: hits, folders: [] };
  }
  const inFolder = /^(in|inside|within|under|below)$/.test(token.before) && folders.get(folder.toLowerCase())?.[0] === folder;
  if (looksLikePath(wanted) || saysFolder || inFolder) {
    const hits = folders.get(folder.toLowerCase()) ?? [];
    if (hits.length > 0) return { files: [], folders: hits };
  }
  return undefined;
}

function looksLikePath(text: string): boolean {
  return /[/\\]/.test(text) || /^[\w@.-]*\.[A-Za-z][\w]{0,11}$/.test(text);
}

/** Whole path, then a path's end, then (where the question says "file") a name without its extension. */
function filesNamed(files: readonly string[], wanted: string, bare: boolean): readonly string[] {
  const lower = wanted.toLowerCase();
  const exact = files.filter((file) => file.toLowerCase() === lower);
  if (exact.length > 0) return exact;
  const ending = files.filter((file) => file.toLowerCase().endsWith(`/${lower}`));
  if (ending.length > 0 || !bare) return shortestFirst(ending);
  return shortestFirst(files.filter((file) => looseName(baseName(file)) === looseName(wanted)));
}

function shortestFirst(files: readonly string[]): readonly string[] {
  return [...files].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, 8);
}

/** Whether a file holds tests or what serves them. */
export function isTestFile(file: string): boolean {
  return /(^|\/)(tests?|specs?|__tests__|fixtures?|mocks?)(\/|$)|[._-](test|spec)\.|_test\.|(^|\/)test_/i.test(file);
}

/** File name without folders and extension. */
export function baseName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/(?!^)\.[^.]*$/, "");
}

/** Every folder by its whole path and by each end of it, lower-case. */
function foldersOf(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Set<string>();
  for (const file of files) for (let slash = file.lastIndexOf("/"); slash > 0 && !folders.has(file.slice(0, slash)); slash = file.lastIndexOf("/", slash - 1)) folders.add(file.slice(0, slash));
  const table = new Map<string, string[]>();
  for (const folder of [...folders].sort((a, b) => a.length - b.length)) {
    const parts = folder.toLowerCase().split("/");
    for (let start = 0; start < parts.length; start++) {
      const key = parts.slice(start).join("/");
      const known = table.get(key);
      if (!known) table.set(key, [folder]);
      else if (start > 0 && known[0]?.toLowerCase() !== key) known.push(folder);
    }
  }
  return table;
}

function namesOf(tokens: readonly Token[], text: string, index: SymbolIndex): NamedSubject[] {
  const strong = tokens.filter((token) => token.marked || isIdentifierShaped(token) || (/^[\p{Lu}]/u.test(token.text) && !token.first && !PLAIN.has(token.text.toLowerCase())));
  const named = strong.flatMap((token) => lookUp(token, index));
  const known = named.filter((subject) => subject.symbols.length > 0);
  const unknown = named.filter((subject) => subject.symbols.length === 0);
  if (known.length > 0) return [...known, ...unknown];
  const weak = tokens.filter((token) => !PLAIN.has(token.text.toLowerCase()));
  const exact = weak.flatMap((token) => subject(token.text, index.named(token.text)));
  // One plain word is a name ("where is stem defined"); among several it is more likely prose ("how is a stem found").
  if (unknown.length === 0 && weak.length <= 2 && exact.length > 0) return exact;
  return [...joinedNames(text, index), ...unknown].slice(0, 4);
}

function isIdentifierShaped({ text }: Token): boolean {
  return /[\p{Ll}\p{N}][\p{Lu}]|_|\(\)$|^[\p{Lu}][\p{Lu}\p{N}]{2,}$|[\p{L}\p{N}](\.|::|#)[\p{L}_]|^[$#@]/u.test(text) && !/^\d/.test(text);
}

function lookUp(token: Token, index: SymbolIndex): NamedSubject[] {
  const whole = token.text.replace(/\(.*\)$/, "").replace(/^[#@]/, "").trim();
  const parts = whole.split(/\.|::|#|->/).filter(Boolean);
  const name = parts.at(-1) ?? whole;
  const owner = parts.at(-2);
  const all = index.named(name).length > 0 ? index.named(name) : index.namedLoosely(name);
  const owned = owner ? all.filter(({ file, definition }) => definition.container.split(".").some((part) => looseName(part) === looseName(owner)) || looseName(baseName(file)) === looseName(owner)) : [];
  const symbols = owned.length > 0 ? owned : all;
  if (symbols.length === 0 && FILE_PATH.test(whole)) return [];
  // "React" or "JSON" at the start of prose is a word, not a missing definition.
  if (symbols.length === 0 && !token.marked && !isIdentifierShaped(token)) return [];
  return [{ name: symbols[0]?.definition.name ?? name, symbols }];
}

function subject(name: string, symbols: readonly IndexedSymbol[]): NamedSubject[] {
  const solid = symbols.filter(({ definition }) => definition.kind !== "field" && definition.kind !== "section");
  return inferred(name, solid);
}

/** A helper of a test is hardly what plain words mean. */
function inferred(name: string, symbols: readonly IndexedSymbol[]): NamedSubject[] {
  const own = symbols.filter(({ file }) => !isTestFile(file));
  return own.length > 0 ? [{ name, symbols: own, inferred: true }] : [];
}

/** "the completion session" → `CompletionSession`: two to four words in a row that are a name without its spaces. */
function joinedNames(text: string, index: SymbolIndex): NamedSubject[] {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.slice(0, 60) ?? [];
  const found: NamedSubject[] = [];
  for (let at = 0; at < words.length; at++) {
    for (let count = 4; count >= 2; count--) {
      const joined = words.slice(at, at + count);
      if (joined.length < count || joined.every((word) => PLAIN.has(word.toLowerCase()))) continue;
      const symbols = index.namedLoosely(joined.join("")).filter(({ definition }) => definition.kind !== "section");
      const subjects = inferred(symbols[0]?.definition.name ?? "", symbols);
      if (subjects.length === 0) continue;
      found.push(...subjects);
      at += count - 1;
      break;
    }
  }
  return found;
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
