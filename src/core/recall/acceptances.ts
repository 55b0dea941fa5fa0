import { extensionOf } from "../context/languages";

/**
 * What is remembered of suggestions that were shown and accepted: how many, by who spoke and by kind of file. No text,
 * no path, no time.
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
}

export const NOTHING_ACCEPTED: AcceptanceRecord = { counts: {} };

/** Kinds of files with counts of their own; more are `other`. */
const MOST_KINDS = 60;
const NOTHING: Tally = { shown: 0, accepted: 0 };

/** The record after one more suggestion was shown in a file. */
export function withShown(record: AcceptanceRecord, voice: string, path: string): AcceptanceRecord {
  return { counts: counted(record.counts, voice, path, { shown: 1, accepted: 0 }) };
}

/** The record after a suggestion was accepted. */
export function withAccepted(record: AcceptanceRecord, voice: string, path: string): AcceptanceRecord {
  return { counts: counted(record.counts, voice, path, { shown: 0, accepted: 1 }) };
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
