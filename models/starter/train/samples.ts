/** Turns files into training samples: windows of a file, most of them cut for fill-in-the-middle, suffix first. */
import type { SampleConfig } from "./config.js";
import type { NamedText } from "./repositoryContext.js";
import { randomInteger, type RandomNumbers } from "./random.js";
import type { Tokenizer } from "./tokenizer.js";

/** Text around a place in a file. Joined in the order prefix, middle, suffix it is the file's own text. */
export interface Cut {
  readonly prefix: string;
  readonly middle: string;
  readonly suffix: string;
}

/** Set in the 16 bits of a token that belongs to a middle (its end included); the trainer gives it more weight. */
export const middleMark = 0x8000;

/**
 * Set in a token that must not be predicted: the piece before a split. On a file token it means that the file belongs
 * to the sample that began before it: only a file token without this mark begins a sample.
 */
export const ignoredMark = 0x4000;

/** Tokens kept free for the boundaries that splits add. */
const splitReserve = 24;

/** About this many characters make a token; only used to choose window sizes. */
const charactersPerToken = 3.4;

/** Chunks of other files for a window of text, together at most so many characters long. */
export type ContextSource = (window: string, characters: number) => readonly NamedText[];

/** The path as a prompt names it: at most the last three parts. */
export function shownPath(path: string): string {
  return path.split("/").slice(-3).join("/");
}

/**
 * All samples of one file, each at most `limit` tokens: consecutive windows of whole lines, so that no text is used
 * twice. Windows have different lengths, as prompts have. With a `context`, a share of them has other files before it.
 */
export function* fileSamples(path: string, text: string, tokenizer: Tokenizer, config: SampleConfig, limit: number,
  random: RandomNumbers, context?: ContextSource): Generator<Uint16Array> {
  const lines = text.split("\n");
  for (let first = 0; first < lines.length;) {
    const reserved = context !== undefined && random() < config.repositoryContext ? contextTokens(limit, config, random) : 0;
    const size = (limit - reserved) * charactersPerToken * (random() < 0.5 ? 1 : 0.25 + 0.7 * random());
    let end = first;
    for (let length = 0; end < lines.length && length < size; end++) length += (lines[end]?.length ?? 0) + 1;
    const window = lines.slice(first, end);
    const chunks = reserved === 0 ? [] : context?.(window.join("\n"), reserved * charactersPerToken) ?? [];
    const head = repositoryHead(chunks, reserved, tokenizer);
    const sample = windowSample(path, window, end === lines.length, tokenizer, config, limit - head.length, random);
    if (sample !== undefined) yield head.length === 0 ? sample : joined(head, sample);
    first = end;
  }
}

/** Between a third of the largest share and all of it: heads have different lengths, as prompts have. */
function contextTokens(limit: number, config: SampleConfig, random: RandomNumbers): number {
  return Math.floor(limit * config.maximumContextShare * (1 + 2 * random()) / 3);
}

/**
 * Ids of other files before a file, each under its own path, as the head of a prompt has them. Chunks that do not fit
 * into `limit` tokens lose whole lines at their end. The first token begins the sample.
 */
export function repositoryHead(chunks: readonly NamedText[], limit: number, tokenizer: Tokenizer): number[] {
  const ids: number[] = [];
  for (const chunk of chunks) {
    for (let text = chunk.text.replace(/\n$/, ""); text !== ""; text = text.slice(0, Math.max(0, text.lastIndexOf("\n")))) {
      const more = [tokenizer.special("<|file_sep|>") | (ids.length > 0 ? ignoredMark : 0), ...tokenizer.encode(`${shownPath(chunk.path)}\n${text}\n`)];
      if (ids.length + more.length > limit) continue;
      ids.push(...more);
      break;
    }
  }
  return ids;
}

/** A sample behind a head: its own file token no longer begins it. */
function joined(head: readonly number[], sample: Uint16Array): Uint16Array {
  const ids = Uint16Array.from([...head, ...sample]);
  ids[head.length] = (ids[head.length] ?? 0) | ignoredMark;
  return ids;
}

function windowSample(path: string, lines: string[], endsFile: boolean, tokenizer: Tokenizer, config: SampleConfig,
  limit: number, random: RandomNumbers): Uint16Array | undefined {
  const cut = chooseCut(lines, config, random);
  const end = tokenizer.special("<|endoftext|>");
  if (cut === undefined) {
    const text = lines.join("\n") + (endsFile ? "" : "\n");
    return plainSample(path, text, endsFile, tokenizer, limit);
  }
  const middle = [...tokenizer.encode(cut.middle), end];
  const room = limit - middle.length - splitReserve;
  const head = promptHead(path, cut.suffix, tokenizer);
  const prefix = lastLines(cut.prefix, room - head.length, tokenizer);
  if (prefix === undefined) return undefined;
  const typed = encodeAsTyped(prefix, tokenizer, config.splitLines, random);
  const ids = typed.length <= room + splitReserve - head.length ? typed : tokenizer.encode(prefix);
  return Uint16Array.from([...head, ...ids, ...middle.map((id) => id | middleMark)]);
}

/**
 * Ids of a text that ends where somebody stopped typing, and of lines that were split at such places before. A prompt
 * often ends after a blank or inside a word, where ordinary text has no token boundary; a model that sees only one such
 * boundary a sample never learns what follows a lone blank. The token before a split is marked: nobody shall predict it.
 */
export function encodeAsTyped(text: string, tokenizer: Tokenizer, share: number, random: RandomNumbers): number[] {
  const pieces: string[] = [];
  let start = 0;
  for (let lineStart = 0; lineStart < text.length;) {
    const newline = text.indexOf("\n", lineStart);
    const lineEnd = newline < 0 ? text.length : newline;
    const at = random() < share ? lineStart + splitColumn(text.slice(lineStart, lineEnd), random) : 0;
    if (at > start && at < lineEnd) {
      pieces.push(text.slice(start, at));
      start = at;
    }
    lineStart = lineEnd + 1;
  }
  pieces.push(text.slice(start));
  return pieces.flatMap((piece) => {
    const ids = tokenizer.encode(piece);
    return ids.map((id, index) => (index === ids.length - 1 ? id | ignoredMark : id));
  });
}

/** Half of the splits stand behind a blank or a bracket, where people pause; the others anywhere behind the indentation. */
function splitColumn(line: string, random: RandomNumbers): number {
  const indentation = line.length - line.trimStart().length;
  const pauses = [...line.matchAll(/[ (.[{"']/g)].map((match) => match.index + 1).filter((column) => column >= indentation);
  if (random() < 0.5 && pauses.length > 0) return pauses[randomInteger(random, pauses.length)] ?? 0;
  return indentation + randomInteger(random, Math.max(1, line.length - indentation));
}

/** A text as it stands, under its path; cut at `limit` tokens. Undefined where it is too short to teach anything. */
export function plainSample(path: string, text: string, endsFile: boolean, tokenizer: Tokenizer, limit: number): Uint16Array | undefined {
  const head = fileHead(path, tokenizer);
  const ids = tokenizer.encode(text).slice(0, limit - head.length - 1);
  const end = endsFile ? [tokenizer.special("<|endoftext|>")] : [];
  return ids.length < 32 ? undefined : Uint16Array.from([...head, ...ids, ...end]);
}

/**
 * The prompt of format "suffix-first-2": chunks of other files, file name, suffix, then the prefix after the middle
 * token, for the model to continue; without chunks it is one of format "suffix-first-1". Where it has more than `limit`
 * tokens, chunks are left out and then whole lines at the start of the prefix; undefined where not even the current line
 * and the suffix fit.
 */
export function promptIds(path: string, cut: Pick<Cut, "prefix" | "suffix">, tokenizer: Tokenizer, limit: number,
  chunks: readonly NamedText[] = []): number[] | undefined {
  const files = repositoryHead(chunks, Math.floor(limit / 3), tokenizer).map((id) => id & ~ignoredMark);
  const head = [...files, ...promptHead(path, cut.suffix, tokenizer)];
  const prefix = lastLines(cut.prefix, limit - head.length, tokenizer);
  if (prefix === undefined) return files.length === 0 ? undefined : promptIds(path, cut, tokenizer, limit);
  return [...head, ...tokenizer.encode(prefix)];
}

/** Everything of a prompt that stands before the prefix. */
function promptHead(path: string, suffix: string, tokenizer: Tokenizer): number[] {
  return [...fileHead(path, tokenizer), tokenizer.special("<|fim_prefix|>"), tokenizer.special("<|fim_suffix|>"),
    ...tokenizer.encode(suffix), tokenizer.special("<|fim_middle|>")];
}

function fileHead(path: string, tokenizer: Tokenizer): number[] {
  return [tokenizer.special("<|file_sep|>"), ...tokenizer.encode(`${shownPath(path)}\n`)];
}

/** The end of a text, beginning at a line start, that has at most `room` tokens. */
function lastLines(text: string, room: number, tokenizer: Tokenizer): string | undefined {
  if (room < 0) return undefined;
  for (let rest = text; ;) {
    const ids = tokenizer.encode(rest);
    if (ids.length <= room) return rest;
    const lineEnd = rest.indexOf("\n", Math.floor((ids.length - room) / 3));
    if (lineEnd < 0) return undefined;
    rest = rest.slice(lineEnd + 1);
  }
}

/** A random cut of a window of lines; undefined where a plain left-to-right sample shall be made. */
export function chooseCut(lines: readonly string[], config: SampleConfig, random: RandomNumbers): Cut | undefined {
  const kind = random();
  const suffixLines = random() < 0.1 ? 0 : Math.min(randomInteger(random, config.maximumSuffixLines + 1), lines.length >> 1);
  let line = lines.length - 1 - suffixLines;
  for (let tries = 0; tries < 5 && line > 0 && (lines[line] ?? "").trim().length < 3; tries++) line--;
  if ((lines[line] ?? "").trim().length < 3) return undefined;
  if (kind < config.restOfLine) return lineCut(lines, line, column(lines[line] ?? "", config.atIndentation, random));
  if (kind < config.restOfLine + config.block) return blockCut(lines, line, config, random);
  if (kind < config.restOfLine + config.block + config.span) return spanCut(lines, line, random);
  return undefined;
}

/** The rest of one line, from a column on. */
export function lineCut(lines: readonly string[], line: number, from: number, to = (lines[line] ?? "").length): Cut {
  const current = lines[line] ?? "";
  const before = lines.slice(0, line).map((text) => `${text}\n`).join("");
  const after = lines.slice(line + 1).map((text) => `\n${text}`).join("");
  return { prefix: before + current.slice(0, from), middle: current.slice(from, to), suffix: current.slice(to) + after };
}

function column(line: string, atIndentation: number, random: RandomNumbers): number {
  const indentation = line.length - line.trimStart().length;
  const end = line.trimEnd().length;
  if (random() < atIndentation || end - indentation < 3) return indentation;
  return indentation + 1 + randomInteger(random, end - indentation - 2);
}

/** The line and what is indented deeper below it; begins at the indentation or inside the line. */
function blockCut(lines: readonly string[], end: number, config: SampleConfig, random: RandomNumbers): Cut {
  const depth = (text: string): number => text.length - text.trimStart().length;
  let first = end;
  const farthest = Math.max(0, end - randomInteger(random, config.maximumBlockLines));
  while (first > farthest && (depth(lines[first] ?? "") > 0 || (lines[first] ?? "") === "")) first--;
  while (first < end && (lines[first] ?? "").trim() === "") first++;
  const from = random() < 0.5 ? depth(lines[first] ?? "") : column(lines[first] ?? "", 0, random);
  const head = lineCut(lines.slice(0, first + 1), first, from);
  const body = lines.slice(first + 1, end + 1).map((text) => `\n${text}`).join("");
  return { prefix: head.prefix, middle: head.middle + body, suffix: lines.slice(end + 1).map((text) => `\n${text}`).join("") };
}

/** A part of one line: editors close brackets and quotes by themselves, so closers often stand after the cursor. */
function spanCut(lines: readonly string[], line: number, random: RandomNumbers): Cut {
  const current = lines[line] ?? "";
  const from = column(current, 0, random);
  const closers = /[)\]}'"`;,>]+\s*$/.exec(current);
  const beforeClosers = closers !== null && closers.index > from && random() < 0.6;
  const to = beforeClosers ? closers.index : from + 1 + randomInteger(random, Math.max(1, current.length - from));
  return lineCut(lines, line, from, Math.min(to, current.length));
}
