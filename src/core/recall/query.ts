import { READ_AFTER, type Snapshot } from "../completion/snapshot";
import { unitText, scanWords, UnitList } from "./words";
import { WordKind, type Vocabulary } from "./vocabulary";

/** A place in a document as recall sees it. */
export interface RecallQuery {
  readonly path: string;
  /** Units before the typed part, the edge (of the file or of the window) first. */
  readonly before: Uint32Array;
  /** Units after the cursor, from the next line on. */
  readonly after: Uint32Array;
  /** What stands directly before the cursor and may be a beginning: of a word, an operator, or a single blank. */
  readonly typedPart: string;
  /** Columns of indentation of the current line. */
  readonly indentation: number;
  /** Whether the file indents with tabs. */
  readonly tabs: boolean;
  /** Text of the current line before the cursor. */
  readonly line: string;
  /** Whether `before` and `after` are the whole document. */
  readonly whole: boolean;
}

/** Reads the text around the cursor. Interns its words: call it with the corpus's own vocabulary. */
export function queryOf(snapshot: Pick<Snapshot, "path" | "before" | "after" | "offset">, vocabulary: Vocabulary): RecallQuery {
  const units = new UnitList(snapshot.before.length / 3);
  const { indentation, pendingBlanks } = scanWords(snapshot.before, vocabulary, units);
  const line = snapshot.before.slice(snapshot.before.lastIndexOf("\n") + 1);
  const typedPart = line.trim() === "" ? "" : typedPartOf(units, pendingBlanks, vocabulary);
  if (typedPart !== "" && pendingBlanks === 0) units.length -= 1;
  const after = new UnitList(snapshot.after.length / 3);
  const lineEnd = snapshot.after.indexOf("\n");
  scanWords(lineEnd < 0 ? "" : snapshot.after.slice(lineEnd), vocabulary, after);
  return { path: snapshot.path, before: units.view(), after: after.view(), typedPart, indentation, tabs: /^\t/m.test(snapshot.before), line, whole: snapshot.offset === snapshot.before.length && snapshot.after.length < READ_AFTER };
}

function typedPartOf(units: UnitList, pendingBlanks: number, vocabulary: Vocabulary): string {
  if (pendingBlanks > 0) return " ";
  const last = units.units[units.length - 1] ?? 0;
  const kind = vocabulary.kindOf(last >>> 1);
  const mayGoOn = kind === WordKind.identifier || kind === WordKind.number || kind === WordKind.operator;
  return mayGoOn ? unitText(last, vocabulary) : "";
}

/** How many units of context are compared: about ten lines, so that names which differ in the head of a function are seen. */
export const CONTEXT_UNITS = 128;

/** The last units of a text and of what is assumed to follow it, the latest first. */
export function contextOf(before: Uint32Array, assumed: readonly number[]): Uint32Array {
  const length = Math.min(CONTEXT_UNITS, before.length + assumed.length);
  const context = new Uint32Array(length);
  for (let index = 0; index < length; index++) {
    context[index] = index < assumed.length ? assumed[assumed.length - 1 - index] ?? 0 : before[before.length - 1 - (index - assumed.length)] ?? 0;
  }
  return context;
}
