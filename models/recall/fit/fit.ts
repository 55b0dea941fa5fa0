/**
 * Fits everything in models/recall/weights.json on replayed histories and prints what the fit says of histories it had
 * not seen. Usage: npx tsx models/recall/fit/fit.ts FOLDER, where FOLDER holds NAME/cases.jsonl and NAME/workspace as
 * `scripts/replay/build.ts` writes them.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readHistory } from "./caseData";
import { crossFitted, fitNetwork } from "./fitNetwork";
import { fitVotes, VoteData } from "./fitVotes";
import { bestOf, RankerData } from "./rankerData";

/** Cases whose lines fit the vote; the ranker is fitted on the others, so that it sees votes as new code gets them. */
const VOTE_CASES = 400;
const MOST_CASES = 1_400;
const FOLDS = 5;
const RANKER = { hidden: 12, epochs: 24, decay: 3e-4, seed: 1 };
const FOLLOWING = { hidden: 8, epochs: 40, decay: 3e-3, seed: 1 };
const LEAST_FOR_FOLLOWING = 0.3;

function main(folder: string | undefined): void {
  if (folder === undefined) throw new Error("usage: fit.ts FOLDER");
  const names = readdirSync(folder).sort();
  const votes = new VoteData();
  for (const name of names) votes.add(readHistory(folder, name, 0, VOTE_CASES));
  const fitted = fitVotes(votes);
  console.log(`vote: ${String(votes.starts.length)} steps, mean log likelihood ${fitted.logLikelihood.toFixed(4)}`);
  const data = new RankerData();
  for (const name of names) data.add(readHistory(folder, name, VOTE_CASES, MOST_CASES), fitted.weights);
  const network = data.network();
  const held = crossFitted(network, RANKER, FOLDS);
  report("ranker, histories left out", data, held);
  report("the same, logistic alone", data, crossFitted(network, { ...RANKER, hidden: 0 }, FOLDS));
  const below = data.following(held, LEAST_FOR_FOLLOWING);
  reportBlocks(below, crossFitted(below, FOLLOWING, FOLDS), data.cases.length);
  const weights = { version: 1, votes: fitted.weights, ranker: fitNetwork(network, RANKER), following: fitNetwork(below, FOLLOWING) };
  writeFileSync(join(__dirname, "..", "weights.json"), `${JSON.stringify(weights)}\n`);
}

function report(title: string, data: RankerData, probabilities: readonly number[]): void {
  const asked = data.cases.filter(({ one }) => one.expected !== "");
  const shown = asked.map((one) => {
    const best = bestOf(one, probabilities);
    return { probability: one.count === 0 ? 0 : probabilities[best] ?? 0, right: one.count > 0 && data.right[best] === true, lineStart: one.one.place === "lineStart" };
  }).sort((left, right) => right.probability - left.probability);
  const share = (rows: typeof shown): string => `${((100 * rows.filter((row) => row.right).length) / Math.max(1, rows.length)).toFixed(1)} %`;
  const surest = [0.05, 0.1, 0.2, 0.3, 0.5].map((part) => share(shown.slice(0, Math.round(shown.length * part))));
  const sure = shown.filter((row) => row.probability >= 0.5);
  const bins = Array.from({ length: 10 }, (_, bin) => shown.slice(Math.floor((shown.length * bin) / 10), Math.floor((shown.length * (bin + 1)) / 10)));
  const error = bins.reduce((sum, bin) => sum + Math.abs(bin.reduce((gap, row) => gap + row.probability - (row.right ? 1 : 0), 0)), 0) / shown.length;
  console.log(`${title}: ${String(shown.length)} cases, exact ${share(shown)}, surest 5/10/20/30/50 %: ${surest.join(" / ")}, over 0.5: shown ${((100 * sure.length) / shown.length).toFixed(1)} %, right ${share(sure)}, calibration error ${error.toFixed(3)}, line starts ${share(shown.filter((row) => row.lineStart))}`);
}

function reportBlocks(below: ReturnType<RankerData["following"]>, probabilities: readonly number[], cases: number): void {
  for (const threshold of [0.4, 0.45, 0.5, 0.55, 0.6, 0.65]) {
    let shown = 0;
    let right = 0;
    for (let index = 0; index < below.rows.length; index++) {
      if (!below.first[index] || (probabilities[index] ?? 0) < threshold) continue;
      let last = index;
      while (last + 1 < below.rows.length && !below.first[last + 1] && (probabilities[last + 1] ?? 0) >= threshold) last += 1;
      shown += 1;
      if (below.right[last]) right += 1;
    }
    console.log(`blocks over ${String(threshold)}: shown in ${((100 * shown) / cases).toFixed(1)} % of cases, right ${((100 * right) / Math.max(1, shown)).toFixed(1)} %`);
  }
}

main(process.argv[2]);
