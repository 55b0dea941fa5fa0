import * as valibot from "valibot";
import type { Purpose } from "./request";

/** What a line of the ledger records: a request is about to leave, has ended well or badly, or was not let out. */
export type LedgerEvent = "sending" | "done" | "failed" | "refused";

/** One line of the ledger. A request has one `id` in all of its lines. */
export interface LedgerEntry {
  /** 1 for the first line, one more with each. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly id: string;
  readonly event: LedgerEvent;
  /** Scheme, host and port; words in brackets where the address could not be read. */
  readonly origin: string;
  readonly purpose: Purpose;
  /** Lines 1-based, inclusive. Never their text. */
  readonly files: readonly { readonly path: string; readonly startLine: number; readonly endLine: number }[];
  /** Of `sending`: what is about to leave. Of the end: what left, 0 where no connection came about. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** From `sending` to the end; null before. */
  readonly durationMs: number | null;
  /** Why it was refused or failed, in words; null otherwise. */
  readonly reason: string | null;
  /** SHA-256, in hex, of the line before as it stands in the file, without its line break; of nothing for the first line. */
  readonly previous: string;
}

/** Closes what a crash left behind: text that is no line. It stays as it is, and the chain goes on behind it. */
export interface LedgerSeal {
  readonly seq: number;
  readonly time: string;
  readonly event: "sealed";
  /** SHA-256 of the text that was cut, without its last line break. */
  readonly cut: string;
  /** SHA-256 of the last whole line. */
  readonly previous: string;
}

/** Any line that is whole. */
export type LedgerLine = LedgerEntry | LedgerSeal;

const count = valibot.pipe(valibot.number(), valibot.integer(), valibot.minValue(0));
const digest = valibot.pipe(valibot.string(), valibot.regex(/^[\da-f]{64}$/));
const time = valibot.pipe(valibot.string(), valibot.check((text) => !Number.isNaN(Date.parse(text))));
const entryShape = valibot.strictObject({
  seq: count,
  time,
  id: valibot.string(),
  event: valibot.picklist(["sending", "done", "failed", "refused"]),
  origin: valibot.string(),
  purpose: valibot.picklist(["completion", "chat", "download", "list"]),
  files: valibot.array(valibot.strictObject({ path: valibot.string(), startLine: count, endLine: count })),
  bytesOut: count,
  bytesIn: count,
  status: valibot.nullable(count),
  durationMs: valibot.nullable(count),
  reason: valibot.nullable(valibot.string()),
  previous: digest,
});
const sealShape = valibot.strictObject({ seq: count, time, event: valibot.literal("sealed"), cut: digest, previous: digest });
const lineShape = valibot.union([entryShape, sealShape]);

/**
 * A line without its line break. Only ASCII: a line that a crash cut anywhere is still text with one byte for each
 * character, so that its hash is the same read as text or as bytes.
 */
export function formatLine(line: LedgerLine): string {
  return JSON.stringify(valibot.parse(lineShape, line)).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Reads a line without its line break; undefined where it is cut, changed in its shape or not ours. */
export function parseLine(text: string): LedgerLine | undefined {
  try {
    const parsed = valibot.safeParse(lineShape, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
