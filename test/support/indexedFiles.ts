import type { SymbolIndex } from "../../src/core/chat/symbolIndex";
import { createSymbolStore } from "../../src/core/context/symbolStore";
import { createOutlineMaker } from "../../src/services/syntax/treeSitterOutline";
import { grammarFile } from "./indexWorkerBundle";

const GENEROUS_MS = 15_000;
const outlines = createOutlineMaker({ locate: grammarFile });

/** An index over files given as `{ path: text }`, parsed as the product parses them, without a disk or a thread. */
export async function indexedFiles(files: Record<string, string>, rest: Partial<SymbolIndex> = {}): Promise<SymbolIndex> {
  const store = createSymbolStore();
  for (const [file, text] of Object.entries(files)) store.put(await outlines.outline(file, text, undefined, GENEROUS_MS), text);
  return {
    files: () => store.files(),
    outline: (file) => store.outline(file),
    named: (name) => store.named(name),
    namedLoosely: (name) => store.namedLoosely(name),
    search: (words, limit) => store.search(words, limit),
    filesMentioning: (name) => store.filesMentioning(name),
    text: (file) => files[file],
    exclusionOf: () => undefined,
    shortfall: () => "",
    ...rest,
  };
}
