import type { Definition } from "../../protocol/indexWorker";
import { counted, definitionLine, type AnswerDraft } from "./answerText";
import { placeOf } from "./symbolAnswers";
import type { IndexedSymbol, SymbolIndex } from "./symbolIndex";

const MAXIMUM_FILES = 3_000;
const SHOWN = 80;
const JUDGED = new Set<Definition["kind"]>(["function", "class", "interface", "type", "enum", "constant", "macro"]);
/** Called from outside of the code that is indexed: by a runtime, a framework or a test runner. */
const CALLED_FROM_OUTSIDE = /^(main|activate|deactivate|default|init|setup|teardown|handler|run|Test\w*|test_\w+|__\w+__|_)$/;
const ENTRY_FILE = /(^|\/)(tests?|specs?|__tests__|fixtures?|examples?|scripts?)(\/|$)|[._-](test|spec)\.|_test\.|\.d\.[cm]?ts$|\.config\.\w+$|(^|\/)(index|main|extension|setup|conftest)\.\w+$/i;

/**
 * Definitions at the top level whose name stands nowhere but in their own definition. By name: what is reached by reflection, by a
 * framework or from another repository looks unused too, and the answer says so.
 */
export function answerUnused(files: readonly string[], index: SymbolIndex, draft: AnswerDraft): void {
  const judged = files.filter((file) => !ENTRY_FILE.test(file)).slice(0, MAXIMUM_FILES);
  const found = judged.flatMap((file) => unusedIn(file, index));
  if (files.length > MAXIMUM_FILES) draft.leftOut.push({ file: "", reason: `${files.length - MAXIMUM_FILES} files were not looked at` });
  if (found.length === 0) {
    draft.blocks.push(`Every top-level definition in ${counted(judged.length, "file")} is named somewhere else too. Entry points and tests were not judged.`);
    return;
  }
  draft.blocks.push(`${counted(found.length, "definition")} in ${counted(judged.length, "file")} ${found.length === 1 ? "is" : "are"} named nowhere else:`);
  draft.blocks.push(found.slice(0, SHOWN).map(definitionLine).join("\n"));
  draft.blocks.push("Judged by name: what a framework, reflection or another repository uses looks unused here. Entry points and tests were not judged.");
  draft.places.push(...found.slice(0, SHOWN).map(placeOf));
  if (found.length > SHOWN) draft.leftOut.push({ file: "", reason: `${found.length - SHOWN} more definitions` });
}

function unusedIn(file: string, index: SymbolIndex): IndexedSymbol[] {
  const outline = index.outline(file);
  const alone = (outline?.definitions ?? []).filter((item) => item.container === "" && JUDGED.has(item.kind) && !CALLED_FROM_OUTSIDE.test(item.name) && index.filesMentioning(item.name).every((other) => other === file));
  if (alone.length === 0 || outline?.method !== "tree-sitter") return [];
  const words = index.text(file)?.match(/[A-Za-z_$\u00c0-\uffff][\w$\u00c0-\uffff]*/g) ?? [];
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const definitions = (name: string) => outline.definitions.filter((item) => item.name === name).length;
  return alone.filter((item) => (counts.get(item.name) ?? 0) <= definitions(item.name)).map((definition) => ({ file, definition }));
}
