import * as valibot from "valibot";
import { FEATURE_NAMES, probabilityOf, rowOf, type Features, type ModelRows, type Row } from "../../../src/core/completion/together";
import { fitLogistic, logLoss, predict, type Example } from "./logistic";

const number = valibot.pipe(valibot.number(), valibot.finite());
const measured = valibot.object({
  /** Whose text was judged: recall's, or the model's own. */
  candidate: valibot.picklist(["recall", "own"]),
  features: valibot.strictObject({ recallLogit: number, hasRecall: number, draftLogit: number, draftMean: number, draftMinimum: number, ownLogit: number, agrees: number }),
  /** Whether the first line was exactly what the person wrote. */
  right: valibot.boolean(),
  repository: valibot.string(),
});

/** One judged text as it was measured: what `onJudged` of the pipeline told, and whether it was right. */
export type Measured = valibot.InferOutput<typeof measured>;

/** A row of a model: for recall's texts, or for its own. */
type VoiceRow = "recall" | "own";

/** Reads one line of the measurements; throws an error that names the line. */
export function parseMeasured(line: string, place: number): Measured {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    throw new Error(`line ${String(place)}: it is not JSON`);
  }
  const parsed = valibot.safeParse(measured, raw);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`line ${String(place)}: ${valibot.getDotPath(issue) ?? "the line"}: ${issue.message}`);
}

/** How one repository fares with weights that have not seen it. */
export interface HeldOut {
  readonly repository: string;
  readonly cases: number;
  readonly shareRight: number;
  readonly meanProbability: number;
  readonly logLoss: number;
  /** The same by the row that was there before. */
  readonly before: number;
}

/** A fitted row, and what speaks for it. `kept`: the row that was there before stays, because the fit is no better on repositories it has not seen. */
export interface FittedRow {
  readonly row: Row;
  readonly kept: boolean;
  readonly heldOut: readonly HeldOut[];
  readonly logLoss: number;
  readonly before: number;
}

/** Pulls weights towards 0 by about as much as eight cases would. */
const RIDGE = 8;
const LEAST_CASES = 100;
const LEAST_REPOSITORIES = 3;

/** Fits one row and tests it by leaving one repository out at a time. Throws where there is too little to learn from. */
export function fitRow(cases: readonly Measured[], before: Row): FittedRow {
  const repositories = [...new Set(cases.map(({ repository }) => repository))].sort();
  if (cases.length < LEAST_CASES || repositories.length < LEAST_REPOSITORIES) {
    throw new Error(`${String(cases.length)} cases of ${String(repositories.length)} repositories: at least ${String(LEAST_CASES)} of ${String(LEAST_REPOSITORIES)} are wanted`);
  }
  const judged = repositories.flatMap((repository) => {
    const weights = fit(cases.filter((one) => one.repository !== repository));
    return cases.filter((one) => one.repository === repository).map((one) => ({ repository, right: one.right, probability: predict(weights, valuesOf(one.features)), before: probabilityOf(before, one.features) }));
  });
  const heldOut = repositories.map((repository) => summary(repository, judged.filter((one) => one.repository === repository)));
  const loss = logLoss(judged);
  const lossBefore = logLoss(judged.map(({ before: probability, right }) => ({ probability, right })));
  const kept = !(loss < lossBefore);
  return { row: kept ? before : namedRow(fit(cases)), kept, heldOut, logLoss: loss, before: lossBefore };
}

/** Fits both rows of a model. A row for which there is too little to learn from stays as it is. */
export function fitModel(cases: readonly Measured[], before: ModelRows): Record<VoiceRow, FittedRow | { readonly tooLittle: string }> {
  const one = (candidate: VoiceRow): FittedRow | { readonly tooLittle: string } => {
    try {
      return fitRow(cases.filter((measuredCase) => measuredCase.candidate === candidate), before[candidate]);
    } catch (error) {
      return { tooLittle: error instanceof Error ? error.message : String(error) };
    }
  };
  return { recall: one("recall"), own: one("own") };
}

function fit(cases: readonly Measured[]): number[] {
  return fitLogistic(cases.map(({ features, right }): Example => ({ features: valuesOf(features), right })), RIDGE);
}

function valuesOf(features: Features): number[] {
  return FEATURE_NAMES.map((name) => features[name]);
}

/** Six digits: more would only be noise in the file. */
function namedRow([bias = 0, ...weights]: readonly number[]): Row {
  const rounded = (value: number): number => Number(value.toFixed(6));
  return rowOf({ bias: rounded(bias), ...Object.fromEntries(FEATURE_NAMES.map((name, index) => [name, rounded(weights[index] ?? 0)])) });
}

function summary(repository: string, judged: readonly { readonly right: boolean; readonly probability: number; readonly before: number }[]): HeldOut {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    repository,
    cases: judged.length,
    shareRight: mean(judged.map(({ right }) => Number(right))),
    meanProbability: mean(judged.map(({ probability }) => probability)),
    logLoss: logLoss(judged),
    before: logLoss(judged.map(({ before: probability, right }) => ({ probability, right }))),
  };
}
