/** Cases for the question "does it know the rest of this line?", and two engines without a model to compare with. */
import type { CorpusFile } from "./collect.js";
import { randomInteger, type RandomNumbers } from "./random.js";
import { lineCut, type Cut } from "./samples.js";

export interface LineCase extends Cut {
  readonly path: string;
  readonly language: string;
  readonly atIndentation: boolean;
}

/** Lines of the suffix that a prompt carries. */
const suffixLines = 24;

/**
 * One case a file at most: a line with at least 3 characters left, cut at its indentation (25 %) or at a random
 * column. Undefined where three random lines do not fit.
 */
export function lineCase(file: CorpusFile, random: RandomNumbers): LineCase | undefined {
  const lines = file.text.split("\n");
  for (let tries = 0; tries < 3; tries++) {
    const index = randomInteger(random, lines.length);
    const line = lines[index] ?? "";
    const indentation = line.length - line.trimStart().length;
    const room = line.trimEnd().length - indentation - 3;
    if (room < 0) continue;
    const atIndentation = random() < 0.25 || room === 0;
    const column = atIndentation ? indentation : indentation + 1 + randomInteger(random, room);
    const cut = lineCut(lines.slice(0, index + 1 + suffixLines), index, column);
    return { ...cut, path: file.path, language: file.language, atIndentation };
  }
  return undefined;
}

/** The rest of the nearest earlier line that begins as the current one does; at the indentation: the line before. */
export function copyNearestLine(cut: Pick<Cut, "prefix">): string {
  const lines = cut.prefix.split("\n");
  const typed = (lines.pop() ?? "").trimStart();
  const found = lines.reverse().map((line) => line.trimStart()).find((line) => line.length > typed.length && line.startsWith(typed));
  return found?.slice(typed.length).trimEnd() ?? "";
}

/** What followed the longest earlier occurrence in this file of the text before the cursor, up to the line's end. */
export function copyLongestMatch(cut: Pick<Cut, "prefix">): string {
  const { prefix } = cut;
  let best = "";
  let longest = 2;
  for (let length = 3; length <= Math.min(200, prefix.length - 1); length++) {
    const at = prefix.lastIndexOf(prefix.slice(-length), prefix.length - length - 1);
    if (at < 0) break;
    longest = length;
    best = prefix.slice(at + longest).split("\n")[0] ?? "";
  }
  return best.trimEnd();
}
