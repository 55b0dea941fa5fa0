import * as valibot from "valibot";
import { FEATURE_NAMES } from "./candidateFeatures";
import { FOLLOWING_FEATURES } from "./followingLines";
import type { Ranker } from "./ranker";
import { NOTHING_BUCKETS, VOTE_GROUPS, type VoteWeights } from "./votes";

/** Everything that was fitted. The file is `models/recall/weights.json`; its card says on what. */
export interface RecallWeights {
  readonly version: 1;
  readonly votes: VoteWeights;
  readonly ranker: Ranker;
  /** For lines below the first: the first line's logit, then `FOLLOWING_FEATURES`. */
  readonly following: Ranker;
}

/** Name of the first feature of a following line. */
export const FIRST_LINE_LOGIT = "firstLineLogit";

const finite = valibot.pipe(valibot.number(), valibot.finite());
const numbers = (length: number) => valibot.pipe(valibot.array(finite), valibot.length(length));

/**
 * Checks a weights file. Throws a `valibot.ValiError` that names the part that is wrong: weights of other features
 * would give numbers that look like probabilities and are none.
 */
export function parseRecallWeights(json: unknown): RecallWeights {
  return valibot.parse(schema, json);
}

const groups = Object.fromEntries(Object.entries(VOTE_GROUPS).map(([group, length]) => [group, numbers(length)])) as Record<keyof typeof VOTE_GROUPS, ReturnType<typeof numbers>>;

const schema = valibot.object({
  version: valibot.literal(1),
  votes: valibot.object({ ...groups, nothing: numbers(NOTHING_BUCKETS) }),
  ranker: rankerOf(FEATURE_NAMES),
  following: rankerOf([FIRST_LINE_LOGIT, ...FOLLOWING_FEATURES]),
});

function rankerOf(names: readonly string[]) {
  const row = numbers(names.length);
  return valibot.pipe(
    valibot.object({
      features: valibot.pipe(valibot.array(valibot.string()), valibot.check((given) => given.join() === names.join(), "the weights belong to other features")),
      mean: row, scale: row, hidden: valibot.array(row), hiddenBias: valibot.array(finite), output: valibot.array(finite), direct: row, bias: finite,
    }),
    valibot.check(({ hidden, hiddenBias, output, scale }) => hidden.length === hiddenBias.length && hidden.length === output.length && scale.every((value) => value > 0), "the hidden layer's parts differ in length"),
  );
}
