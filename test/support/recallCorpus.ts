import type { Corpus } from "../../src/core/recall/corpus";
import { scanWords, unitText, UnitList } from "../../src/core/recall/words";

/** The words that follow `text` (two words or more) in a corpus, in the order in which a search finds them, as `path: word`. */
export function followersIn(corpus: Corpus, text: string): string[] {
  const units = new UnitList(16);
  scanWords(text, corpus.vocabulary, units);
  const [last = 0, beforeLast = 0] = [...units.view()].reverse();
  const found: string[] = [];
  corpus.search(last, beforeLast, 1_000, (segment, place) => {
    found.push(`${segment.files[segment.fileAt(place)]?.path ?? ""}: ${unitText(segment.units[place] ?? 0, corpus.vocabulary).trim()}`);
  });
  return found;
}
