import type { CompleteResult, DraftScore } from "../../protocol/engine";
import type { RecallAnswer, RecallCandidate } from "../recall/suggestion";
import { hasHiddenCharacters } from "../context/hiddenCharacters";
import { BLOCK_LINES } from "./block";
import type { Voice } from "./outcome";
import { lineAfter, type Snapshot } from "./snapshot";
import { logit, probabilityOf, type Features, type ModelRows } from "./together";
import { trimSuggestion, type TrimmedSuggestion } from "./trim";

/** A text that could be shown, on the one scale of both voices. */
export interface Candidate {
  readonly text: string;
  readonly voice: Voice;
  /** Calibrated probability that the text's first line is right. */
  readonly probability: number;
  /** Whether it may be shown: a text of recall by its probability, the model's own by the running product at which it was cut, or by its whole line (`wholeLines`). */
  readonly sure: boolean;
}

/** A text of recall as it would be shown: trimmed like any other, with the lines after it that are sure enough. */
export interface Recalled {
  readonly text: string;
  readonly firstLine: string;
  readonly probability: number;
}

/** What the model said: a score for each of the recalled texts that it was given, and its own text. */
export interface ModelVerdict {
  readonly drafts: readonly (DraftScore | null)[];
  readonly own: TrimmedSuggestion;
  readonly tokens: CompleteResult["tokens"];
  readonly rows: ModelRows;
}

/** What one judgement stood on. */
export interface Judged {
  readonly candidate: "recall" | "own";
  readonly firstLine: string;
  readonly features: Features;
  readonly probability: number;
}

/**
 * Recall's answer as texts to show. Lines below count while their probability reaches the threshold: each has one of its
 * own, so the rules for where a model's block ends do not hold for them. Texts that become the same add up.
 */
export function recalledTexts(answer: RecallAnswer, snapshot: Snapshot, threshold: number): Recalled[] {
  const texts = new Map<string, Recalled>();
  for (const candidate of answer.candidates) {
    const { text, probability } = candidate;
    const trimmed = trimSuggestion({ tokens: [{ text, probability }], stop: "endOfText", endProbability: 1 }, snapshot, { threshold: 0, maxLines: 1 });
    if ("reason" in trimmed) continue;
    const firstLine = trimmed.text;
    const before = texts.get(firstLine);
    // Below a line that was cut stands something else than below the whole one.
    const below = firstLine === text.trimEnd() ? linesBelow(candidate, snapshot, threshold) : "";
    if (before) texts.set(firstLine, { ...before, probability: Math.min(1, before.probability + probability) });
    else texts.set(firstLine, { text: firstLine + below, firstLine, probability });
  }
  return [...texts.values()].sort((left, right) => right.probability - left.probability);
}

/**
 * How much surer than a first line a line below must be: a wrong block costs more to read and to undo than a wrong line.
 * Chosen on the fitting histories, where it raises blocks that are right from 58 to 62 in 100 (models/recall/CARD.md).
 */
const MARGIN_BELOW = 0.05;

/** The sure lines below a candidate, each with its line break before it; none where text follows on the line. */
function linesBelow({ following }: RecallCandidate, snapshot: Snapshot, threshold: number): string {
  if (lineAfter(snapshot).trim() !== "") return "";
  const unsure = following.findIndex((line) => !(line.probability >= threshold + MARGIN_BELOW) || hasHiddenCharacters(line.text));
  const sure = following.slice(0, Math.min(unsure < 0 ? following.length : unsure, BLOCK_LINES - 1));
  return sure.map((line) => `\n${line.text.trimEnd()}`).join("");
}

/**
 * All candidates of both voices, the surest first. Without a verdict recall speaks for itself; with one, each of its
 * texts is weighed with the model's score, and the model's own text competes. A text that both have is one candidate.
 */
export function decide(recalled: readonly Recalled[], verdict: ModelVerdict | undefined, threshold: number, onJudged?: (judged: readonly Judged[]) => void): Candidate[] {
  if (!verdict) return recalled.map(({ text, probability }): Candidate => ({ text, probability, voice: "recall", sure: probability >= threshold }));
  const own = "reason" in verdict.own ? undefined : verdict.own;
  const ownLine = own && firstLineOf(own.text);
  const judged: Judged[] = [];
  const candidates = recalled.map(({ text, firstLine, probability }, index): Candidate => {
    const agrees = firstLine === ownLine;
    const score = verdict.drafts[index];
    const features: Features = { recallLogit: logit(probability), hasRecall: 1, ...draftFeatures(score), ownLogit: own ? logit(own.confidence) : 0, agrees: Number(agrees) };
    // A text that the model could not score is worth what recall says.
    const weighed = score ? probabilityOf(verdict.rows.recall, features) : probability;
    if (score) judged.push({ candidate: "recall", firstLine, features, probability: weighed });
    return { text: agrees && own ? longerOf(text, own.text) : text, voice: agrees ? "both" : "recall", probability: weighed, sure: (agrees && !verdict.rows.wholeLines) || weighed >= threshold };
  });
  if (own && !recalled.some(({ firstLine }) => firstLine === ownLine)) {
    const features: Features = { recallLogit: recalled[0] ? logit(recalled[0].probability) : 0, hasRecall: Number(recalled.length > 0), ...ownFeatures(verdict.tokens), draftLogit: logit(own.confidence), ownLogit: logit(own.confidence), agrees: 0 };
    const probability = probabilityOf(verdict.rows.own, features);
    judged.push({ candidate: "own", firstLine: ownLine ?? "", features, probability });
    candidates.push({ text: own.text, voice: "model", probability, sure: !verdict.rows.wholeLines || probability >= threshold });
  }
  onJudged?.(judged);
  return candidates.sort((left, right) => right.probability - left.probability);
}

/** The candidate to show: the surest that may be shown, and of those that begin with its text the longest. */
export function surest(candidates: readonly Candidate[]): Candidate | undefined {
  const sure = candidates.filter((candidate) => candidate.sure);
  const [first] = sure;
  if (!first) return undefined;
  return sure.reduce((longest, candidate) => (candidate.text.length > longest.text.length && candidate.text.startsWith(longest.text) ? candidate : longest), first);
}

/** The first line of a text; of one that opens a block on the next line that is empty. */
export function firstLineOf(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? text : text.slice(0, end);
}

/** Of two texts with the same first line the one that says more; where they differ below, recall's. */
function longerOf(recalled: string, own: string): string {
  return own.startsWith(recalled) ? own : recalled;
}

function draftFeatures(score: DraftScore | null | undefined): Pick<Features, "draftLogit" | "draftMean" | "draftMinimum"> {
  if (!score) return { draftLogit: 0, draftMean: 0, draftMinimum: 0 };
  return { draftLogit: logit(score.lineProbability), ...spread([...score.tokens.map((token) => token.probability), score.endProbability]) };
}

/** The same of the model's own text, over the tokens of its first line. */
function ownFeatures(tokens: ModelVerdict["tokens"]): Pick<Features, "draftMean" | "draftMinimum"> {
  const broken = tokens.findIndex((token) => token.text.includes("\n"));
  return spread((broken < 0 ? tokens : tokens.slice(0, broken + 1)).map((token) => token.probability));
}

const LEAST_PROBABILITY = 1e-6;

function spread(probabilities: readonly number[]): Pick<Features, "draftMean" | "draftMinimum"> {
  const logarithms = probabilities.map((probability) => Math.log(Math.max(LEAST_PROBABILITY, probability)));
  if (logarithms.length === 0) return { draftMean: 0, draftMinimum: 0 };
  return { draftMean: logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length, draftMinimum: Math.min(...logarithms) };
}
