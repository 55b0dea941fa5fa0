import { estimates, type BootstrapOptions, type Estimate, type Metric } from "./bootstrap";
import type { JudgedCase } from "./judge";
import { answerCalibration, beginningPrecision, blockPrecision, blockShare, bySureness, exactShare, gateOf, savedCharacters, savedShare, shownCalibration, shownPrecision, shownShare, surePrecision, sureShare, surestPrecision } from "./metrics";
import { percentile } from "./percentile";

/** Shares of all cases for which precision is told. */
export const COVERAGES = [0.05, 0.1, 0.2, 0.3, 0.5] as const;

/** A preset and the least probability that it shows. */
export interface ReportPreset {
  readonly name: string;
  readonly threshold: number;
}

export interface ReportOptions extends BootstrapOptions {
  readonly presets: readonly ReportPreset[];
  /** The preset that the tables of groups speak of. */
  readonly mainPreset: string;
}

/** What is told of one preset. */
export type PresetFigures = Readonly<Record<"shown" | "precision" | "beginning" | "calibrationError" | "savedShare" | "savedCharacters" | "blocks" | "blockPrecision" | "wholeLines" | "wholeLinePrecision", Estimate>> & { readonly threshold: number };

/** What is told of a group of cases. */
export type GroupFigures = Readonly<Record<"exact" | "shown" | "precision", Estimate>> & { readonly cases: number; readonly files: number };

/** Milliseconds, nearest rank. */
export interface Times {
  readonly p50: number | null;
  readonly p95: number | null;
}

/** All figures of one engine. Only `movedLines` speaks of lines that were moved. */
export interface EngineReport {
  readonly cases: number;
  readonly files: number;
  readonly exact: Estimate;
  /** Precision of the surest share, by coverage. */
  readonly surest: readonly { readonly coverage: number; readonly precision: Estimate }[];
  /** Of every answer, the gate off. */
  readonly calibrationError: Estimate;
  readonly presets: Readonly<Record<string, PresetFigures>>;
  /** From the request to the answer with the gate off, which generates more than a preset would. */
  readonly milliseconds: Times;
  readonly firstTokenMs: Times;
  readonly groups: Readonly<Record<"language" | "place" | "position" | "repository", Readonly<Record<string, GroupFigures>>>>;
  /** Why nothing was answered with the gate off, with counts. */
  readonly silent: Readonly<Record<string, number>>;
  readonly movedLines: GroupFigures;
}

/** Computes the figures of one engine's judged cases. Moved lines are left out of all but their own line. */
export function reportOf(judged: readonly JudgedCase[], options: ReportOptions): EngineReport {
  const cases = judged.filter((each) => !each.moved).sort(bySureness);
  const metrics: Record<string, Metric<JudgedCase>> = { exact: exactShare, calibrationError: answerCalibration };
  for (const coverage of COVERAGES) metrics[`surest ${String(coverage)}`] = surestPrecision(coverage);
  const found = estimates(cases, metrics, options);
  const estimate = (name: string): Estimate => found[name] ?? { value: null, low: null, high: null };
  const group = (own: readonly JudgedCase[]): GroupFigures => groupFigures(own, options);
  return {
    cases: cases.length,
    files: filesOf(cases),
    exact: estimate("exact"),
    surest: COVERAGES.map((coverage) => ({ coverage, precision: estimate(`surest ${String(coverage)}`) })),
    calibrationError: estimate("calibrationError"),
    presets: Object.fromEntries(options.presets.map((preset) => [preset.name, presetFigures(cases, preset, options)])),
    milliseconds: times(cases.map((each) => each.milliseconds)),
    firstTokenMs: times(cases.flatMap((each) => each.firstTokenMs ?? [])),
    groups: {
      language: grouped(cases, (each) => each.language, group),
      place: grouped(cases, (each) => each.place, group),
      position: grouped(cases, (each) => each.position, group),
      repository: grouped(cases, (each) => each.repository, group),
    },
    silent: grouped(cases.filter((each) => each.ungated === null), (each) => each.reason, (own) => own.length),
    movedLines: group(judged.filter((each) => each.moved)),
  };
}

/** How two engines differ on the same cases; positive where the second is better. */
export type PairedFigures = Readonly<Record<"exact" | "savedShare", Estimate>> & { readonly cases: number };

/** The second engine's figures minus the first one's, on the cases that both have, moved lines left out. */
export function pairedReport(first: readonly JudgedCase[], second: readonly JudgedCase[], options: ReportOptions): PairedFigures {
  const others = new Map(second.map((each) => [each.id, each]));
  const pairs = first.flatMap((each) => {
    const other = others.get(each.id);
    return other === undefined || each.moved ? [] : [{ file: each.file, first: each, second: other }];
  });
  const difference = (metric: Metric<JudgedCase>): Metric<(typeof pairs)[number]> => (drawn) => {
    const [before, after] = [metric(drawn.map((pair) => pair.first)), metric(drawn.map((pair) => pair.second))];
    return before === null || after === null ? null : after - before;
  };
  const saved = savedShare(gateOf(options.mainPreset));
  return { cases: pairs.length, ...estimates(pairs, { exact: difference(exactShare), savedShare: difference(saved) }, options) };
}

function presetFigures(cases: readonly JudgedCase[], { name, threshold }: ReportPreset, options: BootstrapOptions): PresetFigures {
  const gate = gateOf(name);
  const metrics = {
    shown: shownShare(gate),
    precision: shownPrecision(gate),
    beginning: beginningPrecision(gate),
    calibrationError: shownCalibration(gate),
    savedShare: savedShare(gate),
    savedCharacters: savedCharacters(gate),
    blocks: blockShare(gate),
    blockPrecision: blockPrecision(gate),
    wholeLines: sureShare(threshold),
    wholeLinePrecision: surePrecision(threshold),
  };
  return { threshold, ...estimates(cases, metrics, options) };
}

function groupFigures(cases: readonly JudgedCase[], options: ReportOptions): GroupFigures {
  const gate = gateOf(options.mainPreset);
  return { cases: cases.length, files: filesOf(cases), ...estimates(cases, { exact: exactShare, shown: shownShare(gate), precision: shownPrecision(gate) }, options) };
}

/** A record of groups, the largest first. */
function grouped<Value>(cases: readonly JudgedCase[], nameOf: (judged: JudgedCase) => string, of: (own: readonly JudgedCase[]) => Value): Record<string, Value> {
  const groups = new Map<string, JudgedCase[]>();
  for (const each of cases) {
    const own = groups.get(nameOf(each));
    if (own) own.push(each);
    else groups.set(nameOf(each), [each]);
  }
  return Object.fromEntries([...groups].sort(([, left], [, right]) => right.length - left.length).map(([name, own]) => [name, of(own)]));
}

function times(values: readonly number[]): Times {
  return { p50: percentile(values, 0.5), p95: percentile(values, 0.95) };
}

function filesOf(cases: readonly JudgedCase[]): number {
  return new Set(cases.map((each) => each.file)).size;
}
