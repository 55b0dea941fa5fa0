import type { Answer, Question } from "./answer";
import { cite, citeFile, code, counted, definitionLine, emptyDraft, finished, type AnswerDraft } from "./answerText";
import { answerConcept, answerHelp, answerNothing, answerRelated } from "./conceptAnswers";
import { answerFile, answerFolder, answerListing, answerOverview, filesUnder } from "./contentsAnswers";
import type { ComparedPlace } from "./meaning";
import { intentOf, type Intent } from "./questionIntent";
import { baseName, isTestFile, subjectsOf, type NamedSubject, type QuestionSubjects } from "./questionSubjects";
import { answerCallees, answerDefinition, answerImplementers, membersOf, placeOf, rankedSymbols, symbolAt } from "./symbolAnswers";
import { answerUnused } from "./unusedAnswer";
import { answerCallers, answerImporters, answerImports, answerUsage } from "./usageAnswers";
import type { SymbolIndex } from "./symbolIndex";

const MAXIMUM_SUBJECTS = 3;
const HELP = /^\W*((hi|hello|hey|help|thanks|thank you|test|what can (you|i) (do|ask)|how (do|can) i use (this|you)|who are you)( there| me| please)?)?\W*$/i;

/**
 * Answers from the index alone: exact, at once, without a model. Pure: reads only what `index` gives. When nothing is found it says
 * what it looked for and what could be asked. `compared` are places that an embedding model compared with the question.
 */
export function answerFromIndex(question: Question, index: SymbolIndex, compared: readonly ComparedPlace[] = []): Answer {
  const draft = emptyDraft(compared);
  const intent = intentOf(question.text);
  const subjects = withFocus(subjectsOf(question, index), question, intent, index);
  tellExcluded(subjects, index, draft);
  if (index.files().length === 0) draft.blocks.push(index.shortfall() ? "There is nothing to look in yet." : "The workspace has no files that can be indexed.");
  else if (HELP.test(question.text)) answerHelp(index, draft);
  else respond(intent, subjects, question, index, draft);
  return finished(draft, index);
}

/** "this function", "here" and "this file" stand for what the cursor is in; so does a question that names nothing at all. */
function withFocus(subjects: QuestionSubjects, question: Question, intent: Intent, index: SymbolIndex): QuestionSubjects {
  const { focus } = question;
  if (!focus) return subjects;
  if (subjects.focusFile) return { ...subjects, files: [...subjects.files, focus.file] };
  const nothing = subjects.names.length + subjects.files.length + subjects.folders.length === 0;
  const askable = intent.kind !== "overview" && (subjects.atFocus || (intent.kind !== "concept" && intent.kind !== "listing" && subjects.words.length === 0));
  if (!nothing || !askable) return subjects;
  const symbol = symbolAt(focus.file, focus.selection?.startLine ?? focus.line, index);
  if (symbol) return { ...subjects, names: [{ name: symbol.definition.name, symbols: [symbol] }] };
  return { ...subjects, files: [focus.file] };
}

function tellExcluded(subjects: QuestionSubjects, index: SymbolIndex, draft: AnswerDraft): void {
  for (const path of [...subjects.unknownPaths, ...subjects.files]) {
    const reason = index.exclusionOf(path);
    if (!reason) continue;
    draft.leftOut.push({ file: path, reason });
    draft.blocks.push(`${code(path)} is kept out of the index and of every prompt: ${reason}.`);
  }
}

function respond(intent: Intent, subjects: QuestionSubjects, question: Question, index: SymbolIndex, draft: AnswerDraft): void {
  const known = subjects.names.filter(({ symbols }) => symbols.length > 0).slice(0, MAXIMUM_SUBJECTS);
  const before = draft.blocks.length;
  answerByIntent(intent, subjects, known, question, index, draft);
  if (draft.blocks.length > before) {
    if (known.length > 0 && known.every((subject) => subject.inferred)) answerRelated(question, index, draft);
    return;
  }
  if (subjects.files.length + subjects.folders.length > 0 && known.length === 0) return answerPlaces(subjects, index, draft);
  const missing = subjects.names.filter(({ symbols }) => symbols.length === 0).map(({ name }) => name);
  const sure = intent.kind === "concept" ? known.filter((subject) => !subject.inferred) : known;
  if (sure.length > 0) {
    each(sure, (subject) => answerDefinition(subject, index, draft));
    if (intent.kind === "concept") answerRelated(question, index, draft);
    return;
  }
  if (missing.length > 0 || subjects.unknownPaths.length > 0) answerNothing([...missing, ...subjects.unknownPaths.filter((path) => !index.exclusionOf(path))], question, index, draft);
  else answerConcept(question, index, draft);
}

function answerByIntent(intent: Intent, subjects: QuestionSubjects, known: readonly NamedSubject[], question: Question, index: SymbolIndex, draft: AnswerDraft): void {
  switch (intent.kind) {
    case "overview":
      if (known.length + subjects.files.length + subjects.folders.length === 0) answerOverview(index, draft);
      return;
    case "unused":
      // "is Shelf unused" asks about one name; "unused in src" must not be read as `unusedIn`.
      if (known.some(({ name }) => question.text.includes(name))) return usage(subjects, known, index, draft);
      return answerUnused(placesAsked(subjects, index), index, draft);
    case "definition":
    case "explain":
      return each(known, (subject) => answerDefinition(subject, index, draft));
    case "usage":
      return usage(subjects, known, index, draft);
    case "callers":
      return each(known, (subject) => answerCallers(subject, index, draft));
    case "callees":
      return each(known, (subject) => answerCallees(subject, index, draft));
    case "implementers":
      return each(known, (subject) => (isType(subject) || /\b(extend|subclass|inherit|derive)/i.test(question.text) ? answerImplementers(subject, index, draft) : answerDefinition(subject, index, draft)));
    case "contents":
      return subjects.files.length + subjects.folders.length > 0 ? answerPlaces(subjects, index, draft) : each(known, (subject) => answerDefinition(subject, index, draft));
    case "importers":
      return importers(subjects, known, index, draft);
    case "imports":
      return subjects.files.slice(0, MAXIMUM_SUBJECTS).forEach((file) => answerImports(file, index, draft));
    case "listing":
      return listing(intent.of, subjects, known, index, draft);
    case "concept":
      return;
    default:
      intent satisfies never;
  }
}

function each(known: readonly NamedSubject[], action: (subject: NamedSubject) => void): void {
  for (const subject of known) action(subject);
}

function isType({ symbols }: NamedSubject): boolean {
  return symbols.some(({ definition }) => ["class", "interface", "type", "enum"].includes(definition.kind));
}

/** A file that is named beside a symbol narrows the search; a name that nothing defines (a package's function) is looked for as text. */
function usage(subjects: QuestionSubjects, known: readonly NamedSubject[], index: SymbolIndex, draft: AnswerDraft): void {
  const within = subjects.files.length > 0 ? subjects.files : subjects.folders.length > 0 ? subjects.folders.flatMap((folder) => filesUnder(folder, index)) : undefined;
  const written = subjects.names.filter(({ name, symbols }) => symbols.length === 0 && index.filesMentioning(name).length > 0);
  each([...known, ...written].slice(0, MAXIMUM_SUBJECTS), (subject) => answerUsage(subject, index, draft, within));
  if (known.length + written.length > 0) return;
  // "which files mention pantry": any word will do.
  const word = subjects.files.length === 0 ? subjects.words.find((text) => index.filesMentioning(text).length > 0) : undefined;
  if (word) answerUsage({ name: word, symbols: [] }, index, draft, within);
  for (const file of subjects.files.slice(0, MAXIMUM_SUBJECTS)) answerImporters({ file }, index, draft);
}

function importers(subjects: QuestionSubjects, known: readonly NamedSubject[], index: SymbolIndex, draft: AnswerDraft): void {
  for (const file of subjects.files.slice(0, MAXIMUM_SUBJECTS)) answerImporters({ file }, index, draft);
  if (subjects.files.length > 0) return;
  const modules = [...subjects.unknownPaths, ...subjects.words].filter((word) => !known.some(({ name }) => name === word));
  const imported = modules.find((module) => index.files().some((file) => index.outline(file)?.imports.some((site) => site.module === module || site.module.startsWith(`${module}/`) || site.module === `node:${module}`)));
  if (imported) answerImporters({ module: imported }, index, draft);
  else if (known.length > 0) each(known, (subject) => answerImporters({ subject }, index, draft));
  else if (modules[0]) {
    // "files that depend on recipe": a file's name without its ending.
    const file = index.files().find((path) => modules.includes(baseName(path)));
    answerImporters(file ? { file } : { module: modules[0] }, index, draft);
  }
}

function listing(of: Extract<Intent, { kind: "listing" }>["of"], subjects: QuestionSubjects, known: readonly NamedSubject[], index: SymbolIndex, draft: AnswerDraft): void {
  const places = [...subjects.files, ...subjects.folders.map((folder) => `${folder}/`)];
  if (places.length > 0) {
    return answerListing(of, placesAsked(subjects, index), `in ${places.slice(0, 3).map((place) => (place.endsWith("/") ? code(place) : citeFile(place))).join(", ")}`, index, draft);
  }
  if (known.length > 0) return each(known, (subject) => membersListed(of, subject, index, draft));
  // "what functions are there about caching" is a search, "list all classes" is not.
  if (subjects.words.length === 0) answerListing(of, index.files(), "in the workspace", index, draft);
}

/** "list the methods of Shelf": the members of those kinds; the definition where it has none. */
function membersListed(of: Extract<Intent, { kind: "listing" }>["of"], subject: NamedSubject, index: SymbolIndex, draft: AnswerDraft): void {
  if (of === "tests") return answerUsage(subject, index, draft, index.files().filter(isTestFile));
  const kinds = typeof of === "string" ? [] : of;
  const holder = rankedSymbols(subject.symbols).find((symbol) => membersOf(symbol, index).some(({ definition }) => kinds.includes(definition.kind)));
  if (!holder) return answerDefinition(subject, index, draft);
  const members = membersOf(holder, index).filter(({ definition }) => kinds.includes(definition.kind));
  draft.blocks.push(`${counted(members.length, "member")} of ${code(subject.name)} ${cite(holder.file, holder.definition.startLine)}:`, members.slice(0, 100).map(definitionLine).join("\n"));
  draft.places.push(...members.slice(0, 40).map(placeOf));
}

/** The files that a question names, folders spelled out; all files when it names none. */
function placesAsked(subjects: QuestionSubjects, index: SymbolIndex): readonly string[] {
  const files = [...subjects.files, ...subjects.folders.flatMap((folder) => filesUnder(folder, index))];
  return files.length > 0 ? files : index.files();
}

function answerPlaces(subjects: QuestionSubjects, index: SymbolIndex, draft: AnswerDraft): void {
  for (const file of subjects.files.slice(0, MAXIMUM_SUBJECTS)) answerFile(file, index, draft);
  for (const folder of subjects.folders.slice(0, MAXIMUM_SUBJECTS)) answerFolder(folder, index, draft);
}
