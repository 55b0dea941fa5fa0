import { randomBelow, shuffled, type Random } from "./random";
import { LEAST_EXPECTED, MOST_FOLLOWING, type CasePlace, type ReplayCase } from "./replayCase";

/** A file of the new commit with the lines that the span added. */
export interface GrownFile {
  readonly path: string;
  readonly language: string;
  /** Whole text with `\n` line breaks. */
  readonly text: string;
  /** Added lines, from 1. */
  readonly added: ReadonlySet<number>;
}

export interface ChoiceOptions {
  readonly repository: string;
  /** Cases that count, at most. */
  readonly cases: number;
  readonly random: Random;
}

export interface Choice {
  /** In the order of paths and lines. */
  readonly cases: readonly ReplayCase[];
  /** Usable added lines of the span. */
  readonly lines: number;
  /** Those of them that were removed elsewhere in the span. */
  readonly movedLines: number;
}

/** Cases that one file gives at most, so that no file speaks for a repository. */
export const MOST_CASES_PER_FILE = 20;
/** Moved cases come on top, at most this share of the counted ones. */
const MOVED_SHARE = 0.2;
const LINE_START_SHARE = 0.25;

interface Candidate {
  readonly file: GrownFile;
  readonly lines: readonly string[];
  readonly line: number;
  readonly moved: boolean;
}

/** One place to cut one line at. */
interface Cut {
  readonly candidate: Candidate;
  readonly text: string;
  readonly place: CasePlace;
  readonly column: number;
}

/**
 * Draws cases from added lines: at most `MOST_CASES_PER_FILE` random lines of each file are put together and the wanted
 * number is drawn of them. Blank lines and lines too short to cut are passed over; comments count. A mirrored file
 * (same name, same line between the same neighbours) gives its lines once. `removed`: trimmed lines that the span removed.
 */
export function chooseCases(files: readonly GrownFile[], removed: ReadonlySet<string>, options: ChoiceOptions): Choice {
  const candidates = candidatesOf(files, removed);
  const draw = (moved: boolean, most: number): ReplayCase[] => {
    const pool = grouped(candidates.filter((candidate) => candidate.moved === moved)).flatMap((own) => drawCuts(own, options.random));
    return shuffled(pool, options.random).slice(0, most).map((cut) => caseOf(cut, options.repository));
  };
  const cases = [...draw(false, options.cases), ...draw(true, Math.floor(options.cases * MOVED_SHARE))];
  const moved = candidates.filter((candidate) => candidate.moved).length;
  return { cases: cases.sort(byPlace), lines: candidates.length, movedLines: moved };
}

function candidatesOf(files: readonly GrownFile[], removed: ReadonlySet<string>): Candidate[] {
  const seen = new Map<string, string>();
  return files.flatMap((file) => {
    const lines = file.text.split("\n");
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    return [...file.added].flatMap((line) => {
      const text = lines[line - 1]?.trim() ?? "";
      if (text.length < LEAST_EXPECTED) return [];
      const key = JSON.stringify([name, ...lines.slice(Math.max(0, line - 2), line + 1)]);
      const owner = seen.get(key) ?? file.path;
      seen.set(key, owner);
      return owner === file.path ? [{ file, lines, line, moved: removed.has(text) }] : [];
    });
  });
}

function grouped(candidates: readonly Candidate[]): Candidate[][] {
  const groups = new Map<GrownFile, Candidate[]>();
  for (const candidate of candidates) {
    const own = groups.get(candidate.file);
    if (own) own.push(candidate);
    else groups.set(candidate.file, [candidate]);
  };
  return [...groups.values()];
}

/** Cuts of random lines of one file, one a line. A line that is too short for a cut inside gives none. */
function drawCuts(candidates: readonly Candidate[], random: Random): Cut[] {
  const cuts: Cut[] = [];
  for (const candidate of shuffled(candidates, random)) {
    if (cuts.length === MOST_CASES_PER_FILE) break;
    const text = (candidate.lines[candidate.line - 1] ?? "").trimEnd();
    const indentation = text.length - text.trimStart().length;
    const place: CasePlace = random() < LINE_START_SHARE ? "lineStart" : "inside";
    const column = place === "lineStart" ? indentation : columnInside(text, indentation, random);
    if (column !== undefined) cuts.push({ candidate, text, place, column });
  }
  return cuts;
}

function caseOf({ candidate: { file, lines, line, moved }, text, place, column }: Cut, repository: string): ReplayCase {
  const kept = lines.slice(line).filter((_, index) => !file.added.has(line + 1 + index));
  return {
    id: `${repository}:${file.path}:${String(line)}`,
    repository,
    path: file.path,
    language: file.language,
    line,
    before: [...lines.slice(0, line - 1), text.slice(0, column)].join("\n"),
    after: kept.length === 0 ? "" : `\n${kept.join("\n")}`,
    expected: text.slice(column),
    following: followingLines(lines, file.added, line),
    place,
    moved,
  };
}

function columnInside(text: string, indentation: number, random: Random): number | undefined {
  const choices = text.length - LEAST_EXPECTED - indentation;
  if (choices < 1) return undefined;
  const column = indentation + 1 + randomBelow(random, choices);
  // Never between the two halves of one character.
  const insideCharacter = /[\uDC00-\uDFFF]/.test(text[column] ?? "");
  if (!insideCharacter) return column;
  return column - 1 > indentation ? column - 1 : undefined;
}

function followingLines(lines: readonly string[], added: ReadonlySet<number>, line: number): string[] {
  const found: string[] = [];
  for (let next = line + 1; found.length < MOST_FOLLOWING && added.has(next) && next <= lines.length; next++) found.push((lines[next - 1] ?? "").trimEnd());
  return found;
}

function byPlace(left: ReplayCase, right: ReplayCase): number {
  if (left.path !== right.path) return left.path < right.path ? -1 : 1;
  return left.line - right.line;
}
