/** One text that recall proposes for the rest of the line, with what may follow. */
export interface RecallCandidate {
  /** Rest of the current line from the cursor, without a line break; never blank. */
  readonly text: string;
  /** Calibrated probability (0 to 1) that `text` is exactly the rest of the line. */
  readonly probability: number;
  /** Whole lines that may follow, each with its indentation and the calibrated probability that everything up to it is right. */
  readonly following: readonly RecallLine[];
}

/** A whole line below the current one. */
export interface RecallLine {
  readonly text: string;
  readonly probability: number;
}

/** What recall answers: candidates, the surest first, at most 5. Empty where it has nothing. */
export interface RecallAnswer {
  readonly candidates: readonly RecallCandidate[];
}
