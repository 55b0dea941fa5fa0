/**
 * Characters that a reader does not see and a model does: Unicode tags (U+E0000 block, "ASCII smuggling"), bidirectional
 * controls ("Trojan Source"), zero-width characters, invisible operators, filler letters and supplementary variation selectors.
 * A byte order mark counts too.
 */
const HIDDEN = /[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]/gu;

export interface VisibleText {
  readonly text: string;
  /** How many characters (code points) were taken out. */
  readonly removed: number;
}

/** The copy of a text that may go into a prompt: hidden characters gone. The person's file is never changed. */
export function withoutHiddenCharacters(text: string): VisibleText {
  let removed = 0;
  const visible = text.replace(HIDDEN, () => {
    removed++;
    return "";
  });
  return { text: removed === 0 ? text : visible, removed };
}

/** Whether a text holds any. For suggestions: one that does is refused. */
export function hasHiddenCharacters(text: string): boolean {
  return text.search(HIDDEN) >= 0;
}
