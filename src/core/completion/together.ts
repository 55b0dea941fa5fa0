import * as valibot from "valibot";

/**
 * What a candidate's probability is made from. Probabilities stand here as logits, the scale on which voices add up;
 * what is not there is 0.
 */
export interface Features {
  /** Recall's probability of this text; for the model's own text that of recall's surest. */
  readonly recallLogit: number;
  /** 1 where recall has a candidate at all. */
  readonly hasRecall: number;
  /** The model's probability that the rest of the line is this text. */
  readonly draftLogit: number;
  /** Mean logarithm of the text's token probabilities, the line's end included. */
  readonly draftMean: number;
  /** Least of those logarithms. */
  readonly draftMinimum: number;
  /** The product of the model's own text, where it has one. */
  readonly ownLogit: number;
  /** 1 where the model's own text is this one. */
  readonly agrees: number;
}

/** A logistic regression: the logit of the probability is the bias and the weighted sum of the features. */
export type Row = Readonly<Record<keyof Features | "bias", number>>;

/** Rows of one model: for a candidate of recall that the model has scored, and for a text of the model's own. */
export interface ModelRows {
  /** Whether the model's own text is shown only where its whole first line is likely enough; otherwise the part of it that is. */
  readonly wholeLines: boolean;
  readonly recall: Row;
  readonly own: Row;
}

/** `models/recall/together.json`. `unknownModel` holds for every model but the starter. */
export interface TogetherWeights {
  readonly version: 1;
  readonly starter: ModelRows;
  readonly unknownModel: ModelRows;
}

/** Every feature by name, in the order of the file. */
export const FEATURE_NAMES = ["recallLogit", "hasRecall", "draftLogit", "draftMean", "draftMinimum", "ownLogit", "agrees"] as const satisfies readonly (keyof Features)[];

/** A row from the weights that are not 0. */
export function rowOf(weights: Partial<Row>): Row {
  return { bias: 0, recallLogit: 0, hasRecall: 0, draftLogit: 0, draftMean: 0, draftMinimum: 0, ownLogit: 0, agrees: 0, ...weights };
}

const EACH_FOR_ITSELF: ModelRows = { wholeLines: false, recall: rowOf({ recallLogit: 1 }), own: rowOf({ ownLogit: 1 }) };

/** Each voice is believed what it says of itself. */
export const IDENTITY: TogetherWeights = { version: 1, starter: EACH_FOR_ITSELF, unknownModel: EACH_FOR_ITSELF };

/** Families of bundled models: the one that ships, and one that reads other files too. */
const STARTER_FAMILIES: readonly (string | undefined)[] = ["ghostlight", "ghostlight2"];

/** The rows for a model by its prompt family. */
export function rowsFor(weights: TogetherWeights, family: string | undefined): ModelRows {
  return STARTER_FAMILIES.includes(family) ? weights.starter : weights.unknownModel;
}

/** The calibrated probability of a candidate. */
export function probabilityOf(row: Row, features: Features): number {
  const sum = FEATURE_NAMES.reduce((total, name) => total + row[name] * features[name], row.bias);
  return 1 / (1 + Math.exp(-sum));
}

const SUREST = 1 - 1e-4;

/** The logit of a probability, held within what 0.0001 and 0.9999 give. */
export function logit(probability: number): number {
  const held = Math.min(SUREST, Math.max(1 - SUREST, probability));
  return Math.log(held / (1 - held));
}

const number = valibot.pipe(valibot.number(), valibot.finite());
const row = valibot.strictObject({ bias: number, recallLogit: number, hasRecall: number, draftLogit: number, draftMean: number, draftMinimum: number, ownLogit: number, agrees: number });
const modelRows = valibot.strictObject({ wholeLines: valibot.boolean(), recall: row, own: row });
const file = valibot.strictObject({ version: valibot.literal(1), starter: modelRows, unknownModel: modelRows });

/** Reads the text of `together.json`; `problem` says in a few words why it is not usable. */
export function parseTogether(text: string): { readonly weights: TogetherWeights } | { readonly problem: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { problem: "it is not JSON" };
  }
  const parsed = valibot.safeParse(file, raw);
  if (parsed.success) return { weights: parsed.output };
  const [issue] = parsed.issues;
  return { problem: `${valibot.getDotPath(issue) ?? "the file"}: ${issue.message}` };
}
