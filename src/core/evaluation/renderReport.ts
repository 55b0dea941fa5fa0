import type { Estimate } from "./bootstrap";
import type { EngineReport, GroupFigures, PairedFigures, Times } from "./report";

/** The figures of one engine as tables for a terminal. Brackets hold intervals of 95 %. */
export function renderReport(engine: string, report: EngineReport, mainPreset: string): string {
  const head = `${engine}: ${String(report.cases)} cases in ${String(report.files)} files`;
  const sections = [
    table([
      ["exact", percent(report.exact)],
      ...report.surest.map(({ coverage, precision }) => [`right among the surest ${String(Math.round(coverage * 100))} %`, percent(precision)]),
      ["calibration error, gate off", points(report.calibrationError)],
      ["milliseconds, gate off", milliseconds(report.milliseconds)],
      ["milliseconds to the first token", milliseconds(report.firstTokenMs)],
      ["nothing answered", Object.entries(report.silent).map(([reason, count]) => `${reason} ${String(count)}`).join(", ") || "never"],
    ]),
    ...presetTables(report),
    ...Object.entries(report.groups).map(([title, groups]) => groupTable(title, groups, mainPreset)),
    groupTable("not counted above", { "moved lines": report.movedLines }, mainPreset),
  ];
  return [head, ...sections].join("\n\n");
}

/** How the second engine differs from the first, in one line. */
export function renderPaired(first: string, second: string, paired: PairedFigures): string {
  return `${second} minus ${first}, ${String(paired.cases)} cases, paired: exact ${percent(paired.exact, true)}, characters saved ${percent(paired.savedShare, true)}`;
}

function presetTables({ presets }: EngineReport): string[] {
  const named = Object.entries(presets).map(([name, figures]) => ({ name: `${name} (${String(figures.threshold)})`, figures }));
  return [
    table([
      ["preset", "shown", "exact of those", "right as far as shown", "calibration error", "characters saved", "per case"],
      ...named.map(({ name, figures }) => [name, percent(figures.shown), percent(figures.precision), percent(figures.beginning), points(figures.calibrationError), percent(figures.savedShare), figures.savedCharacters.value?.toFixed(2) ?? "-"]),
    ]),
    table([
      ["preset", "blocks of 2-5 lines", "right to the last character", "sure of the whole line", "exact of those"],
      ...named.map(({ name, figures }) => [name, percent(figures.blocks), percent(figures.blockPrecision), percent(figures.wholeLines), percent(figures.wholeLinePrecision)]),
    ]),
  ];
}

function groupTable(title: string, groups: Readonly<Record<string, GroupFigures>>, mainPreset: string): string {
  const rows = Object.entries(groups).map(([name, { cases, files, exact, shown, precision }]) => [name, String(cases), String(files), percent(exact), percent(shown), percent(precision)]);
  return table([[title, "cases", "files", "exact", `shown (${mainPreset})`, "exact of those"], ...rows]);
}

function percent({ value, low, high }: Estimate, signed = false): string {
  if (value === null) return "-";
  const number = (share: number): string => `${signed && share > 0 ? "+" : ""}${(share * 100).toFixed(1)}`;
  return low === null || high === null ? `${number(value)} %` : `${number(value)} % [${number(low)}, ${number(high)}]`;
}

function points({ value, low, high }: Estimate): string {
  if (value === null) return "-";
  return low === null || high === null ? value.toFixed(3) : `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

function milliseconds({ p50, p95 }: Times): string {
  return p50 === null || p95 === null ? "-" : `p50 ${p50.toFixed(0)}, p95 ${p95.toFixed(0)}`;
}

/** Columns as wide as their widest cell; the first is aligned left, the others too, so that brackets stay readable. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join("\n");
}
