/** One text that recall proposes for the rest of the line, with what may follow. */
export interface RecallCandidate {
  /** Rest of the current line from the cursor, no line break; never blank. */
  readonly text: string;
  /** Calibrated probability (0..1) that `text` is exactly the rest of the line. */
  readonly probability: number;
  /** Whole lines that may follow (each without its line break, with indentation), each with the calibrated probability that everything up to and including it is right. May be empty. */
  readonly following: readonly { readonly text: string; readonly probability: number }[];
}

/** What recall answers: candidates, the surest first, at most 5. Empty where it has nothing. */
export interface RecallAnswer {
  readonly candidates: readonly RecallCandidate[];
}
