/**
 * Chooses what stands before a file in samples with repository context: chunks of other files of the same package
 * that share rare words with it, as a prompt's head does, so that a model learns to copy from there.
 */
import { randomInteger, type RandomNumbers } from "./random.js";

export interface NamedText { readonly path: string; readonly text: string }

interface Neighbour extends NamedText { readonly folder: string; readonly words: ReadonlySet<string> }

/** The files of one package with the words of each, and how many files hold a word. */
export interface Neighbourhood {
  readonly files: readonly Neighbour[];
  readonly byFolder: ReadonlyMap<string, readonly Neighbour[]>;
  readonly filesWith: ReadonlyMap<string, number>;
}

/** Files that are looked at for one sample: half of them from the same folder, where there are so many. */
const candidateCount = 16;

/** Share of chunks taken without looking, because what a prompt's head holds is often of no use. */
const unrelatedShare = 0.15;

export function createNeighbourhood(texts: readonly NamedText[]): Neighbourhood {
  const files = texts.map((file) => ({ ...file, folder: folderOf(file.path), words: wordsOf(file.text) }));
  const byFolder = new Map<string, Neighbour[]>();
  const filesWith = new Map<string, number>();
  for (const file of files) {
    byFolder.set(file.folder, [...(byFolder.get(file.folder) ?? []), file]);
    for (const word of file.words) filesWith.set(word, (filesWith.get(word) ?? 0) + 1);
  }
  return { files, byFolder, filesWith };
}

/**
 * One or two chunks of other files for a window of text, together at most `characters` long, whole lines, the most
 * similar one last. Empty where the package has no other file.
 */
export function chooseChunks(neighbourhood: Neighbourhood, path: string, window: string, characters: number,
  random: RandomNumbers): NamedText[] {
  const candidates = someOthers(neighbourhood, path, random);
  const count = random() < 0.5 ? 1 : 2;
  if (random() >= unrelatedShare) return bestChunks(neighbourhood, candidates, window, characters, count);
  return candidates.slice(0, count).map((file) => ({ path: file.path, text: chunkOf(file.text, Math.floor(characters / count), () => random()) }));
}

/** The chunks that share most with a text, out of all other files, as a product's own choice would be. */
export function relatedChunks(neighbourhood: Neighbourhood, path: string, text: string, characters: number, count: number): NamedText[] {
  return bestChunks(neighbourhood, neighbourhood.files.filter((file) => file.path !== path), text, characters, count);
}

function bestChunks(neighbourhood: Neighbourhood, candidates: readonly Neighbour[], text: string, characters: number, count: number): NamedText[] {
  const words = wordsOf(text);
  const rarity = (word: string): number => Math.log(1 + neighbourhood.files.length / (neighbourhood.filesWith.get(word) ?? 1));
  const shared = (others: ReadonlySet<string>): number => [...words].reduce((sum, word) => sum + (others.has(word) ? rarity(word) : 0), 0);
  // Long files share words with everything; the root keeps them from winning each time.
  const scored = candidates.map((file) => ({ file, score: shared(file.words) / Math.sqrt(file.words.size + 20) }));
  const best = scored.sort((left, right) => right.score - left.score).slice(0, count).map((item) => item.file).reverse();
  return best.map((file) => ({ path: file.path, text: chunkOf(file.text, Math.floor(characters / best.length), (chunk) => shared(wordsOf(chunk))) }))
    .filter((chunk) => chunk.text.trim() !== "");
}

/** Words of four and more characters; shorter ones say little about what two files have in common. */
export function wordsOf(text: string): Set<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]{3,}/gu) ?? []);
}

function someOthers(neighbourhood: Neighbourhood, path: string, random: RandomNumbers): Neighbour[] {
  const near = (neighbourhood.byFolder.get(folderOf(path)) ?? []).filter((file) => file.path !== path);
  const others = neighbourhood.files.filter((file) => file.path !== path);
  return [...new Set([...pick(near, candidateCount / 2, random), ...pick(others, candidateCount / 2, random)])];
}

function pick<Item>(items: readonly Item[], count: number, random: RandomNumbers): Item[] {
  const rest = [...items];
  return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(randomInteger(random, rest.length), 1)).flat();
}

/** The run of whole lines, at most `characters` long, with the highest score; runs begin at every eighth line. */
function chunkOf(text: string, characters: number, score: (chunk: string) => number): string {
  const lines = text.split("\n");
  let best = "";
  let most = -1;
  for (let first = 0; first < lines.length; first += 8) {
    let end = first;
    for (let length = 0; end < lines.length; end++) {
      length += (lines[end]?.length ?? 0) + 1;
      if (length > characters) break;
    }
    const chunk = lines.slice(first, end).join("\n");
    const points = score(chunk);
    if (points > most) [best, most] = [chunk, points];
    if (end === lines.length) break;
  }
  return best;
}

function folderOf(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}
