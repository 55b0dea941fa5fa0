/** Answers of this workspace, and about how many of them a request left the machine. */
export interface AnswerCounts {
  readonly answers: number;
  /** Counted when a request may have left, whatever became of it: at most `answers`. */
  readonly left: number;
}

/** Share kept on this machine, 0 to 1; undefined before the first answer. */
export function keptShare({ answers, left }: AnswerCounts): number | undefined {
  return answers === 0 ? undefined : (answers - left) / answers;
}

/** The panel's footer: a line and its figures. Undefined before the first answer. */
export function keptWords(counts: AnswerCounts): { readonly words: string; readonly figures: string } | undefined {
  const share = keptShare(counts);
  if (share === undefined) return undefined;
  const figures = `${String(counts.answers - counts.left)} of ${String(counts.answers)} in this workspace`;
  if (counts.left === 0) return { words: counts.answers === 1 ? "The answer stayed on this machine" : "All answers stayed on this machine", figures };
  // Rounded down: 199 of 200 is not "all", and not more than it is.
  const percent = Math.floor(share * 100);
  return { words: percent === 0 && share > 0 ? "Less than 1 % of answers stayed on this machine" : `${String(percent)} % of answers stayed on this machine`, figures };
}
