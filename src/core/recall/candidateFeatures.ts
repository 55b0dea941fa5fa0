import type { Continuation, LineContinuations } from "./beam";
import type { Expert } from "./experts";
import { Source } from "./experts";
import type { RecallQuery } from "./query";
import { WordKind, type Vocabulary } from "./vocabulary";
import { isLineBreak } from "./words";

/** What the ranker knows of a candidate, in the order of `FEATURE_NAMES`. All numbers are finite. */
export type CandidateFeatures = Float64Array;

/** Names of the features; the weights file carries them, so that it cannot be read with others. */
export const FEATURE_NAMES = [
  "logProbability", "weakest", "first", "rank", "isFirst", "behindBest", "aheadOfNext", "restMass", "units", "logLength",
  "logSurvivors", "exact", "logExact", "further", "renamed", "own", "sameFile", "sameFolder", "otherKind", "noSurvivor",
  "lineStart", "logLineLength", "typedLength", "inComment", "inString", "afterDot", "inBrackets", "afterAssignment",
  "equalsLineAfter", "equalsLineBefore", "inDocument", "afterAgrees", "nextLineAgrees", "closesTooMany", "leavesOpen", "unknownNames", "sharePerUnit", "endsSentence",
  "survivorFiles", "hasName", "endsHere", "keywordLine",
] as const;

/** Facts of the query that all its candidates share. */
export interface CandidateContext {
  readonly query: RecallQuery;
  readonly vocabulary: Vocabulary;
  readonly knownHere: (word: number) => boolean;
  /** Trimmed lines of the document: how often each stands there. */
  readonly lines: ReadonlyMap<string, number>;
  readonly nextLine: string;
  readonly previousLine: string;
}

/** Describes each candidate; `candidates` are the likeliest first. */
export function describeCandidates({ candidates, endsHere }: LineContinuations, context: CandidateContext): CandidateFeatures[] {
  const mass = candidates.reduce((sum, candidate) => sum + Math.exp(candidate.logProbability), 0);
  return candidates.map((candidate, rank) => describe(candidate, rank, candidates, mass, endsHere, context));
}

function describe(candidate: Continuation, rank: number, candidates: readonly Continuation[], mass: number, endsHere: number, context: CandidateContext): CandidateFeatures {
  const { query, vocabulary, knownHere } = context;
  const best = bestSurvivor(candidate.survivors);
  const units = candidate.units.length;
  const startExact = best ? Math.max(0, best.exact - units) : 0;
  const line = query.line.trimStart();
  const whole = (line + candidate.text).trim();
  const firstLog = candidates[0]?.logProbability ?? 0;
  const nextLog = candidates[rank + 1]?.logProbability ?? -8;
  const place = placeOf(query);
  const balance = bracketBalance(candidate.text);
  const names = candidate.units.filter((unit) => vocabulary.kindOf(unit >>> 1) === WordKind.identifier);
  const unknown = names.filter((unit) => !knownHere(unit >>> 1)).length;
  const values = [
    candidate.logProbability, Math.log(candidate.weakest), Math.log(candidate.first.probability), Math.min(rank, 8) / 8, rank === 0 ? 1 : 0,
    Math.max(-6, candidate.logProbability - firstLog), Math.min(6, candidate.logProbability - nextLog), Math.log(1 + mass - Math.exp(candidate.logProbability)), Math.min(units, 20) / 10, Math.log(candidate.text.length),
    Math.log(1 + candidate.survivors.length), Math.min(startExact, 30) / 10, Math.log(1 + startExact), Math.min(best?.further ?? 0, 20) / 10, best && best.renamed.length > 0 ? 1 : 0,
    flag(best !== undefined && best.source <= Source.ownAfter), flag(best?.source === Source.sameFile), flag(best?.source === Source.sameFolder), flag(best?.source === Source.other), flag(best === undefined),
    flag(line === ""), Math.log(1 + line.length), Math.min(8, query.typedPart.trimStart().length) / 4, flag(place === "comment"), flag(place === "string"), flag(place === "dot"), flag(place === "brackets"), flag(place === "assignment"),
    flag(whole === context.nextLine), flag(whole === context.previousLine), Math.log(1 + (context.lines.get(whole) ?? 0)), agreement(best, query.after) / 5, flag(agreement(best, query.after) >= 3), flag(balance.tooMany > 0 && balance.tooMany > openBrackets(line)), Math.min(3, balance.open),
    Math.min(3, unknown), candidate.logProbability / (units + 1), flag(/[;{,:)\]}>]$/.test(candidate.text)),
    Math.log(1 + new Set(candidate.survivors.map((expert) => expert.units)).size), flag(names.length > 0), endsHere, flag(/^\s*(?:return|if|else|for|while|case|import|from|package|use|def|func|fn|class|public|private|const|let|var)\b/.test(query.line)),
  ];
  return Float64Array.from(values);
}

/** The facts that candidates of one query share. */
export function candidateContext(query: RecallQuery, before: string, after: string, vocabulary: Vocabulary, knownHere: (word: number) => boolean): CandidateContext {
  const lines = new Map<string, number>();
  const above = before.split("\n").slice(0, -1);
  const below = after.split("\n").slice(1);
  for (const line of [...above, ...below]) {
    const trimmed = line.trim();
    lines.set(trimmed, (lines.get(trimmed) ?? 0) + 1);
  }
  const telling = (line: string): boolean => line.trim() !== "";
  return { query, vocabulary, knownHere, lines, nextLine: below.find(telling)?.trim() ?? "", previousLine: above.findLast(telling)?.trim() ?? "" };
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

export function bestSurvivor(survivors: readonly Expert[]): Expert | undefined {
  let best: Expert | undefined;
  for (const expert of survivors) if (!best || expert.exact + expert.further > best.exact + best.further) best = expert;
  return best;
}

/** How many units after the line's end stand after the cursor too, 10 at most. */
export function agreement(expert: Expert | undefined, after: Uint32Array): number {
  if (!expert) return 0;
  let start = 0;
  while (start < after.length && (after[start] === 0 || isLineBreak(after[start] ?? 0))) start += 1;
  let equal = 0;
  while (equal < 10 && expert.place + 1 + equal < expert.end && expert.units[expert.place + 1 + equal] === after[start + equal] && start + equal < after.length) equal += 1;
  return equal;
}

/** What kind of place the cursor stands at, from the current line alone. */
export function placeOf(query: Pick<RecallQuery, "line">): "comment" | "string" | "dot" | "brackets" | "assignment" | "start" | "other" {
  const line = query.line.trimStart();
  if (line === "") return "start";
  if (/^(?:\/\/|#(?!include|define|if|endif|else|pragma|\[)|\*|\/\*|--|"""|''')/.test(line) || /\s(?:\/\/|# )/.test(line)) return "comment";
  if (inString(line)) return "string";
  if (/\.[\p{L}\p{N}_$]*$/u.test(line)) return "dot";
  if (openBrackets(line) > 0) return "brackets";
  if (/[^=!<>]=(?!=)/.test(line)) return "assignment";
  return "other";
}

function inString(line: string): boolean {
  let quote = "";
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? "";
    if (character === "\\") index += 1;
    else if (quote === "" && /["'`]/.test(character)) quote = character;
    else if (character === quote) quote = "";
  }
  return quote !== "";
}

/** Brackets that a line opens and does not close. */
export function openBrackets(line: string): number {
  return bracketBalance(line).open;
}

/** Brackets of a text: those it closes without having opened them, and those it leaves open. */
function bracketBalance(text: string): { readonly tooMany: number; readonly open: number } {
  let open = 0;
  let tooMany = 0;
  for (const character of text) {
    if (character === "(" || character === "[" || character === "{") open += 1;
    else if (character === ")" || character === "]" || character === "}") {
      if (open > 0) open -= 1;
      else tooMany += 1;
    }
  }
  return { tooMany, open };
}
