import { formatLine, parseLine, type LedgerEntry, type LedgerLine } from "./ledgerLine";

/** SHA-256 in hex of text in which each character stands for one byte. */
export type Hash = (text: string) => string;

/** What an entry is before it has its place in the chain. */
export type UnplacedEntry = Omit<LedgerEntry, "seq" | "time" | "previous">;

/** Whether the ledger is whole. */
export type Verification =
  | {
    readonly ok: true;
    /** Whole lines. */
    readonly lines: number;
    /** Places where a crash cut a line and the next start sealed it. */
    readonly sealed: number;
    /** The end is cut and not sealed yet: a crash, or another window is writing just now. */
    readonly cutEnd: boolean;
  }
  | { readonly ok: false; /** 1-based. */ readonly brokenAt: number; readonly why: string };

/** Where the next line goes. */
export interface LedgerEnd {
  /** Of the last whole line; 0 for none. */
  readonly seq: number;
  /** The last whole line as written; `` for none. */
  readonly line: string;
  /** Text after it that is no line, line breaks between included, without the last one; undefined for none. */
  readonly cut: string | undefined;
  /** Whether the text ends with a line break, or is empty. */
  readonly closed: boolean;
}

/**
 * Follows the chain from the first line to the last. It finds lines that were changed, removed, added or moved; it
 * cannot find that lines at the very end were taken away, because nothing after them remembers them.
 */
export function verifyChain(text: string, hash: Hash): Verification {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  let last = { seq: 0, line: "" };
  let cut: string[] = [];
  let sealed = 0;
  for (const [index, content] of lines.entries()) {
    const line = parseLine(content);
    if (line === undefined) {
      cut.push(content);
      continue;
    }
    const why = breach(line, last, cut.length === 0 ? undefined : cut.join("\n"), hash);
    if (why !== undefined) return { ok: false, brokenAt: index + 1 - cut.length, why };
    if (line.event === "sealed") sealed += 1;
    last = { seq: line.seq, line: content };
    cut = [];
  }
  const end = rest === "" ? undefined : parseLine(rest);
  const why = end && breach(end, last, cut.length === 0 ? undefined : cut.join("\n"), hash);
  if (why !== undefined) return { ok: false, brokenAt: lines.length + 1 - cut.length, why };
  return { ok: true, lines: end?.seq ?? last.seq, sealed, cutEnd: end === undefined && (rest !== "" || cut.length > 0) };
}

/** Entries in the order written; lines that cannot be read and seals are left out. */
export function entriesIn(text: string): LedgerEntry[] {
  return text.split("\n").flatMap((content) => {
    const line = parseLine(content);
    return line === undefined || line.event === "sealed" ? [] : [line];
  });
}

/** Finds the end in the last part of a ledger. `whole` says that `text` begins with the first line; undefined: more of the file is needed. */
export function findEnd(text: string, whole: boolean): LedgerEnd | undefined {
  const closed = text === "" || text.endsWith("\n");
  const lines = (closed ? text.slice(0, -1) : text).split("\n");
  for (let index = lines.length - 1; index >= (whole ? 0 : 1); index--) {
    const content = lines[index] ?? "";
    const line = parseLine(content);
    if (line) return { seq: line.seq, line: content, cut: index + 1 < lines.length ? lines.slice(index + 1).join("\n") : undefined, closed };
  }
  return whole ? { seq: 0, line: "", cut: text === "" ? undefined : lines.join("\n"), closed } : undefined;
}

/** The text to write at the end of a ledger: what a crash cut is sealed, not changed, then comes the entry. `time` in ISO 8601. */
export function linesBehind(end: LedgerEnd, entry: UnplacedEntry, time: string, hash: Hash): string {
  // A whole line that only lacks its line break was never reported as written, but it is one.
  const opening = end.closed ? "" : "\n";
  if (end.cut === undefined) return `${opening}${formatLine({ ...entry, seq: end.seq + 1, time, previous: hash(end.line) })}\n`;
  const seal = formatLine({ seq: end.seq + 1, time, event: "sealed", cut: hash(end.cut), previous: hash(end.line) });
  return `${opening}${seal}\n${formatLine({ ...entry, seq: end.seq + 2, time, previous: hash(seal) })}\n`;
}

function breach(line: LedgerLine, last: { readonly seq: number; readonly line: string }, cut: string | undefined, hash: Hash): string | undefined {
  if (cut !== undefined && (line.event !== "sealed" || line.cut !== hash(cut))) return "the line cannot be read, and it is not what a crash left behind and the next start sealed";
  if (cut === undefined && line.event === "sealed") return "what was sealed here is missing";
  if (line.previous !== hash(last.line)) return "it does not follow from the line before: a line was changed, removed or added";
  return line.seq === last.seq + 1 ? undefined : `its number is ${String(line.seq)} and should be ${String(last.seq + 1)}`;
}
