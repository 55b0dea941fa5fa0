import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseTogether, type ModelRows, type TogetherWeights } from "../../../src/core/completion/together";
import { requireFittingHistory } from "./histories";
import { fitModel, parseMeasured, type FittedRow } from "./fitRows";

const FILE = join(__dirname, "..", "together.json");
const MODELS = ["starter", "unknownModel"] as const;

/**
 * Fits how recall and a model are weighed, from measured judgements, and prints how the weights fare on repositories
 * they have not seen: `tsx models/recall/fit/fitTogether.ts MEASURED.jsonl [--model starter|unknownModel] [--write]`.
 * Without `--write` nothing changes.
 */
function main(): void {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { model: { type: "string", default: "starter" }, write: { type: "boolean", default: false } } });
  const [measuredFile] = positionals;
  const model = MODELS.find((name) => name === values.model);
  if (measuredFile === undefined || model === undefined) throw new Error("usage: fitTogether.ts MEASURED.jsonl [--model starter|unknownModel] [--write]");
  const cases = readFileSync(measuredFile, "utf8").split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [parseMeasured(line, index + 1)]));
  for (const repository of new Set(cases.map((one) => one.repository))) requireFittingHistory(repository);
  const before = readWeights();
  const fitted = fitModel(cases, before[model]);
  const rows: { -readonly [Part in keyof ModelRows]: ModelRows[Part] } = { ...before[model] };
  for (const name of ["recall", "own"] as const) {
    const result = fitted[name];
    if ("tooLittle" in result) console.log(`${model}, ${name}: stays as it is: ${result.tooLittle}`);
    else {
      report(`${model}, ${name}`, result);
      rows[name] = result.row;
    }
  }
  if (!values.write) return;
  const after: TogetherWeights = { ...before, [model]: rows };
  writeFileSync(FILE, `${JSON.stringify(after, null, 2)}\n`);
  console.log(`written: ${FILE}`);
}

function readWeights(): TogetherWeights {
  const parsed = parseTogether(readFileSync(FILE, "utf8"));
  if ("problem" in parsed) throw new Error(`${FILE}: ${parsed.problem}`);
  return parsed.weights;
}

function report(title: string, { heldOut, logLoss, before, kept, row }: FittedRow): void {
  console.log(`${title}: log loss on repositories left out ${logLoss.toFixed(4)}, before ${before.toFixed(4)}${kept ? ": no better, the row stays" : ""}`);
  for (const one of heldOut) {
    console.log(`  ${one.repository}: ${String(one.cases)} cases, right ${one.shareRight.toFixed(3)}, predicted ${one.meanProbability.toFixed(3)}, log loss ${one.logLoss.toFixed(4)} (before ${one.before.toFixed(4)})`);
  }
  console.log(`  ${JSON.stringify(row)}`);
}

main();
