/** A place of the sample project where the starter model is sure. Both the suite in the editor and the driven tests type there. */
export interface SurePlace {
  readonly file: string;
  /** Line number, counted from 1, of an empty line to type on. */
  readonly line: number;
  readonly typed: string;
  /** What the ghost text begins with. */
  readonly expected: RegExp;
}

/** The loop of `countByUnit`: the file holds the same idiom twice above it. */
export const loopPlace: SurePlace = { file: "src/totals.ts", line: 26, typed: "  for (let i = 0;", expected: /^ i </ };
