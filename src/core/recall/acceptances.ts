import { extensionOf } from "../context/languages";

/**
 * What is remembered of suggestions that were shown and accepted: how many, by who spoke and by kind of file, and the
 * hashes of accepted lines. No text, no path, no time.
 */

/** How often something was shown, and accepted of that. */
export interface Tally {
  readonly shown: number;
  readonly accepted: number;
}

/** By voice (`recall`, `model`, `both`), then by kind of file (`ts`, `py`). */
export type AcceptanceCounts = Readonly<Record<string, Readonly<Record<string, Tally>>>>;

export interface AcceptanceRecord {
  readonly counts: AcceptanceCounts;
  /** Hashes of accepted lines, the latest last; see `lineHash`. */
  readonly lines: readonly number[];
}

export const NOTHING_ACCEPTED: AcceptanceRecord = { counts: {}, lines: [] };

/** Accepted lines that are remembered. */
export const MOST_LINES = 2_000;
/** Kinds of files with counts of their own; more are `other`. */
const MOST_KINDS = 60;
const NOTHING: Tally = { shown: 0, accepted: 0 };

/** The record after one more suggestion was shown in a file. */
export function withShown(record: AcceptanceRecord, voice: string, path: string): AcceptanceRecord {
  return { ...record, counts: counted(record.counts, voice, path, { shown: 1, accepted: 0 }) };
}

/** The record after a suggestion was accepted; each line of its text that is not blank is remembered by its hash. */
export function withAccepted(record: AcceptanceRecord, voice: string, path: string, text: string): AcceptanceRecord {
  const added = text.split("\n").filter((line) => line.trim() !== "").map(lineHash);
  const lines = [...new Set([...record.lines.filter((line) => !added.includes(line)), ...added])];
  return { counts: counted(record.counts, voice, path, { shown: 0, accepted: 1 }), lines: lines.slice(-MOST_LINES) };
}

/** 32 bits of a line without white space around it (FNV-1a): enough to know it again, too few to tell what it was. */
export function lineHash(line: string): number {
  let hash = 0x811c9dc5;
  for (const character of line.trim()) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function counted(counts: AcceptanceCounts, voice: string, path: string, more: Tally): AcceptanceCounts {
  const kinds = Object.hasOwn(counts, voice) ? counts[voice] ?? {} : {};
  const wanted = kindOf(path);
  const kind = Object.hasOwn(kinds, wanted) || Object.keys(kinds).length < MOST_KINDS ? wanted : "other";
  const { shown, accepted } = Object.hasOwn(kinds, kind) ? kinds[kind] ?? NOTHING : NOTHING;
  return { ...counts, [voice]: { ...kinds, [kind]: { shown: shown + more.shown, accepted: accepted + more.accepted } } };
}

/** The file's extension, or `other` where it has none of the usual shape. */
function kindOf(path: string): string {
  const extension = extensionOf(path);
  return /^[a-z0-9]{1,10}$/.test(extension) ? extension : "other";
}
