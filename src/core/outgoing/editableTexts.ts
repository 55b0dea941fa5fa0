/**
 * Texts of a request as one document that a person can edit, and back. Each text stands below a line of its own; where
 * those lines no longer fit, nothing is guessed.
 */

/** What reading an edited document gave: as many texts as there were, or a sentence about what is wrong with it. */
export type EditedTexts = { readonly texts: readonly string[] } | { readonly problem: string };

/** The document for some texts. */
export function editableDocument(texts: readonly string[]): string {
  return texts.map((text, index) => `${marker(index, texts)}\n${text}\n`).join("");
}

/** Reads the document back. `before` are the texts it was made of. */
export function readEditedDocument(document: string, before: readonly string[]): EditedTexts {
  const lines = document.replace(/\r\n/g, "\n").split("\n");
  const places = before.map((_, index) => lines.indexOf(marker(index, before)));
  if (places.some((place, index) => place < 0 || (index > 0 && place <= (places[index - 1] ?? 0))) || places[0] !== 0) {
    return { problem: `The lines that begin with "${LINE}" separate the texts: they must stay as they were, in their order.` };
  }
  return { texts: places.map((place, index) => withoutLastBreak(lines.slice(place + 1, places[index + 1] ?? lines.length).join("\n"), index < places.length - 1)) };
}

const LINE = "──── Ghostlight:";

/** A text may hold a marker's words itself; then the marker gets longer until none of them does. */
function marker(index: number, texts: readonly string[]): string {
  let line = `${LINE} text ${String(index + 1)} of ${String(texts.length)} `;
  do line += "─"; while (texts.some((text) => text.split("\n").includes(line)));
  return line;
}

/** Between two texts the break was ours and went with the split; after the last one it still stands. */
function withoutLastBreak(text: string, between: boolean): string {
  return between ? text : text.replace(/\n$/, "");
}
