/** Candidates of the fitting cases with their features, and blocks below them. */
import { FEATURE_NAMES, describeCandidates } from "../../../src/core/recall/candidateFeatures";
import { FOLLOWING_FEATURES } from "../../../src/core/recall/followingLines";
import { probabilityOf, logit, type Ranker } from "../../../src/core/recall/ranker";
import { findContinuations } from "../../../src/core/recall/recall";
import type { VoteWeights } from "../../../src/core/recall/votes";
import { FIRST_LINE_LOGIT } from "../../../src/core/recall/weights";
import { eachCase, type FittingCase, type History } from "./caseData";
import type { NetworkData } from "./fitNetwork";

/** A case that was asked: its candidates are the rows from `start` on. */
export interface AskedCase {
  readonly one: FittingCase;
  readonly history: string;
  readonly start: number;
  readonly count: number;
}

interface Block {
  readonly features: readonly number[];
  readonly lines: readonly { readonly text: string; readonly features: readonly number[] }[];
}

/** Gathers candidates of all cases for the ranker. Blocks below are looked at for candidates that the vote likes. */
export class RankerData {
  readonly rows: Float64Array[] = [];
  readonly right: boolean[] = [];
  readonly group: string[] = [];
  readonly cases: AskedCase[] = [];
  readonly #blocks: (Block | undefined)[] = [];

  add(history: History, votes: VoteWeights): void {
    for (const { one, snapshot } of eachCase(history)) {
      const { line, context, below } = findContinuations(snapshot, history.corpus, { votes });
      const features = describeCandidates(line, context);
      this.cases.push({ one, history: history.name, start: this.rows.length, count: features.length });
      for (const [index, row] of features.entries()) {
        const candidate = line.candidates[index];
        this.rows.push(row);
        this.right.push(candidate?.text.trimEnd() === one.expected);
        this.group.push(history.name);
        this.#blocks.push(candidate && index < 3 && candidate.logProbability > -1.6 ? { features: [...row], lines: below(candidate) } : undefined);
      }
    }
  }

  network(): NetworkData {
    return { names: FEATURE_NAMES, rows: this.rows, right: this.right, group: this.group };
  }

  /** Lines below the candidate that would be shown, with whether everything up to each line was right. */
  following(probabilities: readonly number[], least: number): NetworkData & { readonly first: readonly boolean[] } {
    const data = { names: [FIRST_LINE_LOGIT, ...FOLLOWING_FEATURES], rows: [] as number[][], right: [] as boolean[], group: [] as string[], first: [] as boolean[] };
    for (const asked of this.cases) {
      const best = bestOf(asked, probabilities);
      const probability = probabilities[best] ?? 0;
      const block = this.#blocks[best];
      if (!block || probability < least) continue;
      let right = this.right[best] ?? false;
      for (const [index, line] of block.lines.entries()) {
        right &&= line.text.trimEnd() === (asked.one.following[index] ?? "\n");
        data.rows.push([logit(probability), ...line.features]);
        data.right.push(right);
        data.group.push(asked.history);
        data.first.push(index === 0);
      }
    }
    return data;
  }
}

/** Index of the row that is shown of a case. */
export function bestOf({ start, count }: AskedCase, probabilities: readonly number[]): number {
  let best = start;
  for (let row = start; row < start + count; row++) if ((probabilities[row] ?? 0) > (probabilities[best] ?? 0)) best = row;
  return best;
}

/** Probabilities of all rows by one ranker. */
export function probabilitiesBy(ranker: Ranker, rows: readonly ArrayLike<number>[]): number[] {
  return rows.map((row) => probabilityOf(row, ranker));
}
