import type { CompleteResult } from "../../protocol/engine";

/**
 * What the engine would have answered at a threshold, from its answer with the gate off. Decoding is greedy, so the
 * answer at a threshold is the same tokens up to the one at which the running product falls below it. The one thing that
 * cannot be known: where the tokens or the time had run out, whether the token after them would have been sure enough.
 */
export function resultAtThreshold(result: CompleteResult, threshold: number): CompleteResult {
  let product = 1;
  for (const [taken, token] of result.tokens.entries()) {
    product *= token.probability;
    if (!(product >= threshold)) return unsureAfter(result, taken);
  }
  const endIsUnsure = result.endProbability !== null && !(product * result.endProbability >= threshold);
  return endIsUnsure ? unsureAfter(result, result.tokens.length) : result;
}

function unsureAfter(result: CompleteResult, taken: number): CompleteResult {
  return { ...result, tokens: result.tokens.slice(0, taken), generatedTokens: taken, stop: "unsure", endProbability: null };
}
