/** A small project that the tests of questions ask about. */
export const KITCHEN: Record<string, string> = {
  "README.md": "# Kitchen\n\nKeeps track of what is at home.\n\n## How to install\n\nRun make.\n",
  "src/shelf.ts": `import { readFile } from "node:fs/promises";
import { Unit } from "./unit";

/** What is kept at home. Never sorted. */
export class MemoryShelf implements Shelf {
  readonly items: string[] = [];

  /** Puts a thing on the shelf, at its end. */
  put(name: string, unit: Unit): void {
    this.items.push(\`\${name} \${unit}\`);
  }

  async load(path: string): Promise<void> {
    const text = await readFile(path, "utf8");
    for (const line of text.split("\\n")) this.put(line, Unit.Gram);
  }
}

export interface Shelf {
  put(name: string, unit: Unit): void;
}
`,
  "src/unit.ts": `/** Weights and volumes. */
export enum Unit { Gram, Litre }

// Turns grams into litres of water.
export const toLitres = (grams: number): number => grams / 1000;
`,
  "src/dinner.ts": `import { MemoryShelf } from "./shelf";
import { toLitres } from "./unit";

export function cookDinner(guests: number): number {
  const shelf = new MemoryShelf();
  shelf.put("soup", 0);
  return toLitres(guests * 300);
}

function washUp(): void {
  cookDinner(1);
  cookDinner(2);
}
`,
  "test/dinner.test.ts": `import { cookDinner } from "../src/dinner";

cookDinner(4); // cookDinner in a test
`,
  "tools/clean.py": `"""Cleans the kitchen."""
from tools.broom import sweep

def clean_floor(times=1):
    """Sweeps the floor and mops it."""
    sweep()
`,
  "tools/broom.py": `def sweep():
    pass
`,
};
