import { withFresh, type Continuation } from "./beam";
import { agreement, bestSurvivor, type CandidateContext } from "./candidateFeatures";
import { advanced, proposal, Source, type Expert, type ExpertSearch } from "./experts";
import { contextOf, type RecallQuery } from "./query";
import type { Vocabulary } from "./vocabulary";
import { votePlace } from "./votePlace";
import { LINE_END, vote, type VoteWeights } from "./votes";
import { isLineBreak, lineBreakParts, TAB_COLUMNS, unitText } from "./words";

/** A whole line that may follow, with what the vote says about it. */
export interface FollowingLine {
  /** With its indentation, without a line break. */
  readonly text: string;
  /** For the calibrated probability that everything up to this line is right; in the order of `FOLLOWING_FEATURES`. */
  readonly features: readonly number[];
}

/** Names of the features of a following line, apart from the first line's own probability. */
export const FOLLOWING_FEATURES = ["sumOfLogs", "thisLog", "weakest", "logSurvivors", "exact", "further", "renamed", "number", "logLength", "closes", "opens", "ownDocument", "meetsAfter", "inDocument", "deeperThanFirst", "deeperThanNext"] as const;

/** Lines proposed below the current one at most. */
export const MOST_FOLLOWING = 4;
const MOST_UNITS_A_LINE = 40;
/** A line less likely than this ends the block. */
const LEAST_LOG_PROBABILITY = Math.log(0.15);
const LATER_SEARCH = 300;

/** Follows the vote beyond the line's end, one way only, until it is unsure, a blank line comes, or the text after the cursor is reached. */
export function followingLines(query: RecallQuery, first: Continuation, search: ExpertSearch, vocabulary: Vocabulary, weights: VoteWeights, { knownHere, lines: known, nextLine }: CandidateContext): FollowingLine[] {
  const lines: FollowingLine[] = [];
  let units = [...first.units];
  let experts: readonly Expert[] = first.survivors;
  let indentation = query.indentation;
  const nextIndentation = indentationAfter(query.after);
  let sumOfLogs = 0;
  let weakest = first.weakest;
  while (lines.length < MOST_FOLLOWING) {
    const lineBreak = commonLineBreak(experts, search);
    if (lineBreak === undefined || lineBreakParts(lineBreak.unit).blankLine) return lines;
    indentation += lineBreakParts(lineBreak.unit).columns;
    if (indentation < 0) return lines;
    const line = followLine(query, [...units, lineBreak.unit], lineBreak.experts.map(advanced), search, vocabulary, weights, knownHere);
    if (!line || line.logProbability + lineBreak.logProbability < LEAST_LOG_PROBABILITY) return lines;
    const text = indentText(indentation, query.tabs) + line.text;
    // A lone bracket stands in many places; at the same depth it is the one that is there already.
    if (text.trim() === nextLine && (nextLine.length > 3 || indentation === nextIndentation)) return lines;
    const thisLog = line.logProbability + lineBreak.logProbability;
    sumOfLogs += thisLog;
    weakest = Math.min(weakest, line.weakest);
    const place = { agreement: agreement(bestSurvivor(line.experts), query.after), known: known.get(text.trim()) ?? 0, deeperThanFirst: indentation - query.indentation, deeperThanNext: nextIndentation === undefined ? 0 : indentation - nextIndentation };
    lines.push({ text, features: [...describeLine(text, lines.length + 1, sumOfLogs, thisLog, weakest, line.experts), ...describePlace(place)] });
    units = line.units;
    experts = line.experts;
  }
  return lines;
}

function describeLine(text: string, number: number, sumOfLogs: number, thisLog: number, weakest: number, experts: readonly Expert[]): number[] {
  const best = bestSurvivor(experts);
  return [
    sumOfLogs, thisLog, Math.log(weakest), Math.log(1 + experts.length), Math.min(best?.exact ?? 0, 60) / 20, Math.min(best?.further ?? 0, 20) / 10,
    best && best.renamed.length > 0 ? 1 : 0, number / 2, Math.log(text.length) / 2, /^\s*[)\]}]/.test(text) ? 1 : 0, /[{([:]$/.test(text) ? 1 : 0, best && best.source <= Source.ownAfter ? 1 : 0,
  ];
}

function describePlace({ agreement: equal, known, deeperThanFirst, deeperThanNext }: { readonly agreement: number; readonly known: number; readonly deeperThanFirst: number; readonly deeperThanNext: number }): number[] {
  const levels = (columns: number): number => Math.max(-3, Math.min(3, columns / TAB_COLUMNS));
  return [equal / 5, Math.log(1 + known), levels(deeperThanFirst), levels(deeperThanNext)];
}

/** Columns of indentation of the next line after the cursor that is not blank; undefined at the document's end. */
function indentationAfter(after: Uint32Array): number | undefined {
  const lineBreak = after[1];
  return lineBreak !== undefined && isLineBreak(lineBreak) && after.length > 2 ? lineBreakParts(lineBreak).columns : undefined;
}

/** The line break that most experts propose; undefined where they propose none. */
function commonLineBreak(experts: readonly Expert[], search: ExpertSearch): { readonly unit: number; readonly logProbability: number; readonly experts: Expert[] } | undefined {
  const groups = new Map<number, Expert[]>();
  for (const expert of experts) {
    const unit = proposal(expert, search.parts);
    if (!isLineBreak(unit)) continue;
    const group = groups.get(unit);
    if (group) group.push(expert);
    else groups.set(unit, [expert]);
  }
  let best: { unit: number; weight: number; experts: Expert[] } | undefined;
  let total = 0;
  for (const [unit, group] of groups) {
    const weight = group.reduce((sum, expert) => sum + (expert.exact + expert.further) ** 2, 0);
    total += weight;
    if (!best || weight > best.weight) best = { unit, weight, experts: group };
  }
  return best && { unit: best.unit, logProbability: Math.log(best.weight / total), experts: best.experts };
}

interface FollowedLine {
  readonly text: string;
  readonly units: number[];
  readonly logProbability: number;
  readonly weakest: number;
  readonly experts: readonly Expert[];
}

function followLine(query: RecallQuery, start: readonly number[], startExperts: readonly Expert[], search: ExpertSearch, vocabulary: Vocabulary, weights: VoteWeights, knownHere: (word: number) => boolean): FollowedLine | undefined {
  const units = [...start];
  let experts = startExperts.filter((expert) => expert.place < expert.end);
  let text = "";
  let logProbability = 0;
  let weakest = 1;
  for (let step = 0; step < MOST_UNITS_A_LINE; step++) {
    const all = withFresh(experts, search.find(contextOf(query.before, units), () => true, step === 0 ? LATER_SEARCH : 0));
    const [best] = vote(all, votePlace({ query, vocabulary, parts: search.parts, knownHere }, units), weights);
    if (!best) return undefined;
    logProbability += Math.log(best.probability);
    weakest = Math.min(weakest, best.probability);
    if (logProbability < LEAST_LOG_PROBABILITY) return undefined;
    if (best.unit === LINE_END) return step === 0 ? undefined : { text, units, logProbability, weakest, experts: best.experts };
    text += unitText(best.unit, vocabulary);
    units.push(best.unit);
    experts = best.experts.map(advanced).filter((expert) => expert.place < expert.end);
  }
  return undefined;
}

function indentText(columns: number, tabs: boolean): string {
  return tabs ? "\t".repeat(Math.floor(columns / TAB_COLUMNS)) + " ".repeat(columns % TAB_COLUMNS) : " ".repeat(columns);
}
