import type { Metric } from "./bootstrap";
import { calibrationError } from "./calibration";
import type { JudgedCase, JudgedText } from "./judge";

/** Takes of a case what was shown: with the gate off, or at one preset. */
export type Gate = (judged: JudgedCase) => JudgedText | null;

export const ungated: Gate = (judged) => judged.ungated;

/** What is shown at a preset. */
export function gateOf(preset: string): Gate {
  return (judged) => judged.gated[preset] ?? null;
}

/** Shown blocks are judged from two lines on; a case holds so many lines of truth. */
const MOST_BLOCK_LINES = 5;

/** Share of all cases whose answer, shown or not by a preset, is exactly the rest of the line. */
export const exactShare: Metric<JudgedCase> = (cases) => share(cases, (judged) => judged.ungated?.exact === true);

/**
 * Share of exact answers among the surest `coverage` of all cases (rounded up). Cases without an answer come last and
 * count as wrong, so an engine that is silent too often cannot hide it.
 */
export function surestPrecision(coverage: number): Metric<JudgedCase> {
  return (cases) => {
    const surest = [...cases].sort(bySureness).slice(0, Math.ceil(coverage * cases.length));
    return exactShare(surest);
  };
}

/** Cases in the order of their probability, the surest first; equal ones by id. */
export function bySureness(left: JudgedCase, right: JudgedCase): number {
  const difference = (right.ungated?.confidence ?? -1) - (left.ungated?.confidence ?? -1);
  if (difference !== 0) return difference;
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}

/** Share of all cases where something is shown. */
export function shownShare(gate: Gate): Metric<JudgedCase> {
  return (cases) => share(cases, (judged) => gate(judged) !== null);
}

/** Share of exact first lines among what is shown. */
export function shownPrecision(gate: Gate): Metric<JudgedCase> {
  return (cases) => share(cases.flatMap((judged) => gate(judged) ?? []), (shown) => shown.exact);
}

/** Share of shown texts that are right as far as they go: exact, or a beginning of the rest of the line. */
export function beginningPrecision(gate: Gate): Metric<JudgedCase> {
  return (cases) => share(cases.flatMap((judged) => gate(judged) ?? []), (shown) => shown.beginning);
}

/** Calibration error of every answer's probability, the gate off, against "the first line is exact". */
export const answerCalibration: Metric<JudgedCase> = (cases) =>
  calibrationError(cases.flatMap((judged) => judged.ungated ?? []).map(({ confidence, exact }) => ({ confidence, right: exact })));

/**
 * Calibration error of the probability shown at a preset against "right as far as it goes": a gate may end a line early,
 * and its probability then speaks of the part that is shown.
 */
export function shownCalibration(gate: Gate): Metric<JudgedCase> {
  return (cases) => calibrationError(cases.flatMap((judged) => gate(judged) ?? []).map(({ confidence, beginning }) => ({ confidence, right: beginning })));
}

/** Share of all cases whose answer with the gate off is at least so sure: what a gate that shows whole lines only would show. */
export function sureShare(threshold: number): Metric<JudgedCase> {
  return (cases) => share(cases, (judged) => isSure(judged, threshold));
}

/** Share of exact answers among those that are at least so sure as a whole. */
export function surePrecision(threshold: number): Metric<JudgedCase> {
  return (cases) => exactShare(cases.filter((judged) => isSure(judged, threshold)));
}

function isSure(judged: JudgedCase, threshold: number): boolean {
  return judged.ungated !== null && judged.ungated.confidence >= threshold;
}

/** Characters of exact shown lines, as a share of all that had to be typed to the ends of the lines. Wrong ones cost nothing here. */
export function savedShare(gate: Gate): Metric<JudgedCase> {
  return (cases) => ratio(sum(cases, (judged) => gate(judged)?.savedOnLine ?? 0), sum(cases, (judged) => judged.expectedCharacters));
}

/** Mean characters a case saves, right lines below the current one included. */
export function savedCharacters(gate: Gate): Metric<JudgedCase> {
  return (cases) => ratio(sum(cases, (judged) => (gate(judged)?.savedOnLine ?? 0) + (gate(judged)?.savedBelow ?? 0)), cases.length);
}

/** Share of all cases where a block of 2-5 lines is shown. */
export function blockShare(gate: Gate): Metric<JudgedCase> {
  return (cases) => share(cases, (judged) => isBlock(gate(judged)));
}

/** Share of the shown blocks of 2-5 lines that are right to the last character. */
export function blockPrecision(gate: Gate): Metric<JudgedCase> {
  return (cases) => share(cases.map(gate).filter(isBlock), (shown) => shown?.allRight === true);
}

function isBlock(shown: JudgedText | null): boolean {
  return shown !== null && shown.lines >= 2 && shown.lines <= MOST_BLOCK_LINES;
}

function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): number | null {
  return ratio(items.filter(holds).length, items.length);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
