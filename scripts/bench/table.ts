/** One measured figure beside what it should be. */
export interface Figure {
  readonly name: string;
  readonly measured: string;
  /** The goal or the floor, in words; empty where the figure only informs. */
  readonly goal: string;
  /** Whether the goal is met; undefined where there is none. */
  readonly met?: boolean;
}

/** Prints a part's figures as aligned lines. */
export function printFigures(part: string, figures: readonly Figure[]): void {
  const nameWidth = Math.max(...figures.map((figure) => figure.name.length));
  const measuredWidth = Math.max(...figures.map((figure) => figure.measured.length));
  console.log(`\n${part}`);
  for (const { name, measured, goal, met } of figures) {
    const verdict = met === undefined ? "" : met ? "met" : "NOT MET";
    console.log(`  ${name.padEnd(nameWidth)}  ${measured.padStart(measuredWidth)}  ${goal}${verdict === "" ? "" : ` — ${verdict}`}`);
  }
}

/** Milliseconds for a person. */
export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
